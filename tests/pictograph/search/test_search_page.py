"""A search finds the photos that all of a query fits, among one's own or among everyone's."""

import re
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from pictograph.catalogue.models import Override
from pictograph.catalogue.snapshot import look_again
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.search import listing
from tests.factories import BEAGLE, LABRADOR, TABBY
from tests.pictograph.search.conftest import photo_of


def found(client: Client, q: str, of: str = "") -> set[int]:
    """The ids of the photos that a page shows."""
    html = client.get("/search/", {"q": q, "of": of}).content.decode()
    return {int(pk) for pk in re.findall(r'<li [^>]*data-id="(\d+)"', html)}


def ids(photos: dict[str, Photo], *names: str) -> set[int]:
    return {photos[name].pk for name in names}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("dogs", ["dog in rome", "old dog in rome", "private dog in rome"]),
        ("pup", ["dog in rome", "old dog in rome", "private dog in rome"]),
        ("labrador", ["dog in rome", "private dog in rome"]),
        ("dogs in Rome 2023", ["dog in rome", "private dog in rome"]),
        ("dogs rome 2019", ["old dog in rome"]),
        ("dogs in italy before 2020", ["old dog in rome"]),
        ("rome", ["dog in rome", "old dog in rome", "private dog in rome"]),
        ("2023", ["dog in rome", "private dog in rome", "cat"]),
        ("may 2023", ["dog in rome", "private dog in rome"]),
        ("christmas", ["cat"]),
        ("summer", ["old dog in rome", "car"]),
        ("summer dogs", ["old dog in rome"]),
        ("2019 2022", ["old dog in rome", "car"]),
        ("dogs cats 2023", ["dog in rome", "private dog in rome", "cat"]),
        ("dogs labrador 2023", ["dog in rome", "private dog in rome"]),
        ("birthday", ["dog in rome", "private dog in rome"]),
        ("birthdays", ["dog in rome", "private dog in rome"]),
        ("best birthday", ["dog in rome"]),
        ("birthday secret", ["private dog in rome"]),
        ("passport", ["cat"]),
        ("labrador passport", []),
        ("cats 2019", []),
    ],
)
def test_someone_finds_their_own(
    client: Client, anna: User, photos: dict[str, Photo], query: str, names: list[str]
) -> None:
    client.force_login(anna)
    assert found(client, query) == ids(photos, *names)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("dogs", ["dog in rome", "old dog in rome"]),
        ("dogs in rome", ["dog in rome", "old dog in rome"]),
        ("dogs in rome 2023", ["dog in rome"]),
        ("2023", ["dog in rome", "cat"]),
        ("birthday", ["dog in rome"]),
        ("dogs by anna 2019", ["old dog in rome"]),
        ("@anna", ["dog in rome", "old dog in rome", "cat"]),
        ("secret", []),
        ("diary", []),
        ("passport", []),
        ("scan", []),
        ("sports car", []),
    ],
)
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_others_find_what_is_published_and_no_names_of_files(
    client: Client, stranger: User, photos: dict[str, Photo], query: str, names: list[str], is_signed_in: bool
) -> None:
    if is_signed_in:
        client.force_login(stranger)
        assert found(client, query) == set()
    assert found(client, query, of="everyone") == ids(photos, *names)
    assert 'name="photo"' not in client.get("/search/", {"q": query, "of": "everyone"}).content.decode(), "to select"


def test_what_is_withdrawn_is_found_by_others_no_more(client: Client, anna: User, photos: dict[str, Photo]) -> None:
    from pictograph.photos.publishing import publish

    publish(Photo.objects.owned_by(anna), is_public=False)
    assert [found(client, query, of="everyone") for query in ("dogs", "birthday", "rome", "2023", "@anna")] == [
        set()
    ] * 5
    publish(Photo.objects.filter(pk=photos["private dog in rome"].pk), is_public=True)
    assert found(client, "diary", of="everyone") == ids(photos, "private dog in rome")
    assert found(client, "secret", of="everyone") == set()


