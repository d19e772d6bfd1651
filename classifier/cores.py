"""How many cores there are to work with."""

import os
from pathlib import Path

# Source: Linux, cgroup-v2.rst
CONTROL_GROUPS = Path("/sys/fs/cgroup")
OURS = Path("/proc/self/cgroup")  # one of them, as "0::/path"


def cores() -> int:
    """Count the cores this process may use: a container, a service or `taskset` may give it fewer than the machine has.

    As many threads as the machine has cores, on two of them, would leave next to nothing to the pages served beside.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, _quota(allowed)))


def _quota(otherwise: int) -> int:
    """The whole cores' worth of time that this process is given, `otherwise` where nothing bounds it."""
    try:
        ours = OURS.read_text().strip().rpartition("::/")[2]
        given_us, _, of_us = (CONTROL_GROUPS / ours / "cpu.max").read_text().partition(" ")
        return round(int(given_us) / int(of_us))
    except (OSError, ValueError, ZeroDivisionError):  # not Linux, an older one, or "max"
        return otherwise
