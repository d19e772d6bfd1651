"""One photo's page: what it is in words, what the network saw, where it leads, what is known of the file."""

import re
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from pictograph.catalogue.certainty import Statement, say, sentence
from pictograph.catalogue.snapshot import browsing, calibration
from pictograph.corrections.correcting import correct
from pictograph.corrections.models import Verdict
from pictograph.people.models import User
from pictograph.photos.detail import chain_of, dated, labels_of
from pictograph.photos.models import Photo
from pictograph.photos.origin import Origin
from pictograph.sources.models import Item
from taxonomy.corrections import Verdicts
from tests.factories import (
    BEAGLE,
    DAISY,
    LABRADOR,
    TABBY,
    PhotoFactory,
    UserFactory,
    classified_photo,
    record_of,
)

DOGS = "dogs-n02084071"
DOG = "n02084071"
MOMENT = datetime(2024, 5, 3, 14, 3, tzinfo=UTC)


def page(client: Client, photo: Photo, query: str = "") -> str:
    return client.get(photo.get_absolute_url() + query).content.decode()


def chain(user: User, probabilities: dict[str, float] | str, stop: int) -> tuple[Statement, ...]:
    return chain_of(record_of(PhotoFactory(owner=user), probabilities), stop)


def test_the_chain_climbs_from_the_most_specific_to_the_most_general(user: User) -> None:
    said = chain(user, {LABRADOR: 0.5, BEAGLE: 0.49}, calibration().default)
    path = [rung.category for rung in reversed(said)]
    assert said[-1].category.parent is None
    assert all(below.parent == above.wnid for above, below in pairwise(path))
    assert [rung.percent for rung in said] == sorted(rung.percent for rung in said)
    assert "n02084071" in {rung.category.wnid for rung in said}
    assert browsing().visible(LABRADOR) not in path


def test_a_more_specific_dial_says_at_least_as_much(user: User) -> None:
    lengths = [
        len(chain(user, {LABRADOR: 0.6, BEAGLE: 0.2, TABBY: 0.15}, stop)) for stop in range(len(calibration().stops))
    ]
    assert lengths == sorted(lengths)


def test_no_figure_contradicts_its_word(db: None) -> None:
    for confidence in [step / 200 for step in range(201)]:
        said = say(LABRADOR, confidence, network=None)
        assert said
        assert said.percent >= 100 * said.word.least


def test_the_sentence_is_the_name_with_its_word(db: None) -> None:
    sure = say(LABRADOR, 1.0, network=None)
    assert sentence(sure) == "Surely a Labrador retriever."
    assert sentence(None) == "Hard to say."


def test_nothing_sure_gives_no_chain(user: User) -> None:
    assert chain(user, {LABRADOR: 0.25, DAISY: 0.25, TABBY: 0.02}, 0) == ()


def test_labels_come_most_probable_first_without_the_negligible(user: User) -> None:
    labels = labels_of(record_of(PhotoFactory(owner=user), {TABBY: 0.3, LABRADOR: 0.6, DAISY: 0.004}), Verdicts())
    assert [label.name for label in labels] == ["a Labrador retriever", "a tabby cat"]
    assert [label.probability for label in labels] == pytest.approx([0.6, 0.3], abs=1e-3)


def test_a_bar_is_as_long_as_its_guess_is_sure(client: Client, user: User) -> None:
    client.force_login(user)
    html = page(client, classified_photo({LABRADOR: 0.25, DAISY: 0.2}, owner=user))
    assert [share[:4] for share in re.findall(r"--share:([\d.]+)", html)] == ["0.25", "0.20"]


def test_the_page_tells_what_is_known(client: Client, user: User) -> None:
    photo = classified_photo(
        {LABRADOR: 0.99, BEAGLE: 0.01},
        owner=user,
        name="rex.jpg",
        shown_at=MOMENT,
        date_origin=Origin.FILE,
        camera="Fairphone 5",
        latitude=-33.8568,
        longitude=151.2153,
        width_px=4032,
        height_px=3024,
        size_bytes=2_500_000,
        format="JPEG",
    )
    client.force_login(user)
    html = page(client, photo)
    for words in (
        '<h1 tabindex="-1">Surely a Labrador retriever.</h1>',
        "<dt>Taken</dt>",
        "3 May 2024, 14:03",
        "(as its file says)",
        "Fairphone 5",
        "33.8568° S, 151.2153° E",
        "4,032 × 3,024 px",
        "rex.jpg",
        "JPEG",
        reverse("original", args=[photo.pk]),
        "/photos/c/dogs-n02084071/",
    ):
        assert words in html


