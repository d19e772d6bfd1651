"""How many cores there are to work with."""

import os
from pathlib import Path

CPU_MAX = Path("/sys/fs/cgroup/cpu.max")  # of the container this runs in; Source: Linux, cgroup-v2.rst


def cores() -> int:
    """Count the cores this process may use: a container or `taskset` may give it fewer than the machine has.

    As many threads as the machine has cores, on two of them, would leave next to nothing to the pages served beside.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, _quota(allowed)))


def _quota(otherwise: int) -> int:
    """The whole cores' worth of time that a container is given, `otherwise` where nothing bounds it."""
    try:
        given_us, _, of_us = CPU_MAX.read_text().partition(" ")
        return round(int(given_us) / int(of_us))
    except (OSError, ValueError, ZeroDivisionError):  # not Linux, an older one, or "max"
        return otherwise
