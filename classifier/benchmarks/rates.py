"""How fast this machine classifies, beside what it could reach at best and what a plain loop does."""

import contextlib
import gc
import itertools
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from classifier.cores import cores
from classifier.network.inference import Classifier
from classifier.network.runtime import has_cuda_driver
from classifier.pictures.prepare import Framing, prepare, read
from classifier.pipeline import drain
from classifier.work import Job, Outcome, UnreadablePhoto, WorkSource

# Measures take turns this often and the medians count, so that a machine that slows down slows all of them.
ROUNDS = 5
NETWORK_ROUND_S = 2.0
LOOP_PHOTOS = 16
NETWORK_PHOTOS = 64


@dataclass(frozen=True)
class Benchmark:
    """Rates in photos per second. `limit` is what preparing and the network, each measured alone, allow together."""

    device: str
    photos: int
    views: int
    prepare: float
    network: float
    limit: float
    whole: float
    loop: float
    ratio: float  # whole / limit
    speedup: float  # whole / loop
    peak_mb: float


@dataclass(frozen=True)
class MemoryUse:
    """Megabytes resident after the first 1,000 photos and after 3,000."""

    after_1000_mb: float
    after_3000_mb: float


class FileSource:
    """Photos of a list of files, each claimed once; results are counted and let go."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._waiting = iter(file_jobs(paths))
        self.finished = 0

    def claim(self, limit: int, but_of: AbstractSet[int] = frozenset()) -> Sequence[Job]:
        """The next jobs."""
        return list(itertools.islice(self._waiting, limit))

    def finish(self, outcomes: Sequence[Outcome]) -> None:
        """Count the results."""
        self.finished += len(outcomes)

    def renew(self, jobs: Sequence[Job]) -> None:
        """Do nothing: nobody else claims these files."""

    def release(self, jobs: Sequence[Job]) -> None:
        """Take jobs back."""
        self._waiting = itertools.chain(jobs, self._waiting)


def file_jobs(paths: Sequence[Path]) -> Iterator[Job]:
    """Jobs that read the files, numbered from 1."""
    for number, path in enumerate(paths, start=1):
        yield Job(number, path.name, _opener(path))


def bench(
    paths: Sequence[Path],
    classifier: Classifier,
    make_source: Callable[[Sequence[Path]], WorkSource] = FileSource,
    *,
    rounds: int = ROUNDS,
    hang_up: Callable[[], None] = lambda: None,
) -> Benchmark:
    """Measure preparing alone, the network alone, the whole path and a plain loop, in turns.

    `make_source` gives a fresh source of the same photos for each run of the whole path. Raises ValueError where no
    photo can be read.
    """
    _forget_peak()
    views = _some_views(paths, classifier.framing)
    prepares, networks, wholes, loops = [], [], [], []
    with _PlainLoop(paths[:LOOP_PHOTOS], classifier) as loop:
        classifier.classify(views[: classifier.batch])
        for _ in range(rounds):
            prepares.append(_prepare_rate(paths, classifier.framing))
            networks.append(_network_rate(views, classifier))
            wholes.append(_whole_rate(paths, classifier, make_source(paths), hang_up))
            loops.append(loop.rate())
    prepared, network, whole, plain = map(statistics.median, (prepares, networks, wholes, loops))
    # On a CPU both share the cores, so their times add up; beside a GPU the slower of the two decides.
    on_gpu = "torch" in classifier.device and has_cuda_driver()
    limit = min(prepared, network) if on_gpu else 1 / (1 / prepared + 1 / network)
    return Benchmark(
        device=f"{classifier.device}, {cores()} cores",
        photos=len(paths),
        views=classifier.framing.views,
        prepare=prepared,
        network=network,
        limit=limit,
        whole=whole,
        loop=plain,
        ratio=whole / limit,
        speedup=whole / plain,
        peak_mb=_peak_mb(),
    )


def measure_memory(paths: Sequence[Path], classifier: Classifier) -> MemoryUse:
    """Classify the photos over and over, 3,000 in all, and see what stays resident."""
    resident = []
    for photos in (1000, 2000):
        drain(FileSource(list(itertools.islice(itertools.cycle(paths), photos))), classifier, threading.Event())
        gc.collect()
        resident.append(_resident_mb())
    return MemoryUse(*resident)


def _opener(path: Path) -> Callable[[], BinaryIO]:
    return lambda: path.open("rb")


def _prepared(path: Path, framing: Framing) -> np.ndarray | None:
    try:
        with path.open("rb") as file:
            return prepare(read(file), framing)[1]
    except UnreadablePhoto:
        return None


def _some_views(paths: Sequence[Path], framing: Framing) -> np.ndarray:
    """(≤ 64, views, px, px, 3) uint8 of the first photos that can be read."""
    readable = (views for path in paths if (views := _prepared(path, framing)) is not None)
    found = list(itertools.islice(readable, NETWORK_PHOTOS))
    if not found:
        raise ValueError("none of the files is a photo that can be read")
    return np.stack(list(itertools.islice(itertools.cycle(found), NETWORK_PHOTOS)))


def _prepare_rate(paths: Sequence[Path], framing: Framing) -> float:
    with ThreadPoolExecutor(cores()) as pool:
        start = time.perf_counter()
        for _ in pool.map(lambda path: _prepared(path, framing) is not None, paths):
            pass
        return len(paths) / (time.perf_counter() - start)


def _network_rate(views: np.ndarray, classifier: Classifier) -> float:
    batches = [views[i : i + classifier.batch] for i in range(0, len(views), classifier.batch)]
    classified, start = 0, time.perf_counter()
    for batch in itertools.cycle(batches):
        classified += len(classifier.classify(batch))
        seconds = time.perf_counter() - start
        if seconds > NETWORK_ROUND_S:
            return classified / seconds
    raise AssertionError("there is at least one batch")


def _whole_rate(
    paths: Sequence[Path], classifier: Classifier, source: WorkSource, hang_up: Callable[[], None]
) -> float:
    start = time.perf_counter()
    drain(source, classifier, threading.Event(), hang_up=hang_up)
    return len(paths) / (time.perf_counter() - start)


def _forget_peak() -> None:
    """Begin the peak anew where the system can, so that what came before, such as making photos, is not counted."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_mb() -> float:
    """Most that was resident since the peak was forgotten, or ever where the system cannot forget."""
    status = Path("/proc/self/status")
    if status.exists():
        kept = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE)
        if kept:
            return int(kept[1]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e6 / 1024)  # bytes there, KiB elsewhere


def _resident_mb() -> float:
    """What is resident now; the peak where the system does not say."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return _peak_mb()
    return int(statm.read_text().split()[1]) * resource.getpagesize() / 1e6


class _PlainLoop:
    """What one would write first, in a process of its own, so that its memory is not counted here."""

    def __init__(self, paths: Sequence[Path], classifier: Classifier) -> None:
        order = {"spec": asdict(classifier.spec), "paths": [str(path.resolve()) for path in paths]}
        here = str(Path(__file__).resolve().parent.parent.parent)
        known = os.environ.get("PYTHONPATH", "")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "classifier.benchmarks.plain_loop"],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in (here, known) if path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._say(json.dumps(order))

    def __enter__(self) -> "_PlainLoop":
        self._answer()  # it is ready
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def rate(self) -> float:
        """Photos per second of one run over its photos."""
        self._say("")
        return self._answer()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _answer(self) -> float:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the plain loop ended early; its error is above")
        return float(line)
