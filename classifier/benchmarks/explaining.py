"""What a map of where a network sees something costs: the time of each, and the memory of the network opened for it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

from classifier.network.activation import Explainer
from classifier.network.definition import NetworkSpec
from classifier.pictures.prepare import views_of

CLASSES = tuple(range(151, 269))  # dogs, in ImageNet's order: as many as a category has


@dataclass(frozen=True)
class ExplainingCost:
    """Of one runtime. `map_ms` is by the clock and `map_cpu_ms` of all cores together, each a median."""

    opening_s: float
    opening_mb: float
    map_ms: float
    map_cpu_ms: float


def measure_explaining(
    spec: NetworkSpec, cache_dir: Path, photos: Sequence[Path], runtime: str, views: int = 2
) -> ExplainingCost:
    """Open a network as a worker does once somebody asks, and map photos one by one."""
    before, began = _resident_mb(), time.perf_counter()
    explainer = Explainer.load(spec, cache_dir, views, runtime)
    opening_s = time.perf_counter() - began
    costs = []
    for photo in photos:
        with Image.open(photo) as image:
            picture = image.convert("RGB")
        picture.thumbnail((480, 480))
        wall, cpu = time.perf_counter(), time.process_time()
        seen = explainer.look(views_of(picture, picture, explainer.framing), picture.size)
        seen.category_map(CLASSES)
        costs.append((1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)))
    wall_ms, cpu_ms = (median(column) for column in np.array(costs).T.tolist())
    return ExplainingCost(opening_s, _resident_mb() - before, wall_ms, cpu_ms)


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6