@pytest.mark.parametrize(
    ("origin", "precision", "words"),
    [
        (Origin.ARRIVAL, "moment", ("Added", "3 May 2024", "it carries no date of its own")),
        (Origin.NAME, "day", ("Taken", "3 May 2024", "by the name of its file")),
        (Origin.NAME, "moment", ("Taken", "3 May 2024, 14:03", "by the name of its file")),
        (Origin.FILE, "moment", ("Taken", "3 May 2024, 14:03", "as its file says")),
        (Origin.FILE, "month", ("Taken", "May 2024", "as its file says")),
        (Origin.PERSON, "year", ("Taken", "2024", "as you said")),
    ],
)
def test_a_date_says_how_it_is_known(origin: Origin, precision: str, words: tuple[str, str, str]) -> None:
    said = dated(Photo(shown_at=MOMENT, date_origin=origin, date_precision=precision), is_own=True)
    assert (said.event, said.moment, said.origin) == words


def test_a_page_leads_to_its_neighbours_in_the_library(client: Client, library: User) -> None:
    client.force_login(library)
    newer, photo, older = Photo.objects.owned_by(library).newest_first()[4:7]
    html = page(client, photo)
    assert f'rel="prev" href="{newer.get_absolute_url()}"' in html
    assert f'rel="next" href="{older.get_absolute_url()}"' in html
    back = html.partition('rel="up" href="')[2].partition('"')[0].replace("&amp;", "&")
    shown = client.get(back).content.decode()
    assert shown.index(f'href="{photo.get_absolute_url()}"') < shown.index(f'href="{older.get_absolute_url()}"')
    assert f'href="{newer.get_absolute_url()}"' not in shown


def test_the_ends_of_the_library_lead_one_way(client: Client, library: User) -> None:
    client.force_login(library)
    photos = Photo.objects.owned_by(library).newest_first()
    assert 'rel="prev"' not in page(client, photos[0])
    assert 'rel="next"' not in page(client, photos[len(photos) - 1])


@pytest.mark.parametrize(("order", "words"), [("", "Next"), ("&order=newest", "Older")])
def test_a_page_reached_from_a_category_keeps_to_it(client: Client, library: User, order: str, words: str) -> None:
    client.force_login(library)
    listed = client.get(f"/photos/c/{DOGS}/?year=2022{order}").content.decode()
    addresses = [part.partition('<a href="')[2].partition('"')[0] for part in listed.split('<li style="')[1:]]
    assert len(addresses) == 8
    html = client.get(addresses[3].replace("&amp;", "&")).content.decode()
    assert f'rel="prev" href="{addresses[2]}"' in html
    assert f'rel="next" href="{addresses[4]}"' in html
    assert f">{words}<" in html
    back = f"/photos/c/{DOGS}/?{'order=newest&amp;' if order else ''}year=2022"
    assert f'rel="up" href="{back}"><span>Dogs</span>' in html


def test_a_page_reached_from_what_is_not_named_keeps_to_that(client: Client, library: User) -> None:
    for minute in range(3):
        classified_photo(
            {LABRADOR: 0.25, DAISY: 0.25}, owner=library, shown_at=datetime(2022, 6, 1, 12, minute, tzinfo=UTC)
        )
    client.force_login(library)
    listed = client.get(reverse("unnamed")).content.decode()
    addresses = [part.partition('<a href="')[2].partition('"')[0] for part in listed.split('<li style="')[1:]]
    assert len(addresses) == 3
    html = client.get(addresses[1]).content.decode()
    assert f'rel="prev" href="{addresses[0]}"' in html
    assert f'rel="next" href="{addresses[2]}"' in html
    assert f'rel="up" href="{reverse("unnamed")}"' in html


def test_a_waiting_photo_says_that_nothing_is_left_to_do(client: Client, user: User) -> None:
    client.force_login(user)
    html = page(client, PhotoFactory(owner=user))
    assert "Waiting its turn" in html
    assert "480.webp" not in html


def test_a_failed_photo_says_why_and_what_to_do(client: Client, user: User) -> None:
    client.force_login(user)
    html = page(client, PhotoFactory(owner=user, state=Photo.State.FAILED, failure="damaged"))
    assert "The picture is damaged" in html
    assert "Copy it again" in html


def test_a_missing_file_is_said_and_its_original_not_offered(client: Client, user: User) -> None:
    photo = classified_photo(LABRADOR, owner=user)
    client.force_login(user)
    assert "no longer where it was" not in page(client, photo)
    photo.items.update(state=Item.State.MISSING)
    html = page(client, photo)
    assert "Put it back" in html
    assert "Try again" not in html
    assert "The file is no longer where it was." in html
    assert "Surely a Labrador retriever." in html
    assert reverse("original", args=[photo.pk]) not in html
    assert reverse("missing") not in html
    Photo.objects.update(is_missing=True)
    assert reverse("missing") in page(client, photo)


