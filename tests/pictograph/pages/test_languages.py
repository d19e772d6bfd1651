"""Pages speak the language of whoever reads them, numbers and dates included."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from channels.db import database_sync_to_async
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import override

from classifier.work import Reason
from pictograph.catalogue.certainty import say
from pictograph.catalogue.snapshot import browsing
from pictograph.models import Photo, User
from pictograph.photos.publishing import publish
from pictograph.photos.tags import file_size, whole_percent
from tests.factories import BEAGLE, PhotoFactory, UserFactory, make_library
from tests.pictograph.live.test_live import OpenPage
from tests.pictograph.shares.making import share_of

ROOT = Path(__file__).resolve().parents[3]
GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
SPOKEN = {"aria-label", "alt", "title", "placeholder", "data-none", "data-one", "data-other", "data-cut", "data-say"}
ENGLISH = re.compile(r"\b(the|you|your|of|and|is|are|in all|photos?|names|yet|with|back|all|more)\b", re.IGNORECASE)


class Spoken(HTMLParser):
    """What a page says, read aloud or seen, and the values of its styles and sizes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.styles: list[str] = []
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.texts += [value for name, value in attrs if name in SPOKEN and value]
        self.styles += [value for name, value in attrs if name in ("style", "sizes") and value]

    def handle_data(self, data: str) -> None:
        if self._inside not in ("script", "style", "code") and data.strip():
            self.texts.append(data.strip())


def english_in(html: str) -> list[str]:
    """What a page says in English; names of categories are not part of the interface."""
    names = [category.name for category in browsing().categories.values() if ENGLISH.search(category.name)]
    anywhere = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))), re.IGNORECASE)
    return [text for text in Spoken(html).texts if ENGLISH.search(anywhere.sub("", text))]


@pytest.fixture
def anna(user: User) -> Client:
    make_library(user)
    PhotoFactory(owner=user, state=Photo.State.FAILED, failure=Reason.EMPTY)
    user.is_staff = user.is_superuser = True
    user.save()
    client = Client(headers=GERMAN)
    client.force_login(user)
    return client


def pages_of(user: User) -> dict[str, str]:
    photo = Photo.objects.owned_by(user).classified().newest_first()[0]
    return {
        "Bibliothek": reverse("library"),
        "Kategorien": reverse("categories"),
        "Sicherste zuerst": f"{reverse('categories')}dogs-n02084071/",
        "Was du fotografierst": reverse("pictograph"),
        "Alles andere": reverse("pictograph_rest"),
        "Fotos importieren": reverse("import"),
        "Noch einmal versuchen": reverse("import"),
        "Kamera oder Handy": f"{reverse('photo', args=[failed_photo(user).pk])}",
        "Über die Datei": reverse("photo", args=[photo.pk]),
        "In keiner Kategorie": reverse("unnamed"),
        "Kein Foto wird vermisst": reverse("missing"),
        "Ordner auf dem Server": reverse("folders"),
        "Dein Konto löschen?": reverse("delete_account"),
        "Deine E-Mail": reverse("account_email"),
        "Passwort ändern": reverse("account_change_password"),
    }


def pages_of_the_network() -> dict[str, str]:
    return {
        "Was alle fotografieren": reverse("explore"),
        "Meiste Fotos": reverse("people"),
        "Mit mir vergleichen": reverse("person", args=["ben"]),
        "Fotos von allen": reverse("network_library"),
        "Der Pictograph von allen": reverse("network_pictograph"),
        "Wer sie am meisten fotografiert": reverse("network_category", args=[browsing().categories["n02084071"]]),
        "Wo fotografiert wird": reverse("network_map"),
        "Dir am ähnlichsten": reverse("likeness"),
        "Auf beiden Seiten": reverse("compare", args=["you", "ben"]),
        "Wähle zwei verschiedene Jahre": reverse("compare", args=["you", "you"]) + "?one=2022&other=2022",
        "Was du am meisten fotografierst": reverse("search"),
        "24.–26. Dezember, jedes Jahr": reverse("search") + "?q=christmas",
        "Kein Foto mit „xyzzy“, „qwertz“": reverse("search") + "?q=xyzzy,qwertz",
        "Finde Fotos, die einem Bild": reverse("similar_to_image"),
        "Noch keine Alben": reverse("albums"),
        "Noch keine Orte": reverse("own_map"),
        "Was sich geändert hat": reverse("look_back", args=[2023]),
        "Alles, was du jetzt hast": reverse("publish"),
        "40 Fotos veröffentlichen?": reverse("publish") + "?what=everything",
        "Fremde sehen nichts": reverse("as_stranger"),
        "Öffentlicher Name": reverse("profile"),
        "endet am 3. Mai 2030, 14:00": reverse("shares"),
        "Der Link endet": reverse("share_new"),
    }


def failed_photo(user: User) -> Photo:
    photo, _ = Photo.objects.update_or_create(
        owner=user, state=Photo.State.FAILED, defaults={"failure": Reason.DAMAGED, "is_due": False}
    )
    return photo


def test_every_page_is_german_for_a_german_browser(anna: Client, user: User) -> None:
    for words, url in pages_of(user).items():
        response = anna.get(url)
        html = response.content.decode()
        assert '<html lang="de">' in html, url
        assert words in html, url
        assert "Accept-Language" in response["Vary"], url
        assert english_in(html) == [], url


