"""What holds for the tree as a whole."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.conftest import begin_with

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("fathom", "pictograph", "classifier", "taxonomy")
LONGEST_FILE_LINES = 400
PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[a-z0-9,_-]+\])?==[0-9][A-Za-z0-9.+!]*")

# What a browser fetches by itself; a plain link to another site is no such thing.
LOADS_FROM_ELSEWHERE = re.compile(
    r"""<(?:script|img|link|iframe|source|video|audio|object|use)\b[^>]*\b(?:src|href|srcset|data)\s*=\s*["']?(?:https?:)?//
      | url\(\s*["']?(?:https?:)?//
      | @import\s+["'](?:https?:)?//
      | \b(?:fetch|import|importScripts|WebSocket|EventSource|Worker)\(\s*["'`](?:https?:|wss?:)?//
      | \bfrom\s+["'](?:https?:)?//""",
    re.VERBOSE | re.IGNORECASE,
)

SERVE_PAGES = """
import sys

import pictograph.asgi
from django.contrib.auth import get_user_model
from django.test import Client

client = Client()
client.force_login(get_user_model().objects.create_superuser("someone"))
for page in ("/", "/healthz", "/import/", "/photos/", "/photos/c/", "/pictograph/", "/admin/"):
    assert client.get(page).status_code == 200, page
print(*sorted({"torch", "torchvision", "timm", "openvino"} & set(sys.modules)))
"""


def python_files() -> Iterator[Path]:
    for folder in (*PACKAGES, "tests"):
        yield from (file for file in (ROOT / folder).rglob("*.py") if "migrations" not in file.parts)


@pytest.mark.parametrize("name", sorted(file.name for file in ROOT.glob("requirements*.txt")))
def test_every_requirement_is_pinned_to_one_version(name: str) -> None:
    lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines()]
    requirements = [line for line in lines if line and line != "-r requirements.txt"]
    assert requirements
    assert [line for line in requirements if not PINNED.fullmatch(line)] == []


def test_the_example_of_settings_lists_every_variable_that_is_read_and_no_other() -> None:
    read = set(re.findall(r'\benv(?:\.\w+)?\(\s*"([A-Z_]+)"', (ROOT / "pictograph" / "settings.py").read_text()))
    listed = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert set(listed) == read


def test_a_wrong_setting_stops_the_start_with_its_name(tmp_path: Path) -> None:
    start = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path), "PORT": "eighty"},
        capture_output=True,
        text=True,
    )
    assert start.returncode != 0
    assert "PORT" in start.stderr.splitlines()[-1]


def test_pages_load_nothing_from_another_host() -> None:
    files = [
        file
        for folder in ("templates", "static")
        for file in (ROOT / folder).rglob("*")
        if file.suffix in {".html", ".css", ".js", ".svg", ".txt", ".webmanifest"}
    ]
    assert files
    assert {str(file.relative_to(ROOT)): found[0] for file in files if (found := find_load(file.read_text()))} == {}


def find_load(text: str) -> re.Match[str] | None:
    return LOADS_FROM_ELSEWHERE.search(text)


@pytest.mark.parametrize(
    "text",
    [
        '<script defer src="https://cdn.example/htmx.js">',
        "<link rel=stylesheet href=//fonts.example/a.css>",
        "src: url('https://fonts.example/a.woff2')",
        'import { a } from "https://cdn.example/a.js"',
        "fetch(`https://api.example/`)",
    ],
)
def test_a_load_from_another_host_would_be_found(text: str) -> None:
    assert find_load(text)


def test_every_icon_is_drawn_and_used() -> None:
    drawn = set(re.findall(r'<symbol id="(\w+)"', (ROOT / "static/img/icons.svg").read_text()))
    pages = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    assert drawn == set(re.findall(r'_icon.html" with name="(\w+)"', pages))


def test_no_python_file_is_too_long_to_read() -> None:
    lengths = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in python_files()}
    assert lengths
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE_LINES} == {}


def test_a_web_process_never_imports_the_network_libraries(begun: Path, tmp_path: Path) -> None:
    begin_with(begun, tmp_path / "var")
    database = f"sqlite:///{tmp_path / 'var' / 'db.sqlite3'}"
    serving = subprocess.run(
        [sys.executable, "-c", SERVE_PAGES],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path / "var"), "DATABASE_URL": database, "ALLOWED_HOSTS": "*"},
        capture_output=True,
        text=True,
    )
    assert serving.returncode == 0, serving.stderr
    assert serving.stdout.strip() == ""


def test_the_cluster_runs_commands_that_exist() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    assert {"postgres", "redis", "web", "worker", "beat"} <= set(services)
    commands = {
        command
        for service in services.values()
        for command in re.findall(r"manage\.py (\w+)", service.get("command", ""))
    }
    own = {file.stem for file in (ROOT / "pictograph" / "management" / "commands").glob("*.py")}
    assert commands <= own | {"migrate", "collectstatic"}
    assert "work" in commands


def test_the_licence_is_complete_and_the_readme_starts_with_the_two_commands() -> None:
    licence = (ROOT / "LICENSE").read_text()
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    opening = (ROOT / "README.md").read_text()[:1200]
    assert "make run" in opening
    assert "make test" in opening


def test_the_layers_are_held_by_contracts() -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(contract["layers"] for contract in linter["contracts"] if contract["type"] == "layers")
    assert layers == list(PACKAGES)
