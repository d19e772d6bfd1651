"""The library: photos by date, a page at a time, and deleting."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from pictograph.pages.faces import own_face
from pictograph.people.models import User
from pictograph.photos import library as library_module
from pictograph.photos.deletion import delete_photos
from pictograph.photos.library import Point, just_before
from pictograph.photos.models import SIZES, Photo
from pictograph.photos.walk import Walk
from pictograph.sources.models import Source
from pictograph.store import prediction_store
from pictograph.store.scope import library_of
from tests.factories import DAISY, LABRADOR, PhotoFactory, UserFactory, classified_photo

HTMX = {"HX-Request": "true"}


def ids_on(html: str) -> list[int]:
    """The photos of a grid, in order."""
    return [int(part.split("/")[0]) for part in html.split('<a href="/photos/')[1:] if part.split("/")[0].isdecimal()]


def newest_first(user: User) -> list[int]:
    return list(Photo.objects.owned_by(user).classified().newest_first().values_list("pk", flat=True))


def written(point: Point) -> str:
    """A point in the address of one's own library."""
    return point.written(own_face(0))


def link_on(html: str, words: str) -> str:
    """The address of the link with these words."""
    before, _, _ = html.partition(f">{words}</a>")
    return before.rpartition('href="')[2].split('"')[0].replace("&amp;", "&")


def of_year(user: User, year: int) -> list[int]:
    return [p.pk for p in Photo.objects.owned_by(user).newest_first() if p.shown_at.year == year]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> int:
    """Ten photos a page."""
    monkeypatch.setattr(library_module, "PAGE", 10)
    return 10


def test_the_library_shows_all_photos_newest_first_under_months(client: Client, library: User) -> None:
    client.force_login(library)
    html = client.get(reverse("library")).content.decode()
    assert ids_on(html) == newest_first(library)
    assert "40 photos" in html
    assert "<h2>June 2023</h2>" in html
    assert html.index("June 2023") < html.index("January 2022")


def test_each_photo_is_described_and_keeps_its_place(client: Client, user: User) -> None:
    moment = datetime(2024, 5, 3, 23, 59, tzinfo=UTC)
    classified_photo(LABRADOR, owner=user, shown_at=moment, width_px=1200, height_px=800, placeholder=b"tiny")
    client.force_login(user)
    html = client.get(reverse("library")).content.decode()
    assert 'alt="Photo, surely a Labrador retriever, 3 May 2024"' in html
    assert "--r:1.5;--p:url(data:image/webp;base64,dGlueQ==)" in html
    assert 'width="1200" height="800"' in html


def test_a_visitor_is_sent_to_sign_in(client: Client, user: User) -> None:
    response = client.get(reverse("library"))
    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("account_login"))


def test_a_stranger_sees_none_of_it(client: Client, library: User, stranger: User) -> None:
    client.force_login(stranger)
    html = client.get(reverse("library")).content.decode()
    assert ids_on(html) == []
    assert "No photos yet" in html
    assert reverse("import") in html


def test_walking_the_pages_meets_every_photo_once(client: Client, library: User, small_pages: int) -> None:
    client.force_login(library)
    url, met, pages = reverse("library"), [], 0
    while url:
        html = client.get(url).content.decode()
        met += ids_on(html)
        url = link_on(html, "Older photos") if ">Older photos</a>" in html else ""
        pages += 1
    assert met == newest_first(library)
    assert pages == 4


def test_photos_of_one_moment_are_neither_lost_nor_doubled(client: Client, user: User, small_pages: int) -> None:
    for _ in range(13):
        classified_photo(DAISY, owner=user, shown_at=datetime(2024, 1, 1, tzinfo=UTC))
    client.force_login(user)
    first = client.get(reverse("library")).content.decode()
    second = client.get(link_on(first, "Older photos")).content.decode()
    assert ids_on(first) + ids_on(second) == newest_first(user)


