"""The one interface of a network that is ready to run, and the choice between its two forms."""

import ctypes
import os
from pathlib import Path
from typing import Protocol

import numpy as np

from classifier.cores import cores
from classifier.network.definition import NetworkSpec

RUNTIMES = ("auto", "torch", "openvino")
PRECISIONS = ("auto", "f32", "bf16")


class Runtime(Protocol):
    """A loaded network. `best_batch` is the rows per call at which it is fastest; any number of rows works."""

    best_batch: int
    device: str  # in words, for people

    def run(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """From uint8 (batch, px, px, 3) to logits (batch, classes) and embeddings (batch, d), both float32."""


def open_runtime(
    spec: NetworkSpec, cache_dir: Path, runtime: str = "auto", precision: str = "auto", threads: int | None = None
) -> Runtime:
    """Load the network: in torch on a GPU, else converted by OpenVINO; `runtime` names either.

    `cache_dir` keeps the converted form. `threads` limits the cores used on a CPU; where this process may not use all
    of the machine's, to those it may. Raises ValueError for a name that is not in RUNTIMES or PRECISIONS.
    """
    if runtime not in RUNTIMES:
        raise ValueError(f"unknown runtime {runtime!r}: one of {', '.join(RUNTIMES)}")
    if precision not in PRECISIONS:
        raise ValueError(f"unknown precision {precision!r}: one of {', '.join(PRECISIONS)}")
    if threads is None and cores() < (os.cpu_count() or 1):  # the libraries themselves know which are worth using
        threads = cores()
    if is_torch(runtime):
        from classifier.network.torch_runtime import TorchRuntime

        return TorchRuntime(spec, precision, threads)
    from classifier.network.openvino_runtime import OpenVINORuntime

    return OpenVINORuntime(spec, cache_dir, precision, threads)


def precisions_of(runtime: str = "auto") -> tuple[str, ...]:
    """The precisions that networks can be run in here, the exact one first; what they say differs a little."""
    if is_torch(runtime):
        return ("f32", "bf16")
    from classifier.network.openvino_runtime import has_bf16

    return ("f32", "bf16") if has_bf16() else ("f32",)


def has_cuda_driver() -> bool:
    """Whether an NVIDIA driver sees a GPU, asked without importing torch, which takes seconds and 500 MB."""
    for library in ("libcuda.so.1", "nvcuda.dll"):
        try:
            driver = ctypes.CDLL(library)
        except OSError:
            continue
        devices = ctypes.c_int(0)
        return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(devices)) == 0 and devices.value > 0
    return False


def is_torch(runtime: str) -> bool:
    return runtime == "torch" or (runtime == "auto" and has_cuda_driver() and _torch_finds_cuda())


def _torch_finds_cuda() -> bool:
    import torch

    return bool(torch.cuda.is_available())
