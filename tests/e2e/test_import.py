"""Bringing photos in with a browser: chosen, dropped, interrupted."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, Route, expect
from pytest_django import Settings

from pictograph.models import Photo, User
from pictograph.photos.deletion import delete_photos
from tests.e2e.conftest import sign_in
from tests.e2e.site import PATIENCE_MS
from tests.factories import picture

# What a drop of files gives a page; folders need a real hand, so their entries are made up in the same form.
DROP = """([names, bytes, folder]) => {
  const files = names.map((name, i) => new File([new Uint8Array(bytes[i])], name, {lastModified: 1700000000000}));
  const file = (f) => ({isFile: true, isDirectory: false, name: f.name, fullPath: `/${folder}/${f.name}`, file: (ok) => ok(f)});
  const batches = []; for (let i = 0; i < files.length; i += 100) batches.push(files.slice(i, i + 100).map(file)); batches.push([]);
  const directory = {isFile: false, isDirectory: true, name: folder, createReader: () => ({readEntries: (ok) => ok(batches.shift())})};
  const event = new DragEvent("drop", {bubbles: true, cancelable: true});
  Object.defineProperty(event, "dataTransfer", {value: {types: ["Files"], files, items: [{kind: "file", webkitGetAsEntry: () => directory}]}});
  document.getElementById("upload").dispatchEvent(event);
}"""  # noqa: E501


@pytest.fixture(autouse=True)
def quiet_queue(celery_messages: list[str]) -> None:
    """No worker runs here."""


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"holiday-{n}.jpg" for n in range(20)]
    for n, path in enumerate(paths):
        path.write_bytes(picture(size=(40 + n, 30)))
    return paths


def upload(page: Page, paths: list[Path]) -> None:
    page.set_input_files("#files", paths)


def expect_sending(page: Page, files: int) -> None:
    """The one block of figures tells of so many files while they are sent."""
    expect(page.locator("body.is-sending")).to_be_attached()
    expect(page.locator("#progress")).to_contain_text(f"of {files}", timeout=PATIENCE_MS)


def expect_sent(page: Page) -> None:
    """The page knows that the server knows that all is sent."""
    expect(page.locator("body:not(.is-sending)")).to_be_attached(timeout=PATIENCE_MS)


def test_chosen_photos_arrive(signed_in: Page, user: User, pictures: list[Path]) -> None:
    signed_in.goto("/import/")
    upload(signed_in, pictures)
    expect_sent(signed_in)
    assert user.photos.count() == 20
    assert user.imports.count() == 1


def test_the_same_photo_twice_is_kept_once(signed_in: Page, user: User, pictures: list[Path]) -> None:
    copy = pictures[0].with_name("copy.jpg")
    copy.write_bytes(pictures[0].read_bytes())
    signed_in.goto("/import/")
    upload(signed_in, [pictures[0], copy])
    expect_sent(signed_in)
    expect(signed_in.locator("#progress")).to_contain_text("1 you had already", timeout=PATIENCE_MS)
    assert user.photos.count() == 1


def test_a_file_that_is_no_picture_is_named(signed_in: Page, user: User, pictures: list[Path]) -> None:
    fake = pictures[0].with_name("letter.jpg")
    fake.write_text("Dear all")
    signed_in.goto("/import/")
    upload(signed_in, [fake, pictures[1]])
    expect_sent(signed_in)
    expect(signed_in.locator("#progress")).to_contain_text("1 could not be used", timeout=PATIENCE_MS)
    assert user.photos.count() == 1
    expect(signed_in.locator("#sending-refused li")).to_have_count(0)  # named once, in the list of the server
    signed_in.reload()
    expect(signed_in.locator("#failures li")).to_have_count(1)
    expect(signed_in.locator("#failures li")).to_contain_text("letter.jpg")
    signed_in.get_by_role("button", name="Clear the list").click()
    expect(signed_in.locator("#failures")).to_be_hidden()


def test_a_file_over_the_limit_is_named_without_being_sent(
    signed_in: Page, user: User, pictures: list[Path], settings: Settings
) -> None:
    settings.UPLOAD_MAX_MB = 1
    large = pictures[0].with_name("large.jpg")
    large.write_bytes(pictures[0].read_bytes() + bytes(1_000_000))
    signed_in.goto("/import/")
    upload(signed_in, [large])
    expect(signed_in.locator("#sending-refused li")).to_have_count(1)
    expect(signed_in.locator("#sending-refused")).to_contain_text("large.jpg")
    assert user.imports.count() == 0


def test_a_later_drop_is_an_import_of_its_own(signed_in: Page, user: User, pictures: list[Path]) -> None:
    signed_in.goto("/import/")
    upload(signed_in, pictures[:3])
    expect_sent(signed_in)
    upload(signed_in, pictures[3:5])
    expect_sent(signed_in)
    assert [batch.photos.count() for batch in user.imports.order_by("pk")] == [3, 2]


def test_a_drop_while_files_are_sent_joins_their_import(signed_in: Page, user: User, pictures: list[Path]) -> None:
    held: list[Route] = []
    signed_in.route("**/import/upload/", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks its handlers
    signed_in.goto("/import/")
    upload(signed_in, pictures[:1])
    expect_sending(signed_in, 1)
    upload(signed_in, pictures[1:2])
    expect_sending(signed_in, 2)
    while len(held) < 2:
        signed_in.wait_for_timeout(20)
    for route in held:
        route.continue_()
    expect_sent(signed_in)
    assert [batch.photos.count() for batch in user.imports.all()] == [2]


def test_a_dropped_folder_of_more_than_a_hundred_files_arrives_whole(signed_in: Page, user: User) -> None:
    names = [f"{n}.png" for n in range(130)] + [".DS_Store", "notes.txt"]
    contents = [list(picture("PNG", size=(1 + n, 1))) for n in range(130)] + [[0], [65]]
    signed_in.goto("/import/")
    signed_in.evaluate(DROP, [names, contents, "trip"])
    expect_sent(signed_in)
    expect(signed_in.locator("#sending-note")).to_contain_text("Left out, because they are no photos: 2")
    assert user.photos.count() == 130


def test_a_dropped_photo_keeps_the_date_it_was_changed(signed_in: Page, user: User) -> None:
    signed_in.goto("/import/")
    signed_in.evaluate(DROP, [["a.png"], [list(picture("PNG"))], "trip"])
    expect_sent(signed_in)
    assert Photo.objects.get().shown_at.year == 2023


def test_a_broken_connection_is_tried_again(signed_in: Page, user: User, pictures: list[Path]) -> None:
    broken = iter([True, True])

    def route(request: Route) -> None:
        if next(broken, False):
            request.abort()
        else:
            request.continue_()

    signed_in.route("**/import/upload/", route)
    signed_in.goto("/import/")
    upload(signed_in, pictures[:3])
    expect(signed_in.locator("#sending-note")).to_contain_text("trying again")
    expect_sent(signed_in)
    assert user.photos.count() == 3


def test_a_session_that_ends_during_an_upload_loses_nothing(
    signed_in: Page, user: User, pictures: list[Path], base_url: str
) -> None:
    signed_in.goto("/import/")
    signed_in.context.clear_cookies()
    upload(signed_in, pictures)
    stop = signed_in.locator("#sending-stop")
    expect(stop).to_contain_text("session has ended")
    expect(stop.get_by_role("link", name="Sign in")).to_have_attribute("target", "_blank")
    assert user.photos.count() == 0
    stop.get_by_role("button", name="Continue").click()
    expect(stop).to_contain_text("not signed in yet")
    sign_in(signed_in.context, user, base_url)
    stop.get_by_role("button", name="Continue").click()
    expect_sent(signed_in)
    expect(stop).to_be_hidden()
    assert user.photos.count() == 20


def test_a_full_disk_pauses_until_there_is_room(signed_in: Page, user: User, pictures: list[Path]) -> None:
    answers: list[dict[str, Any]] = [{"status": 507, "json": {"message": "The server's disk is full.", "results": []}}]
    signed_in.route("**/import/upload/", lambda r: r.fulfill(**answers.pop()) if answers else r.continue_())
    signed_in.goto("/import/")
    upload(signed_in, pictures[:2])
    expect(signed_in.locator("#sending-stop")).to_contain_text("disk is full")
    signed_in.get_by_role("button", name="Try again").click()
    expect_sent(signed_in)
    assert user.photos.count() == 2


def test_a_full_quota_is_gone_on_with_by_coming_back_from_deleting_photos(
    signed_in: Page, user: User, pictures: list[Path], settings: Settings
) -> None:
    settings.UPLOAD_QUOTA_MB = 1
    for path in pictures[:4]:
        path.write_bytes(path.read_bytes() + bytes(400_000))
    signed_in.goto("/import/")
    upload(signed_in, pictures[:4])
    stop, usage = signed_in.locator("#sending-stop"), signed_in.locator("#usage")
    expect(stop).to_contain_text("There is no room left for this", timeout=PATIENCE_MS)
    assert user.photos.count() == 2
    come_back = "document.dispatchEvent(new Event('visibilitychange'))"
    signed_in.evaluate(come_back)
    expect(usage).to_contain_text("of your 1.0 MB are used")
    expect(stop).to_be_visible()
    delete_photos(user, list(user.photos.values_list("pk", flat=True)))
    signed_in.evaluate(come_back)
    expect(stop).to_be_hidden()
    expect_sent(signed_in)
    assert user.photos.count() == 2
    signed_in.evaluate(come_back)
    expect(usage).to_contain_text("of your 1.0 MB are used")


def test_a_screen_reader_is_told_at_once_that_an_import_pauses_or_ends(signed_in: Page) -> None:
    """Words that come together with the element that says them are mostly not read out."""
    signed_in.goto("/import/")
    voice = signed_in.locator("#voice")
    expect(voice).to_have_attribute("role", "status")
    expect(voice).to_be_empty()
    show = """([state, words]) => document.dispatchEvent(new CustomEvent("live:show", {detail:
      `<section id="progress" data-state="${state}" data-imports="" data-say="${words}"></section>`}))"""
    for state, words in (("running", "1 of 9"), ("paused", "1 of 9, paused"), ("running", "2 of 9"), ("done", "Done")):
        signed_in.evaluate(show, [state, words])
        expect(voice).to_have_text(words, timeout=2000)
    signed_in.evaluate(show, ["running", "1 of 5"])
    expect(voice).to_have_text("1 of 5", timeout=2000)
    signed_in.evaluate(show, ["running", "2 of 5"])
    signed_in.wait_for_timeout(1000)
    expect(voice).to_have_text("1 of 5")


def test_leaving_while_files_are_sent_is_asked_about(signed_in: Page, pictures: list[Path]) -> None:
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    signed_in.route("**/import/upload/", lambda route: None)  # never answered
    signed_in.goto("/import/")
    upload(signed_in, pictures[:1])
    expect_sending(signed_in, 1)
    signed_in.on("dialog", accept)
    signed_in.locator("h1").click()  # browsers ask only where someone has touched the page
    signed_in.goto("/photos/")
    assert asked == ["beforeunload"]


def test_without_scripts_a_plain_form_does(browser: Browser, base_url: str, user: User, pictures: list[Path]) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    sign_in(context, user, base_url)
    page = context.new_page()
    page.goto("/import/")
    page.set_input_files("#files", pictures[:3])
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("#messages")).to_contain_text("3 photos came in")
    expect(page.locator("#progress")).to_contain_text("0 of 3")
    assert user.photos.count() == 3
    context.close()


def test_everything_can_be_reached_by_keyboard(signed_in: Page, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)
    signed_in.goto("/import/")
    reached = set()
    for _ in range(26):
        signed_in.keyboard.press("Tab")
        reached.add(signed_in.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
    assert {"files", "folder", "Folders on the server"} <= reached
