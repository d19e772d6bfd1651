"""What a machine can say about access for everyone: axe finds nothing, on any page, in either theme, at either size."""

import pytest
from playwright.sync_api import Browser, Page

from pictograph.albums.contents import add_photos, album_named
from pictograph.people.models import User
from tests.e2e.access import SIZES, faults, faults_by_scheme
from tests.e2e.conftest import sign_in
from tests.factories import ImportFactory, PhotoFactory


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing(size: str, browser: Browser, base_url: str, library: User) -> None:
    library.is_staff = library.is_superuser = True
    library.save(update_fields=["is_staff", "is_superuser"])
    batch = ImportFactory(owner=library)
    PhotoFactory(owner=library, batch=batch, state="failed", failure="missing")
    PhotoFactory(owner=library, batch=batch)
    photo = library.photos.classified().newest_first().first()
    assert photo
    context = browser.new_context(reduced_motion="reduce", base_url=base_url, **SIZES[size])
    page = context.new_page()
    found: dict[str, str] = {}

    def look(address: str) -> None:
        page.goto(address)
        faults_here = faults_by_scheme(page) if size == "desk" else faults(page)  # colours are the same at any size
        found.update({f"{address} {fault}": html for fault, html in faults_here.items()})

    for address in ("/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"):
        look(address)
    sign_in(context, library, base_url)
    look("/albums/")
    album = album_named(library, "Summer at the lake")
    add_photos(album, [one.pk for one in library.photos.classified()[:5]])
    for address in (
        *("/albums/", album.get_absolute_url(), f"{album.get_absolute_url()}edit/"),
        *(
            "/photos/",
            "/photos/?year=2022",
            photo.get_absolute_url(),
            "/photos/c/",
            "/photos/c/unnamed/",
            "/photos/c/animals-n00015388/",
            "/photos/c/animals-n00015388/?sure=90",
            "/photos/missing/",
            "/import/folders/",
        ),
        *("/pictograph/", "/pictograph/animals-n00015388/", "/pictograph/else/", "/import/", "/nowhere/"),
        *("/accounts/email/", "/accounts/password/change/", "/accounts/delete/"),
    ):
        look(address)
    context.close()
    assert found == {}


def test_what_is_hard_to_read_in_the_dark_alone_would_be_found(page: Page) -> None:
    page.set_content("""
        <!doctype html><html lang="en"><title>Faint</title>
        <style>
          :root { color-scheme: light dark; background: light-dark(white, black); color: light-dark(black, white) }
          p { color: light-dark(black, #333) }
        </style>
        <main><h1>Faint</h1><p>Words</p></main></html>
    """)
    assert faults_by_scheme(page) == {"dark color-contrast": "<p>Words</p>"}