def test_newer_photos_lead_back_to_where_one_came_from(client: Client, library: User, small_pages: int) -> None:
    client.force_login(library)
    first = client.get(reverse("library")).content.decode()
    second = client.get(link_on(first, "Older photos")).content.decode()
    back = client.get(link_on(second, "Newer photos")).content.decode()
    assert ids_on(back) == ids_on(first)
    assert ">Newer photos</a>" not in back


def test_a_year_begins_with_its_latest_photo(client: Client, library: User) -> None:
    client.force_login(library)
    first = client.get(reverse("library")).content.decode()
    assert 'data-year="2023" aria-current="true"' in first
    html = client.get(link_on(first, "2022")).content.decode()
    assert ids_on(html) == of_year(library, 2022)
    assert 'data-year="2022" aria-current="true"' in html
    assert "40 photos" in html


def test_a_page_begins_with_the_photo_it_is_asked_for(client: Client, library: User, small_pages: int) -> None:
    client.force_login(library)
    photos = list(Photo.objects.owned_by(library).newest_first())
    grid = client.get(reverse("library")).context["page"].grid
    page = client.get(f"{grid.at_url}{photos[9].pk}", headers={"HX-Request": "true"})
    shown = page.context["page"].grid
    assert [card.id for card in shown.photos] == [photo.pk for photo in photos[9 : 9 + small_pages]]
    assert shown.newer_url
    assert "<html" not in page.content.decode()
    for id_text in (PhotoFactory(owner=UserFactory(), state="classified").pk, "x", 10**30):
        assert client.get(f"{grid.at_url}{id_text}").status_code == 404


def test_from_a_year_on_older_and_newer_years_follow(client: Client, library: User, small_pages: int) -> None:
    classified_photo(DAISY, owner=library, shown_at=datetime(2021, 5, 1, tzinfo=UTC))
    client.force_login(library)
    url, met = f"{reverse('library')}?from=2022", []
    start = client.get(url).content.decode()
    while url:
        html = client.get(url).content.decode()
        met += ids_on(html)
        url = link_on(html, "Older photos") if ">Older photos</a>" in html else ""
    assert met == of_year(library, 2022) + of_year(library, 2021)
    newer = client.get(link_on(start, "Newer photos")).content.decode()
    assert ids_on(newer) == of_year(library, 2023)[-10:]


def test_where_nothing_is_newer_no_link_says_so(client: Client, library: User, small_pages: int) -> None:
    client.force_login(library)
    newest = Photo.objects.owned_by(library).newest_first()[0]
    for address in (Walk.read(own_face(library.pk), {}).back_url(newest), f"{reverse('library')}?from=2023"):
        html = client.get(address).content.decode()
        assert ids_on(html) == newest_first(library)[:10]
        assert ">Newer photos</a>" not in html
        assert ">Older photos</a>" in html


def test_where_one_photo_is_newer_a_link_leads_to_it(client: Client, library: User, small_pages: int) -> None:
    client.force_login(library)
    first, second = newest_first(library)[:2]
    html = client.get(
        f"{reverse('library')}?before={written(just_before(Photo.objects.get(pk=second)))}"
    ).content.decode()
    assert ids_on(html)[0] == second
    newer = client.get(link_on(html, "Newer photos")).content.decode()
    assert ids_on(newer) == [first]
    assert ">Newer photos</a>" not in newer


def test_beyond_either_end_the_page_says_which(client: Client, library: User) -> None:
    client.force_login(library)
    newest, oldest = newest_first(library)[0], newest_first(library)[-1]
    above = client.get(f"{reverse('library')}?after={written(Point.of(Photo.objects.get(pk=newest)))}").content.decode()
    below = client.get(
        f"{reverse('library')}?before={written(Point.of(Photo.objects.get(pk=oldest)))}"
    ).content.decode()
    assert "Nothing newer" in above
    assert "Nothing older" not in above
    assert "Nothing older" in below
    assert "Nothing newer" not in below