@pytest.mark.parametrize("is_signed_in", [True, False])
@pytest.mark.parametrize("query", ["@anna", "by anna", "dogs by anna"])
def test_who_has_published_nothing_is_nobody_to_others(
    client: Client, anna: User, stranger: User, photos: dict[str, Photo], query: str, is_signed_in: bool
) -> None:
    def said(of: str, query: str) -> list[str]:
        return [chip.label for chip in client.get("/search/", {"q": query, "of": of}).context["page"].chips]

    if is_signed_in:
        client.force_login(stranger)
    assert "by anna" in said("everyone", query)
    Photo.objects.update(is_public=False)
    for of in ("everyone", ""):
        assert "by anna" not in said(of, query)
    client.force_login(anna)
    assert "by anna" in said("", query)


def test_whoever_closes_their_account_is_found_no_more(client: Client, anna: User, photos: dict[str, Photo]) -> None:
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert [found(client, query, of="everyone") for query in ("dogs", "birthday", "rome", "@anna")] == [set()] * 4


def test_who_shows_no_places_is_found_by_none(client: Client, anna: User, photos: dict[str, Photo]) -> None:
    User.objects.filter(pk=anna.pk).update(shows_places=False)
    assert found(client, "in rome", of="everyone") == set()
    client.force_login(anna)
    assert found(client, "in rome") == ids(photos, "dog in rome", "old dog in rome", "private dog in rome")


def test_a_blocked_category_is_found_by_no_word(client: Client, photos: dict[str, Photo]) -> None:
    Override.objects.create(wnid="n02084071", is_blocked=True)
    look_again()
    page = client.get("/search/", {"q": "dogs", "of": "everyone"}).content.decode()
    assert found(client, "dogs", of="everyone") == found(client, "labrador", of="everyone") == set()
    assert "n02084071" not in page


@pytest.mark.parametrize("patience", [1, 4000])
def test_pages_go_on_until_all_are_found_once(
    client: Client, user: User, monkeypatch: pytest.MonkeyPatch, patience: int
) -> None:
    monkeypatch.setattr(listing, "PATIENCE", patience)
    monkeypatch.setattr(listing, "FEW", 7)
    monkeypatch.setattr("pictograph.search.queries.PAGE", 5)
    kinds = [LABRADOR, TABBY, BEAGLE]
    made = [photo_of(user, kinds[n % 3], day=f"2023-0{1 + n // 10}-03", caption="walk" * (n % 2)) for n in range(24)]
    client.force_login(user)
    seen: list[int] = []
    url: str | None = "/search/?" + urlencode({"q": "dogs walk 2023"})
    while url:
        html = client.get(url).content.decode()
        seen += [int(pk) for pk in re.findall(r'<li [^>]*data-id="(\d+)"', html)]
        more = re.search(r'rel="next" href="([^"]+)"', html)
        url = more[1].replace("&amp;", "&") if more else None
    expected = [photo for n, photo in enumerate(made) if n % 3 != 1 and n % 2]
    assert seen == [photo.pk for photo in sorted(expected, key=lambda photo: (photo.shown_at, photo.pk), reverse=True)]


def test_the_chips_say_how_a_query_was_read_and_lead_to_it_without_each(
    client: Client, anna: User, photos: dict[str, Photo]
) -> None:
    client.force_login(anna)
    page = client.get("/search/", {"q": "dogs in Rome 2023"}).context["page"]
    assert [(chip.label, chip.remove_url) for chip in page.chips] == [
        ("dogs", "/search/?q=in+Rome+2023"),
        ("in Rome, Italy", "/search/?q=dogs%2C+2023"),
        ("2023", "/search/?q=dogs+in+Rome"),
    ]


def test_a_mistyped_word_is_read_as_the_one_that_was_meant(
    client: Client, anna: User, photos: dict[str, Photo]
) -> None:
    client.force_login(anna)
    html = client.get("/search/", {"q": "labradro"}).content.decode()
    assert "Showing results for <strong>labrador</strong>" in html
    assert found(client, "labradro") == ids(photos, "dog in rome", "private dog in rome")