def test_every_page_of_the_network_is_german_too(anna: Client, user: User) -> None:
    ben = UserFactory(username="ben", handle="ben")
    make_library(ben)
    publish(Photo.objects.owned_by(ben), is_public=True)
    share_of(user, expires_at=datetime(2030, 5, 3, 14, tzinfo=UTC))
    for words, url in pages_of_the_network().items():
        html = anna.get(url).content.decode()
        assert words in html, url
        assert english_in(html) == [], url


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("home", "Sieh, was du fotografierst"),
        ("account_login", "Willkommen zurück"),
        ("account_signup", "Konto anlegen"),
        ("account_reset_password", "Passwort vergessen?"),
    ],
)
def test_pages_of_visitors_are_german_too(name: str, words: str, client: Client, user: User) -> None:
    response = client.get(reverse(name), headers=GERMAN)
    html = response.content.decode()
    assert words in html
    assert "Accept-Language" in response["Vary"]
    assert english_in(html) == []


def test_a_page_that_is_not_there_says_so_in_german(client: Client, user: User) -> None:
    response = client.get("/nothing/", headers=GERMAN)
    assert response.status_code == 404
    assert "Das gibt es hier nicht" in response.content.decode()


@pytest.mark.parametrize("asked", ["en-US,en;q=0.9", "en-GB", "fr", ""])
def test_other_browsers_get_english(asked: str, client: Client, user: User) -> None:
    html = client.get("/", headers={"Accept-Language": asked}).content.decode()
    assert '<html lang="en-gb">' in html
    assert "See what you photograph" in html


def test_sizes_and_places_are_written_as_css_reads_them_in_every_language(anna: Client, user: User) -> None:
    styles = []
    for url in pages_of(user).values():
        styles += Spoken(anna.get(url).content.decode()).styles
    assert any("." in style for style in styles)
    assert [style for style in styles if re.search(r"\d,\d", style)] == []


def test_dates_and_shares_are_written_as_the_language_writes_them(anna: Client, user: User) -> None:
    photo = Photo.objects.owned_by(user).classified().newest_first()[0]
    url = reverse("photo", args=[photo.pk])
    assert re.search(r"\d\. Juni 2023", anna.get(url).content.decode())
    english = anna.get(url, headers={"Accept-Language": "en"}).content.decode()
    assert re.search(r"\d June 2023", english)
    with override("de"):
        assert whole_percent(0.41) == "41\u00a0%"
    assert whole_percent(0.41) == "41%"


@pytest.mark.parametrize(
    ("size_bytes", "english", "german"),
    [
        (1, "1 byte", "1 Byte"),
        (999, "999 bytes", "999 Byte"),
        (139_400, "139 kB", "139 kB"),
        (999_400, "999 kB", "999 kB"),
        (999_600, "1.0 MB", "1,0 MB"),
        (1_039_565, "1.0 MB", "1,0 MB"),
        (999_960_000, "1.0 GB", "1,0 GB"),
        (12_345_600_000, "12.3 GB", "12,3 GB"),
    ],
)
def test_a_size_is_written_in_the_unit_that_keeps_it_short(size_bytes: int, english: str, german: str) -> None:
    assert file_size(size_bytes) == english
    with override("de"):
        assert file_size(size_bytes).replace("\u00a0", " ") == german


def test_only_where_pages_are_not_in_english_the_dial_says_that_names_are(client: Client, user: User) -> None:
    client.force_login(user)
    categories = reverse("categories")
    assert "Die Namen selbst sind englisch." in client.get(categories, headers=GERMAN).content.decode()
    assert "in English" not in client.get(categories).content.decode()


def test_a_name_is_said_without_its_english_article_elsewhere(db: None) -> None:
    said = say(BEAGLE, 0.99, network=None)
    assert said is not None
    assert said.words.endswith("a beagle")
    with override("de"):
        assert said.words.endswith(": beagles")


@pytest.mark.django_db(transaction=True)
async def test_live_updates_speak_the_language_of_the_page() -> None:
    user = await database_sync_to_async(UserFactory)()
    await database_sync_to_async(PhotoFactory)(owner=user)
    page = OpenPage(user, "view=import")
    page.scope["headers"] = [(b"accept-language", b"de")]
    await page.connect()
    assert "Fortschritt" in await page.receive()
    await page.close()


def test_a_language_that_is_set_is_the_only_one(tmp_path: Path) -> None:
    asks = (
        "import django; django.setup(); from pictograph.pages.language import language_asked; "
        "print(language_asked([(b'accept-language', b'en')]))"
    )
    settings = {"DJANGO_SETTINGS_MODULE": "pictograph.settings", "SITE_LANGUAGE": "de", "DATA_DIR": str(tmp_path)}
    answer = subprocess.run(
        [sys.executable, "-c", asks], cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "de"


@pytest.mark.parametrize(
    ("language", "written"), [("en", "6 May 2021, 17:08"), ("en-gb", "6 May 2021, 17:08"), ("de", "6. Mai 2021 17:08")]
)
def test_moments_are_written_in_one_way(language: str, written: str) -> None:
    with override(language):
        assert date_format(datetime(2021, 5, 6, 17, 8, tzinfo=UTC), "DATETIME_FORMAT") == written
