"""As many photos are read at a time as there are cores to read them on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from classifier import cores as module
from classifier.cores import cores
from tests.conftest import REPOSITORY


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processes are not bound to cores here")
def test_a_process_bound_to_one_core_counts_one() -> None:
    one = min(os.sched_getaffinity(0))
    code = f"import os; os.sched_setaffinity(0, [{one}]); from classifier.cores import cores; print(cores())"
    said = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "1"


@pytest.mark.parametrize(
    ("quota", "expected"),
    [("100000 100000", 1), ("150000 100000", 2), ("10000 100000", 1), ("max 100000", 64), ("", 64), ("900 0", 64)],
)
def test_a_container_with_less_than_the_machine_counts_what_it_has(
    quota: str, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "system.slice" / "photos.service").mkdir(parents=True)
    (tmp_path / "system.slice" / "photos.service" / "cpu.max").write_text(quota)
    (tmp_path / "cgroup").write_text("0::/system.slice/photos.service\n")
    monkeypatch.setattr(module, "CONTROL_GROUPS", tmp_path)
    monkeypatch.setattr(module, "OURS", tmp_path / "cgroup")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    assert cores() == expected


def test_a_system_that_bounds_nothing_counts_its_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OURS", tmp_path / "nothing")
    assert 1 <= cores() <= (os.cpu_count() or 1)