def test_a_photo_that_no_folder_has_any_more_is_to_be_uploaded_again(client: Client, user: User) -> None:
    photo = classified_photo(LABRADOR, owner=user, is_missing=True)
    photo.items.all().delete()
    client.force_login(user)
    html = page(client, photo)
    assert "Upload the file again" in html
    assert "Put it back" not in html
    assert "Try again" not in html


def test_the_try_again_that_a_page_speaks_of_is_on_it(client: Client, user: User) -> None:
    unreadable = classified_photo(LABRADOR, owner=user)
    unreadable.items.update(problem="forbidden")
    failed = PhotoFactory(owner=user, state=Photo.State.FAILED, failure="unreadable")
    client.force_login(user)
    for photo in (unreadable, failed):
        html = page(client, photo)
        assert "press Try again" in html
        assert f'name="photo" value="{photo.pk}" type="submit">Try again' in html
        client.post(reverse("import_retry"), {"photo": photo.pk})
        photo.refresh_from_db()
        assert photo.is_due
    damaged = PhotoFactory(owner=user, state=Photo.State.FAILED, failure="damaged")
    assert "Try again" not in page(client, damaged)


def test_a_photo_nothing_is_sure_of_offers_what_the_network_saw(client: Client, user: User) -> None:
    client.force_login(user)
    html = page(client, classified_photo({LABRADOR: 0.25, DAISY: 0.25}, owner=user))
    assert "Hard to say." in html
    assert "A Labrador retriever" in html


def test_a_strangers_photo_is_not_found(client: Client, library: User, stranger: User) -> None:
    client.force_login(stranger)
    photo = Photo.objects.owned_by(library)[0]
    assert client.get(photo.get_absolute_url()).status_code == 404


def test_a_published_photo_of_someone_else_shows_nothing_of_its_file(
    client: Client, library: User, stranger: User
) -> None:
    photo = classified_photo(
        LABRADOR, owner=library, is_public=True, name="secret.jpg", latitude=48.8, longitude=2.3, camera="Fairphone 5"
    )
    client.force_login(stranger)
    html = page(client, photo)
    assert "Surely a Labrador retriever." in html
    for hidden in ("secret.jpg", "48.8", "Fairphone", "Delete</button>", "original", "1,200 × 900"):
        assert hidden not in html.partition("<main")[2], hidden


def test_others_are_told_the_day_of_a_photo_and_no_hour(client: Client, library: User, stranger: User) -> None:
    moment = datetime(2024, 5, 6, 19, 43, tzinfo=UTC)
    photo = classified_photo(LABRADOR, owner=library, is_public=True, shown_at=moment, date_origin=Origin.FILE)
    client.force_login(library)
    assert "6 May 2024, 19:43" in page(client, photo)
    client.force_login(stranger)
    assert "6 May 2024" in page(client, photo)
    assert "19:43" not in page(client, photo)


def test_no_link_leads_to_a_photo_withdrawn_a_moment_ago(client: Client, library: User, stranger: User) -> None:
    photos = [
        classified_photo(LABRADOR, owner=library, is_public=True, shown_at=datetime(2024, 1, n, tzinfo=UTC))
        for n in (1, 2, 3)
    ]
    Photo.objects.filter(pk=photos[0].pk).update(is_public=False)  # the store has not been told yet
    client.force_login(stranger)
    html = client.get(f"{photos[1].get_absolute_url()}?in=dogs-n02084071&order=newest").content.decode()
    assert f"/photos/{photos[2].pk}/" in html
    assert f"/photos/{photos[0].pk}/" not in html


def test_a_photo_page_is_only_read(client: Client, library: User) -> None:
    client.force_login(library)
    assert client.post(Photo.objects.owned_by(library)[0].get_absolute_url()).status_code == 405


def test_htmx_gets_a_photo_page_without_its_frame(client: Client, library: User) -> None:
    client.force_login(library)
    photo = Photo.objects.owned_by(library)[0]
    response = client.get(photo.get_absolute_url(), headers={"HX-Request": "true"})
    assert "<html" not in response.content.decode()
    assert "HX-Request" in response.headers["Vary"]


