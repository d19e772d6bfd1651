"""What a machine can say about access for everyone: axe finds nothing, on any page, in either theme, at either size."""

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from pictograph.albums.contents import add_photos, album_named
from pictograph.people.models import User
from tests.e2e.conftest import sign_in
from tests.factories import ImportFactory, PhotoFactory

SIZES: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1440, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing(
    size: str, scheme: Literal["light", "dark"], browser: Browser, base_url: str, library: User
) -> None:
    library.is_staff = library.is_superuser = True
    library.save(update_fields=["is_staff", "is_superuser"])
    batch = ImportFactory(owner=library)
    PhotoFactory(owner=library, batch=batch, state="failed", failure="missing")
    PhotoFactory(owner=library, batch=batch)
    photo = library.photos.classified().newest_first().first()
    assert photo
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce", base_url=base_url, **SIZES[size])
    page = context.new_page()
    found: dict[str, Any] = {}

    def look(address: str) -> None:
        page.goto(address)
        violations = Axe().run(page, options=RULES).response["violations"]
        found.update({f"{address} {broken['id']}": broken["nodes"][0]["html"] for broken in violations})

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
