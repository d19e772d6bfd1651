"""Providers know neither the database nor a way to the network but the client they are given."""

import ast
from pathlib import Path

from tests.conftest import REPOSITORY

# import-linter sees to what they import by others; these are parts of packages that may be used, or used by the client.
FORBIDDEN = (
    "socket",
    "django.db",
    "django.contrib",
    "django.core.cache",
    "http.client",
    "urllib.request",
    "ssl",
    "asyncio",
)


def imported(file: Path) -> set[str]:
    """The names of all modules that a file imports, `from a import b` as both `a` and `a.b`."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return names


def test_no_provider_imports_the_database_or_opens_connections() -> None:
    files = list((REPOSITORY / "pictograph" / "providers").rglob("*.py"))
    assert files
    found = {
        (file.name, name)
        for file in files
        for name in imported(file)
        for forbidden in FORBIDDEN
        if name == forbidden or name.startswith(f"{forbidden}.")
    }
    assert found == set()


def test_no_provider_imports_another_room() -> None:
    for file in (REPOSITORY / "pictograph" / "providers").rglob("*.py"):
        rooms = {name.split(".")[1] for name in imported(file) if name.startswith("pictograph.")}
        assert rooms <= {"providers", "fetching"}, file.name
