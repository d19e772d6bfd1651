"""All interface text can be translated, and all of it has been."""

import gettext
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import skip_or_fail

ROOT = Path(__file__).resolve().parent.parent
LOCALE = Path("pictograph", "locale")
CATALOGUES = sorted((ROOT / LOCALE).glob("*/LC_MESSAGES/django.po"))
NEVER_TRANSLATED = {"Pictograph", "px"}


@pytest.fixture
def needs_gettext() -> None:
    """Skip where GNU gettext is missing."""
    if shutil.which("xgettext") is None:
        skip_or_fail("GNU gettext is not installed")


def entries(catalogue: Path) -> set[str]:
    """The messages of a catalogue with their translations, without its header."""
    return set(catalogue.read_text().strip().split("\n\n")[1:])


def compiled(file: Path) -> dict[object, str]:
    """What a compiled catalogue says, without its header."""
    with file.open("rb") as stream:
        said: dict[object, str] = dict(vars(gettext.GNUTranslations(stream))["_catalog"])
    return {message: words for message, words in said.items() if message}


def test_there_is_a_second_language() -> None:
    assert [catalogue.parts[-3] for catalogue in CATALOGUES] == ["de"]


def test_the_catalogues_hold_exactly_the_text_of_code_and_templates(tmp_path: Path, needs_gettext: None) -> None:
    command = re.search(r"manage\.py (makemessages .+)", (ROOT / "README.md").read_text())
    assert command is not None
    copy = tmp_path / "project"
    for folder in ("fathom", "pictograph", "classifier", "taxonomy", "templates"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", "data"))
    shutil.copy(ROOT / "manage.py", copy)
    subprocess.run([sys.executable, "manage.py", *command[1].split()], cwd=copy, check=True, capture_output=True)
    for catalogue in CATALOGUES:
        assert entries(copy / catalogue.relative_to(ROOT)) == entries(catalogue)


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda catalogue: str(catalogue.parts[-3]))
def test_every_message_is_translated_for_certain(catalogue: Path) -> None:
    text = catalogue.read_text()
    assert "fuzzy" not in text
    assert "\n#~" not in text
    empty = re.compile(r'msgstr(\[\d\])? ""$(?!\n")', re.MULTILINE)  # a text of several lines begins with an empty one
    assert [entry for entry in entries(catalogue) if empty.search(entry)] == []


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda catalogue: str(catalogue.parts[-3]))
def test_the_compiled_catalogue_is_that_of_the_source(catalogue: Path, tmp_path: Path, needs_gettext: None) -> None:
    anew = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "--check-format", "-o", anew, catalogue], check=True)
    assert compiled(anew) == compiled(catalogue.with_suffix(".mo"))


def test_no_template_says_anything_that_cannot_be_translated() -> None:
    said = {file.relative_to(ROOT): untranslatable(file.read_text()) for file in (ROOT / "templates").rglob("*.*")}
    assert {file: texts for file, texts in said.items() if texts} == {}


def untranslatable(template: str) -> set[str]:
    """The words of a template that stand outside of tags for translations."""
    text = re.sub(r"{#.*?#}|<(svg|script|style)\b.*?</\1>|&\w+;", " ", template, flags=re.DOTALL)
    text = re.sub(r"{%\s*blocktranslate\b.*?{%\s*endblocktranslate\s*%}", " ", text, flags=re.DOTALL)
    text = re.sub(r"{%.*?%}|{{.*?}}", " ", text, flags=re.DOTALL)
    attributes = re.findall(r'\b(?:aria-label|alt|title|placeholder)="([^"]*)"', text)
    texts = re.split(r"<[^>]*>", text) + attributes
    return {word for one in texts for word in re.findall(r"[A-Za-z]{2,}", one)} - NEVER_TRANSLATED
