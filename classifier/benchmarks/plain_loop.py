"""The plain way to classify photos, to compare with: whole pictures by Pillow, eager torch, one at a time.

Run as a process: a line of JSON with the network and the paths comes in, then one line for each run that is wanted;
photos per second go out.
"""

import json
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from classifier.network.conversion import read_spec
from classifier.network.definition import create_network


def main() -> None:
    """Answer each line until there are no more."""
    import torch

    order = json.loads(sys.stdin.readline())
    spec = read_spec(order["spec"])
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = create_network(spec).to(device)

    def classify(path: str) -> Any:
        with Image.open(path) as opened:
            image = ImageOps.exif_transpose(opened).convert("RGB")
        scale = spec.input_px / spec.crop_pct / min(image.size)
        image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC)
        image = ImageOps.fit(image, (spec.input_px, spec.input_px), Image.Resampling.BICUBIC)
        pixels = torch.from_numpy(np.array(image)).to(device).permute(2, 0, 1).float() / 255
        mean, std = (torch.tensor(values, device=device).view(3, 1, 1) for values in (spec.mean, spec.std))
        with torch.inference_mode():
            return network(((pixels - mean) / std)[None])[0].softmax(1).cpu()

    _answer(0.0)
    for _ in sys.stdin:
        _answer(_rate(classify, order["paths"]))


def _rate(classify: Any, paths: Sequence[str]) -> float:
    classified, start = 0, time.perf_counter()
    for path in paths:
        try:
            classify(path)
        except OSError:  # a broken file costs the plain loop nothing
            continue
        classified += 1
    return classified / (time.perf_counter() - start)


def _answer(number: float) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
