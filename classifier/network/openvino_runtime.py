"""The network converted by OpenVINO, the fast way on a CPU. Needs no torch once the converted form is kept."""

import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from classifier.network.definition import NetworkSpec

logger = logging.getLogger(__name__)

# Rows per call. Measured on two AVX-512 cores: 8 is fastest (594 photos/s against 545 at 4 and 542 at 64).
BATCH = 8
# Raise when conversion.py makes another graph of the same network.
GRAPH_VERSION = 1


def import_openvino() -> Any:
    """Import OpenVINO with its usage reports cut off; nothing else in the project imports it.

    Merely importing it reports to its makers unless the person has opted out: `openvino.tools.ovc` sends an event as
    it loads. It falls back to a stub that does nothing where `openvino_telemetry` cannot be imported.
    """
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino

    return openvino


class OpenVINORuntime:
    """Runs a converted network on `threads` cores, or all; in bfloat16 where the CPU has it, unless told otherwise."""

    best_batch = BATCH

    def __init__(self, spec: NetworkSpec, cache_dir: Path, precision: str = "auto", threads: int | None = None) -> None:
        openvino = import_openvino()
        core = openvino.Core()
        if precision == "auto":
            precision = "bf16" if _has_bf16(core) else "f32"
        options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision}
        if threads is not None:
            options["INFERENCE_NUM_THREADS"] = threads
        model = read_converted(core, spec, cache_dir)
        model.reshape([BATCH, spec.input_px, spec.input_px, 3])
        self._request = core.compile_model(model, "CPU", options).create_infer_request()
        self._padded = np.zeros((BATCH, spec.input_px, spec.input_px, 3), dtype=np.uint8)
        self.device = f"{core.get_property('CPU', 'FULL_DEVICE_NAME').strip()}, OpenVINO {precision}"

    def run(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """From uint8 (batch, px, px, 3) to logits (batch, classes) and embeddings (batch, d), both float32."""
        logits, embeddings = [], []
        for start in range(0, len(pixels), BATCH):
            rows = np.ascontiguousarray(pixels[start : start + BATCH])
            kept = len(rows)
            if kept < BATCH:  # the graph has a fixed shape, which is faster than one that bends
                self._padded[:kept] = rows
                rows = self._padded
            self._request.infer({0: rows}, share_inputs=True)
            logits.append(self._request.get_output_tensor(0).data[:kept].copy())
            embeddings.append(self._request.get_output_tensor(1).data[:kept].copy())
        return np.concatenate(logits), np.concatenate(embeddings)


def has_bf16() -> bool:
    """Whether this CPU has instructions for bfloat16; only then does OpenVINO use it."""
    return _has_bf16(import_openvino().Core())


def converted_folder(spec: NetworkSpec, cache_dir: Path, openvino_version: str) -> Path:
    """Where the converted form of exactly this network is kept."""
    known = json.dumps([asdict(spec) | {"weights": ""}, openvino_version, GRAPH_VERSION], sort_keys=True)
    return cache_dir / f"{spec.name}-{hashlib.sha256(known.encode()).hexdigest()[:16]}"


def _has_bf16(core: Any) -> bool:
    return "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def read_converted(core: Any, spec: NetworkSpec, cache_dir: Path) -> Any:
    """Read the kept form, making it first if it is missing or broken."""
    folder = converted_folder(spec, cache_dir, import_openvino().get_version())
    if not (folder / "network.xml").is_file():
        _convert_apart(spec, folder)
    try:
        return core.read_model(folder / "network.xml")
    except RuntimeError:
        logger.warning("The converted network in %s is broken; converting again.", folder)
        shutil.rmtree(folder, ignore_errors=True)
        _convert_apart(spec, folder)
        return core.read_model(folder / "network.xml")


def _convert_apart(spec: NetworkSpec, folder: Path) -> None:
    """Convert in a process of its own, so that this one never carries torch's memory.

    Raises RuntimeError with what the process said if it fails.
    """
    logger.info("Converting %s for this CPU, once.", spec.version)
    here = str(Path(__file__).resolve().parent.parent.parent)
    paths = os.pathsep.join(path for path in (here, os.environ.get("PYTHONPATH", "")) if path)
    finished = subprocess.run(
        [sys.executable, "-m", "classifier.network.conversion", json.dumps(asdict(spec)), str(folder)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise RuntimeError(f"Converting {spec.version} failed: {finished.stderr.strip()[-2000:]}")
