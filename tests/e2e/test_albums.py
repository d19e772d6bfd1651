"""Albums and captions in a browser: photos are chosen, put together, looked through, taken out; words are written."""

import re

from playwright.sync_api import Browser, Page, expect

from pictograph.albums.contents import add_photos, album_named
from pictograph.albums.models import Album, photos_of
from pictograph.people.models import User
from pictograph.photos.models import Photo
from tests.e2e.access import faults
from tests.e2e.conftest import sign_in


def newest(user: User, count: int) -> list[int]:
    return list(Photo.objects.owned_by(user).newest_first().values_list("pk", flat=True)[:count])


def choose(page: Page, *places: int) -> None:
    page.get_by_role("button", name="Select", exact=True).click()
    for place in places:
        page.locator("#grid .photos a").nth(place).click()


def test_chosen_photos_become_an_album_that_is_walked_through(signed_in: Page, library: User) -> None:
    page = signed_in
    page.goto("/photos/")
    choose(page, 0, 2, 4)
    page.get_by_role("button", name="Add to album").click()
    dialog = page.get_by_role("dialog", name="Add to album")
    dialog.get_by_label("New album").fill("Summer at the lake")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_text("3 photos were added to “Summer at the lake”.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Cancel")).to_be_hidden()
    dialog.get_by_role("link", name="See the album").click()
    expect(page.get_by_role("heading", name="Summer at the lake")).to_be_visible()
    expect(page.locator("#grid .photos li")).to_have_count(3)
    page.locator("#grid .photos a").nth(1).click()
    page.get_by_role("button", name="Next photo").click()
    page.get_by_role("link", name="About this photo").click()
    expect(page).to_have_url(re.compile(r"\?in=album-\d+$"))
    expect(page.get_by_role("link", name="Older")).to_have_count(0)
    page.get_by_role("link", name="Newer").click()
    page.locator(".photo-steps").get_by_role("link", name="Summer at the lake").click()
    expect(page.get_by_role("heading", name="Summer at the lake")).to_be_visible()


def test_after_adding_one_goes_on_where_one_was(signed_in: Page, library: User) -> None:
    album = album_named(library, "Lake")
    page = signed_in
    page.goto("/photos/")
    choose(page, 1)
    page.get_by_role("button", name="Add to album").click()
    dialog = page.get_by_role("dialog", name="Add to album")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_role("alert")).to_have_text("Give the album a name of up to 100 letters.")
    dialog.get_by_role("button", name="Lake").click()
    expect(dialog.get_by_role("status")).to_have_text("1 photo was added to “Lake”.")
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#selection")).to_be_hidden()
    expect(page.locator("#grid .tick input:checked")).to_have_count(0)
    assert list(photos_of(album).values_list("pk", flat=True)) == newest(library, 2)[1:]


def test_choosing_an_album_and_writing_a_caption_are_open_to_everyone(signed_in: Page, library: User) -> None:
    add_photos(album_named(library, "Lake"), newest(library, 3))
    page = signed_in
    page.goto("/photos/")
    choose(page, 1)
    page.get_by_role("button", name="Add to album").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Lake")).to_be_visible()
    page.wait_for_timeout(400)  # the dialog rises
    assert faults(page, None, "#ask-album") == {}
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator("#selection")).to_be_visible()  # nothing was chosen: the photos still are
    page.goto(f"/photos/{newest(library, 1)[0]}/")
    page.locator(".caption-edit summary").press("Enter")
    expect(page.get_by_label("Caption", exact=True)).to_be_focused()
    assert faults(page, None, "#caption") == {}


def test_photos_leave_the_album_before_ones_eyes_and_its_count_follows(signed_in: Page, library: User) -> None:
    album = album_named(library, "Lake")
    add_photos(album, newest(library, 5))
    page = signed_in
    page.goto(album.get_absolute_url())
    choose(page, 0, 1)
    page.get_by_role("button", name="Take out").click()
    expect(page.locator("#grid .photos li")).to_have_count(3)
    expect(page.locator("#head")).to_contain_text("3 photos")
    expect(page.locator("#messages")).to_contain_text("2 photos were taken out of the album.")
    expect(page.locator("#grid .photos a").first).to_be_focused()
    choose(page, 0, 1, 2)
    page.get_by_role("button", name="Take out").click()
    expect(page.get_by_role("heading", name="This album is empty")).to_be_visible()
    assert Photo.objects.owned_by(library).count() == 40


def test_without_scripts_ticks_and_a_form_do_the_same(browser: Browser, base_url: str, library: User) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    sign_in(context, library, base_url)
    page = context.new_page()
    page.goto("/photos/")
    for place in (0, 3):
        page.locator("#grid .tick input").nth(place).check()
    page.get_by_role("button", name="Add to album selected").click()
    page.get_by_label("New album").fill("By hand")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="By hand")).to_be_visible()
    expect(page.locator("#grid .photos li")).to_have_count(2)
    page.locator("#grid .tick input").first.check()
    page.get_by_role("button", name="Take out selected").click()
    expect(page.locator("#grid .photos li")).to_have_count(1)
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Name").fill("By a finger")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_role("button", name="Delete album").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("The album “By a finger” was deleted.")).to_be_visible()
    page.goto(f"/photos/{newest(library, 1)[0]}/")
    page.locator(".caption-edit summary").click()
    page.get_by_label("Caption", exact=True).fill("Without scripts")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".caption-words")).to_have_text("Without scripts")
    context.close()
    assert not Album.objects.exists()


def test_a_caption_is_written_in_place(signed_in: Page, library: User) -> None:
    page = signed_in
    photo = newest(library, 1)[0]
    page.goto(f"/photos/{photo}/")
    page.get_by_text("Add a caption").click()
    field = page.get_by_label("Caption", exact=True)
    expect(field).to_be_focused()
    page.keyboard.type("Rex,\njust back")  # j and k are letters here
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".caption-words")).to_have_text("Rex,\njust back")
    expect(field).to_be_hidden()
    expect(page).to_have_url(re.compile(rf"/photos/{photo}/$"))
    page.reload()
    expect(page.get_by_role("img", name=re.compile("^Photo, Rex, just back, "))).to_be_visible()


def test_on_a_phone_the_selection_has_room_for_all_it_offers(phone: Page, library: User) -> None:
    album = album_named(library, "Lake")
    add_photos(album, newest(library, 20))
    phone.goto(album.get_absolute_url())
    choose(phone, 0)
    rows = set()
    for name in ("Done", "Add to album", "Take out", "Publish", "Delete"):
        box = phone.locator("#selection").get_by_role("button", name=name).bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["height"] >= 44
        rows.add(round(box["y"]))
    assert len(rows) == 2