@pytest.mark.parametrize("query", ["", f"?in={DOGS}"])
def test_a_photo_page_takes_few_queries(
    client: Client, library: User, django_assert_max_num_queries: DjangoAssertNumQueries, query: str
) -> None:
    client.force_login(library)
    photo = Photo.objects.owned_by(library).filter(pk__gt=0).newest_first()[4]
    page(client, photo, query)
    # session, person, photo, prediction with its categories and names, its files, newer, older, is anything waiting
    with django_assert_max_num_queries(16):  # four of them for what was said of it
        page(client, photo, query)


def guesses(client: Client, photo: Photo) -> list[str]:
    part = page(client, photo).partition('id="guesses"')[2].partition("</section>")[0]
    return re.findall(r"<li[^>]*><a[^>]*>([^<]+)</a>", part)


@pytest.mark.parametrize("viewer", ["owner", "stranger", "visitor"])
@pytest.mark.parametrize(("wnid", "left"), [(LABRADOR, ["A beagle", "A tabby cat"]), (DOG, ["A tabby cat"])])
def test_what_a_moderator_took_off_a_photo_is_no_guess_for_anybody(
    client: Client, user: User, stranger: User, viewer: str, wnid: str, left: list[str]
) -> None:
    photo = classified_photo({LABRADOR: 0.7, BEAGLE: 0.2, TABBY: 0.05}, owner=user, is_public=True)
    if viewer != "visitor":
        client.force_login({"owner": user, "stranger": stranger}[viewer])
    assert guesses(client, photo) == ["A Labrador retriever", "A beagle", "A tabby cat"]
    correct(user, [photo.pk], Verdict.BLOCKED, wnid, by=UserFactory(is_staff=True))
    assert guesses(client, photo) == left
    assert "Labrador" not in page(client, photo).partition('id="sayings-title"')[0].partition("<h1")[2]


@pytest.mark.parametrize(
    ("verdict", "wnid", "left"),
    [
        (Verdict.WRONG, DOG, ["A tabby cat"]),
        (Verdict.NOT_INTERESTING, DOG, ["A tabby cat"]),
        (Verdict.IS, TABBY, ["A tabby cat"]),
        (Verdict.TOO_SPECIFIC, LABRADOR, []),
        (Verdict.RIGHT, DOG, ["A Labrador retriever", "A beagle"]),
    ],
)
def test_what_its_owner_says_of_a_photo_no_guess_contradicts(
    client: Client, user: User, verdict: Verdict, wnid: str, left: list[str]
) -> None:
    photo = classified_photo({LABRADOR: 0.7, BEAGLE: 0.2, TABBY: 0.05}, owner=user)
    client.force_login(user)
    correct(user, [photo.pk], verdict, wnid)
    assert guesses(client, photo) == left


LIKELY = {LABRADOR: 0.74, DAISY: 0.2}  # at the default stop listed, and too unsure for a name


def test_what_is_listed_without_a_name_is_said_to_be_so(client: Client, user: User) -> None:
    photo = classified_photo(LIKELY, owner=user)
    client.force_login(user)
    html = page(client, photo)
    assert photo.pk in {card.id for card in client.get(f"/photos/c/{DOGS}/").context["page"].grid.photos}
    assert '<h1 tabindex="-1">Without a name.</h1>' in html
    assert "Hard to say" not in html
    assert "It is listed under what it may be, below. A list takes what is likely; a name has to be surer" in html
    assert "in no category" not in client.get(reverse("categories")).content.decode()


@pytest.mark.parametrize(
    ("viewer", "words"),
    [
        ("owner", "What it was called was taken off, and nothing else is sure enough to be named."),
        ("stranger", "Nothing is said of what it shows."),
    ],
)
def test_of_a_photo_whose_name_was_taken_off_nothing_untrue_is_said(
    client: Client, user: User, stranger: User, viewer: str, words: str
) -> None:
    photo = classified_photo({LABRADOR: 0.9, TABBY: 0.05}, owner=user, is_public=True)
    correct(user, [photo.pk], Verdict.WRONG, DOG)
    client.force_login({"owner": user, "stranger": stranger}[viewer])
    html = page(client, photo)
    assert '<h1 tabindex="-1">Without a name.</h1>' in html
    assert words in html
    assert "Nothing here is sure enough" not in html
    client.force_login(user)
    unnamed = client.get(reverse("unnamed")).content.decode()
    assert "Nothing is sure enough to list it anywhere, or what it was called was taken off." in unnamed


def test_guesses_say_that_each_is_by_itself(client: Client, user: User) -> None:
    client.force_login(user)
    html = page(client, classified_photo({LABRADOR: 0.5, BEAGLE: 0.45}, owner=user))
    assert "Each bar is a single name by itself; a full one would be certain." in html