def test_where_nothing_is_found_it_says_which_word_and_what_finds_something(
    client: Client, anna: User, photos: dict[str, Photo]
) -> None:
    client.force_login(anna)
    page = client.get("/search/", {"q": "dogs xyzzy"}).context["page"]
    assert page.unknown == ("xyzzy",)
    assert [link.words for link in page.instead] == ["dogs"]
    page = client.get("/search/", {"q": "cats 2019"}).context["page"]
    assert {link.words for link in page.instead} == {"cats", "2019"}


def test_a_query_of_many_words_that_finds_nothing_asks_the_database_little(
    client: Client, anna: User, photos: dict[str, Photo], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for words in ("sa " * 66, " ".join(f"q{n}" for n in range(50))):
        with django_assert_max_num_queries(500):
            assert client.get("/search/", {"of": "everyone", "q": words}).status_code == 200


def test_the_categories_and_people_of_a_name_are_shown(client: Client, photos: dict[str, Photo]) -> None:
    page = client.get("/search/", {"q": "dogs", "of": "everyone"}).context["page"]
    assert [(card.category.name, card.count) for card in page.cards] == [("dogs", 2)]
    html = client.get("/search/", {"q": "ann", "of": "everyone"}).content.decode()
    assert "/explore/people/anna/" in html


def test_a_further_page_is_photos_alone(client: Client, anna: User, photos: dict[str, Photo]) -> None:
    client.force_login(anna)
    after = f"2023-06-01T00:00:00~{photos['car'].pk}"
    answer = client.get("/search/", {"q": "dogs 2023", "after": after}, headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert answer.content.decode().lstrip().startswith('<div id="grid"')


@pytest.mark.parametrize("after", ["x", "2023-06-01T00:00:00~x", "~", "2023-13-01T00:00:00~1"])
@pytest.mark.parametrize("q", ["dogs", "dogs 2023"])
def test_a_point_that_cannot_be_is_not_found(client: Client, anna: User, q: str, after: str) -> None:
    client.force_login(anna)
    assert client.get("/search/", {"q": q, "after": after}).status_code == 404


def test_a_search_is_read_only(client: Client, anna: User) -> None:
    client.force_login(anna)
    assert client.post("/search/").status_code == client.post("/search/complete/").status_code == 405


@pytest.mark.parametrize(
    "text", ["\0", "'; drop table", "🐕", "a" * 5000, '"' * 50, "%", "2023-02-31", "9999", "@", "by"]
)
def test_odd_queries_have_a_page(client: Client, anna: User, photos: dict[str, Photo], text: str) -> None:
    client.force_login(anna)
    assert client.get("/search/", {"q": text}).status_code == 200
    assert client.get("/search/complete/", {"q": text}).status_code == 200


@pytest.mark.parametrize(("q", "queries"), [("dogs", 12), ("dogs in rome 2023", 20), ("birthday", 16)])
def test_a_search_asks_the_database_a_few_questions_however_many_photos_it_finds(
    client: Client,
    photos: dict[str, Photo],
    q: str,
    queries: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_max_num_queries(queries):
        client.get("/search/", {"q": q, "of": "everyone"})


def test_the_field_proposes_what_there_is_with_its_count(client: Client, anna: User, photos: dict[str, Photo]) -> None:
    client.force_login(anna)

    def proposed(q: str, of: str = "") -> list[tuple[str, str, int]]:
        shown = client.get("/search/complete/", {"q": q, "of": of}).context["completions"]
        return [(one.text, one.detail, one.count) for one in shown]

    assert ("dogs", "", 3) in proposed("do")
    assert proposed("pup")[0] == ("pup", "dogs", 3)
    assert proposed("rome lab")[0] == ("rome Labrador retrievers", "", 2)
    assert proposed("sports c") == [("sports cars", "", 1)]
    assert proposed("sports c", of="everyone") == []
    assert proposed("zebra") == proposed("zz") == proposed("d") == proposed("") == []
    assert proposed("@an", of="everyone") == [("@anna", "a person", 0)]


def test_a_single_word_that_finds_nothing_is_not_all_that_together(
    client: Client, anna: User, photos: dict[str, Photo]
) -> None:
    client.force_login(anna)
    html = client.get("/search/", {"q": "tricycles"}).content.decode()
    assert "No photos found for “tricycles”" in html
    assert "or fewer of them" not in html
