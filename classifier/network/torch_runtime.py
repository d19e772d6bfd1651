"""The network in torch: on a GPU if there is one, else on the CPU."""

from typing import Any

import numpy as np

from classifier.network.definition import NetworkSpec, create_network

# One batch fills a GPU well from here on; on a CPU larger batches only fall out of the cache.
GPU_BATCH = 64
CPU_BATCH = 8


class TorchRuntime:
    """Runs a network with torch in channels-last layout; bfloat16 on a GPU unless told otherwise."""

    def __init__(self, spec: NetworkSpec, precision: str = "auto", threads: int | None = None) -> None:
        import torch

        self._torch: Any = torch
        on_gpu = torch.cuda.is_available()
        if threads is not None and not on_gpu:
            torch.set_num_threads(threads)
        self._device = torch.device("cuda" if on_gpu else "cpu")
        self._is_bf16 = precision == "bf16" or (precision == "auto" and on_gpu and torch.cuda.is_bf16_supported())
        self._network = create_network(spec).to(self._device, memory_format=torch.channels_last)
        scale = torch.tensor(spec.std, device=self._device) * 255
        offset = torch.tensor(spec.mean, device=self._device) * 255
        self._scale, self._offset = scale.view(1, 3, 1, 1), offset.view(1, 3, 1, 1)
        self.best_batch = GPU_BATCH if on_gpu else CPU_BATCH
        name = torch.cuda.get_device_name() if on_gpu else "CPU"
        self.device = f"{name}, torch {'bf16' if self._is_bf16 else 'f32'}"

    def run(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """From uint8 (batch, px, px, 3) to logits (batch, classes) and embeddings (batch, d), both float32."""
        torch = self._torch
        with torch.inference_mode(), torch.autocast(self._device.type, torch.bfloat16, enabled=self._is_bf16):
            batch = torch.from_numpy(np.ascontiguousarray(pixels)).to(self._device)
            batch = batch.permute(0, 3, 1, 2)  # (batch, 3, px, px), channels last in memory
            normal = (batch.float() - self._offset) / self._scale
            logits, embeddings = self._network(normal)
        return logits.float().cpu().numpy(), embeddings.float().cpu().numpy()