def test_a_place_in_the_library_takes_one_query_more(
    client: Client, library: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(library)
    client.get(reverse("library"))
    with django_assert_num_queries(8):
        client.get(f"{reverse('library')}?from=2022")


def test_one_year_alone_has_its_own_count_and_never_leaves_the_year(
    client: Client, library: User, small_pages: int
) -> None:
    for year in (2021, 2022):
        classified_photo(DAISY, owner=library, shown_at=datetime(year, 12, 31, 23, 59, tzinfo=UTC))
    client.force_login(library)
    url, met, last = f"{reverse('library')}?year=2022", [], ""
    while url:
        html = client.get(url).content.decode()
        assert "<h1>2022</h1>" in html
        assert "21 photos" in html
        assert link_on(html, "See all 42") == reverse("library")
        met += ids_on(html)
        last, url = html, link_on(html, "Older photos") if ">Older photos</a>" in html else ""
    assert met == of_year(library, 2022)
    assert len(met) == 21
    back = client.get(link_on(last, "Newer photos")).content.decode()
    assert ids_on(back) == met[10:20]
    first = client.get(link_on(back, "Newer photos")).content.decode()
    assert ids_on(first) == met[:10]
    assert ">Newer photos</a>" not in first


def test_a_year_without_photos_says_so_and_leads_to_all(client: Client, library: User) -> None:
    client.force_login(library)
    html = client.get(reverse("library"), {"year": 1999}).content.decode()
    assert "No photos in 1999" in html
    assert link_on(html, "All photos") == reverse("library")


@pytest.mark.parametrize(
    "query",
    [
        "before=nonsense",
        "before=~",
        "after=2024-01-01~x",
        "year=abc",
        "year=99999",
        "year=0",
        "from=x",
        "before=2024-13-01~1",
    ],
)
def test_a_place_that_cannot_be_is_not_found(client: Client, library: User, query: str) -> None:
    client.force_login(library)
    assert client.get(f"{reverse('library')}?{query}").status_code == 404


def test_photos_that_wait_or_failed_are_not_in_the_library(client: Client, user: User) -> None:
    PhotoFactory(owner=user)
    PhotoFactory(owner=user, state=Photo.State.FAILED, failure="damaged")
    client.force_login(user)
    assert ids_on(client.get(reverse("library")).content.decode()) == []


def test_the_library_takes_the_same_few_queries_whatever_its_size(
    client: Client, library: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(library)
    client.get(reverse("library"))
    # session, person, photos, years, categories of the page, is anything waiting
    with django_assert_num_queries(7):
        client.get(reverse("library"))


def test_scrolling_on_fetches_photos_alone(client: Client, library: User, small_pages: int) -> None:
    client.force_login(library)
    url = link_on(client.get(reverse("library")).content.decode(), "Older photos")
    response = client.get(url, headers=HTMX)
    html = response.content.decode()
    assert "<html" not in html
    assert "<main" not in html
    assert ids_on(html) == newest_first(library)[10:20]
    assert "HX-Request" in response.headers["Vary"]


def test_htmx_gets_the_library_without_its_frame(client: Client, library: User) -> None:
    client.force_login(library)
    html = client.get(reverse("library"), headers=HTMX).content.decode()
    assert "<html" not in html
    assert '<main id="main"' in html
    assert len(ids_on(html)) == 40


def test_the_library_is_only_read(client: Client, user: User) -> None:
    client.force_login(user)
    assert client.post(reverse("library")).status_code == 405


def test_ticked_photos_are_shown_before_they_are_deleted(client: Client, library: User) -> None:
    client.force_login(library)
    chosen = newest_first(library)[:2]
    response = client.post(reverse("delete_photos"), {"photo": chosen})
    html = response.content.decode()
    assert response.status_code == 200
    assert "Delete 2 photos?" in html
    assert f'value="{chosen[0]},{chosen[1]}"' in html
    assert Photo.objects.filter(pk__in=chosen).count() == 2


def test_confirmed_photos_are_gone_with_their_counts_and_files(
    client: Client, library: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    client.force_login(library)
    chosen = newest_first(library)[:3]
    files = [photo.rendition_path(480) for photo in Photo.objects.filter(pk__in=chosen)]
    assert all(default_storage.exists(file) for file in files)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(
            reverse("delete_photos"),
            {"ids": ",".join(map(str, chosen)), "confirmed": "1", "next": "/photos/?year=2022"},
        )
    assert response.headers["Location"] == "/photos/?year=2022"
    assert not Photo.objects.filter(pk__in=chosen).exists()
    assert not any(default_storage.exists(file) for file in files)
    assert sum(prediction_store().years(library_of(library.pk)).values()) == 37
    assert prediction_store().recount(library_of(library.pk)) == []
    assert "3 photos were deleted." in client.get(reverse("library")).content.decode()


def test_deleting_by_script_answers_with_a_message_alone(client: Client, library: User) -> None:
    client.force_login(library)
    chosen = newest_first(library)[0]
    response = client.post(reverse("delete_photos"), {"ids": str(chosen), "confirmed": "1"}, headers=HTMX)
    html = response.content.decode()
    assert "<html" not in html
    assert "1 photo was deleted." in html
    assert 'hx-swap-oob="true"' in html


def test_deleting_nothing_says_what_to_do(client: Client, user: User) -> None:
    client.force_login(user)
    response = client.post(reverse("delete_photos"), {"next": "https://elsewhere.example/"})
    assert response.status_code == 422
    assert "No photos are selected" in response.content.decode()
    assert "elsewhere" not in response.content.decode()


@pytest.mark.parametrize("form", [{}, {"confirmed": "1"}])
def test_nobody_deletes_the_photos_of_others(
    client: Client, library: User, stranger: User, form: dict[str, str]
) -> None:
    client.force_login(stranger)
    chosen = newest_first(library)[0]
    assert client.post(reverse("delete_photos"), {"ids": str(chosen), **form}).status_code == 404
    assert Photo.objects.filter(pk=chosen).exists()


def test_deleting_needs_a_form(client: Client, user: User) -> None:
    client.force_login(user)
    assert client.get(reverse("delete_photos")).status_code == 405


def test_deleting_leaves_files_that_are_read_where_they_lie(
    user: User, tmp_path: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    in_place = tmp_path / "holiday.jpg"
    in_place.write_bytes(b"bytes")
    folder = Source.objects.create(owner=user, kind=Source.Kind.FOLDER, folder=str(tmp_path))
    read = classified_photo(DAISY, owner=user)
    read.items.update(source=folder, ref=in_place.name)
    uploaded = classified_photo(DAISY, owner=user, content=b"bytes")
    original = uploaded.items.get().ref
    assert default_storage.exists(original)
    made = [read.rendition_path(size) for size in SIZES]
    for file in made[1:]:
        default_storage.save(file, ContentFile(b"larger"))
    with django_capture_on_commit_callbacks(execute=True):
        assert sorted(delete_photos(user, [read.pk, uploaded.pk, 999_999])) == sorted([read.pk, uploaded.pk])
    assert in_place.exists()
    assert not default_storage.exists(original)
    assert not any(default_storage.exists(file) for file in made)


@pytest.mark.django_db(transaction=True)
def test_files_stay_when_the_deletion_is_taken_back(user: User) -> None:
    photo = classified_photo(DAISY, owner=user)
    with transaction.atomic():
        delete_photos(user, [photo.pk])
        transaction.set_rollback(True)
    assert Photo.objects.filter(pk=photo.pk).exists()
    assert default_storage.exists(photo.rendition_path(480))
    assert prediction_store().find(photo.pk) is not None


def test_a_camera_clock_is_shown_as_it_was_whatever_the_sites_zone(
    client: Client, user: User, settings: Settings
) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    late = datetime(2023, 12, 31, 23, 30, tzinfo=UTC)
    classified_photo(DAISY, owner=user, shown_at=late)
    classified_photo(DAISY, owner=user, shown_at=late + timedelta(hours=1))
    client.force_login(user)
    html = client.get(reverse("library")).content.decode()
    assert "December 2023" in html
    assert "31 December 2023" in html
    assert "January 2024" in html
