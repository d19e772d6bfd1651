"""What a person sees of corrections: said of one photo or of many, asked where it is not clear, and taken back."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pictograph.corrections.correcting import correct
from pictograph.corrections.models import Correction, Judgement, Verdict
from pictograph.people.models import User
from pictograph.photos.models import Photo
from tests.factories import BEAGLE, DAISY, LABRADOR, SPORTS_CAR, TABBY, PhotoFactory, UserFactory, classified_photo

SAY = reverse("correct")
HTMX = {"HX-Request": "true"}
DOGS, ANIMALS = "n02084071", "n00015388"
DOGS_PAGE = "/photos/c/dogs-n02084071/"


@pytest.fixture
def owner(client: Client, library: User) -> Client:
    client.force_login(library)
    return client


def labradors(user: User) -> list[int]:
    return list(Photo.objects.owned_by(user).order_by("pk").values_list("pk", flat=True)[:12])


def undo_of(correction: Correction) -> str:
    return reverse("undo_correction", args=[correction.pk])


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def list_after(response: Any) -> dict[str, Any]:
    """What the sheet tells its page."""
    found = re.search(r'data-done="([^"]*)"', response.content.decode())
    assert found
    told: dict[str, Any] = json.loads(found[1].replace("&quot;", '"'))
    return told


def test_the_photo_page_offers_what_can_be_said_of_each_category(owner: Client, user: User) -> None:
    photo = classified_photo(LABRADOR, owner=user)
    html = owner.get(photo.get_absolute_url()).content.decode()
    rungs = html.count('class="menu rung-menu"')
    assert rungs == html.count('value="wrong"') == html.count('value="right"') == html.count('value="not_interesting"')
    assert html.count('value="too_specific"') == rungs - 1  # at the top there is nothing wider
    assert 'name="words"' in html


def test_what_was_said_of_one_photo_is_told_with_a_way_back(owner: Client, user: User) -> None:
    photo = classified_photo(LABRADOR, owner=user)
    here = photo.get_absolute_url()
    said = owner.post(SAY, {"photo": photo.pk, "verdict": "is", "wnid": BEAGLE, "next": here}, follow=True)
    assert said.redirect_chain == [(here, 302)]
    correction = Correction.objects.get()
    html = said.content.decode()
    assert "Now: a beagle." in html
    assert html.count(f'action="{undo_of(correction)}"') == 2  # in the message, and in the list of what was said
    assert "<h1" in html
    assert "A beagle.</h1>" in html
    assert html.count("you said so") == 1
    assert "It is a beagle" in html
    again = owner.get(here).content.decode()
    assert "Now:" not in again
    assert f'action="{undo_of(correction)}"' in again
    back = owner.post(undo_of(correction), {"next": here}, follow=True).content.decode()
    assert "Taken back." in back
    assert "Surely a Labrador retriever.</h1>" in back
    assert "you said so" not in back
    assert "What was said of it" not in back


def test_what_a_person_said_is_certain_and_not_surely(owner: Client, user: User) -> None:
    photo = classified_photo({LABRADOR: 0.6, BEAGLE: 0.3}, owner=user)
    owner.post(SAY, {"photo": photo.pk, "verdict": "right", "wnid": DOGS})
    html = owner.get(photo.get_absolute_url()).content.decode()
    chain = html[html.index('<ol class="chain">') : html.index("</ol>")]
    assert "A dog</a>" in chain
    assert "urely a dog" not in html
    assert chain.index("you said so") > chain.index("A dog</a>")


def test_lists_say_it_without_a_doubt_too(owner: Client, user: User) -> None:
    said, unsaid = (classified_photo({LABRADOR: 0.9}, owner=user) for _ in range(2))
    owner.post(SAY, {"photo": said.pk, "verdict": "is", "wnid": BEAGLE})
    html = owner.get("/photos/").content.decode()
    assert html.count('alt="Photo, a beagle, ') == 1
    assert html.count('alt="Photo, a ') == 1, f"nobody said what {unsaid.pk} is"


def test_others_are_told_that_its_owner_said_so_and_no_more(client: Client, owner: Client, user: User) -> None:
    photo = classified_photo(LABRADOR, owner=user, is_public=True)
    correct(user, [photo.pk], Verdict.IS, BEAGLE)
    html = Client().get(photo.get_absolute_url()).content.decode()
    assert "its owner said so" in html
    for own in ("rung-menu", "What was said of it", 'name="words"', "undo", "correct.js"):
        assert own not in html


def test_a_photo_that_is_hard_to_name_can_be_named(owner: Client, user: User) -> None:
    photo = classified_photo({LABRADOR: 0.1, TABBY: 0.1, DAISY: 0.1, SPORTS_CAR: 0.1}, owner=user)
    here = photo.get_absolute_url()
    assert "Say what it is" in text_of(owner.get(here))
    assert (
        "A daisy.</h1>"
        in owner.post(
            SAY, {"photo": photo.pk, "verdict": "is", "words": "daisy", "next": here}, follow=True
        ).content.decode()
    )


def test_htmx_gets_the_parts_of_the_photo_page_that_change(owner: Client, user: User) -> None:
    photo = classified_photo(LABRADOR, owner=user)
    here = f"{photo.get_absolute_url()}?in=dogs-{DOGS}"
    form = {"photo": photo.pk, "verdict": "is", "wnid": BEAGLE, "next": here}
    part = owner.post(SAY, form, headers=HTMX | {"HX-Target": "said"}).content.decode()
    assert "<html" not in part
    assert part.strip().startswith('<div id="said"')
    assert '<header id="called" hx-swap-oob="true"' in part
    assert '<div id="messages" class="messages" role="status" hx-swap-oob="true">' in part
    assert f'name="next" value="{here}"' in part  # what is said next leads back here, not to this answer
    assert f'value="{SAY}"' not in part
    correction = Correction.objects.get()
    back = owner.post(
        undo_of(correction), {"photo": photo.pk, "next": here}, headers=HTMX | {"HX-Target": "said"}
    ).content.decode()
    assert "Surely a Labrador retriever.</h1>" in back
    assert "<html" not in back


def test_a_word_that_means_several_things_is_asked_about(owner: Client, user: User) -> None:
    photo = classified_photo(LABRADOR, owner=user)
    form = {"photo": photo.pk, "verdict": "is", "words": "pup", "next": photo.get_absolute_url()}
    asked = owner.post(SAY, form)
    assert asked.status_code == 200
    html = asked.content.decode()
    assert "What does this photo show?" in html
    assert f'name="wnid" value="{DOGS}"' in html
    assert "in animals" in html
    assert not Correction.objects.exists()
    part = owner.post(SAY, form, headers=HTMX | {"HX-Target": "said"}).content.decode()
    assert part.strip().startswith('<div id="said"')
    assert f'name="wnid" value="{DOGS}"' in part
    assert '<details class="it-is" open>' in part
    done = owner.post(SAY, form | {"wnid": DOGS}, follow=True)
    assert "Now: surely a Labrador retriever." in text_of(done)
    assert Correction.objects.get().wnid == DOGS


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"verdict": "is", "words": "qwertzuiop"}, "No category is called so."),
        ({"verdict": "is", "words": "  "}, "Write what it is first."),
        ({"verdict": "is", "wnid": "n99999999"}, "There is no such category any more."),
        ({"verdict": "wrong", "wnid": "dogs"}, "There is no such category any more."),
        ({"verdict": "too_specific", "wnid": ANIMALS}, "There is nothing less specific than that."),
        ({"verdict": "blocked", "wnid": DOGS}, "That cannot be said of a photo."),
        ({"verdict": "great", "wnid": DOGS}, "That cannot be said of a photo."),
    ],
    ids=["no word", "nothing", "no category", "no id", "at the top", "for moderators", "no verdict"],
)
def test_what_cannot_be_said_is_refused_in_plain_words(
    owner: Client, user: User, said: dict[str, str], why: str
) -> None:
    photo = classified_photo(LABRADOR, owner=user)
    for headers in ({}, HTMX | {"HX-Target": "said"}, HTMX | {"HX-Target": "say"}):
        response = owner.post(SAY, {"photo": photo.pk, **said}, headers=headers)
        assert response.status_code == 422
        assert why in text_of(response)
        assert ("<html" in response.content.decode()) == (not headers)
    assert not Correction.objects.exists()


def test_a_photo_of_somebody_else_is_not_there(owner: Client, stranger: User) -> None:
    photo = classified_photo(LABRADOR, owner=stranger, is_public=True)
    assert owner.post(SAY, {"photo": photo.pk, "verdict": "wrong", "wnid": DOGS}).status_code == 404
    said = correct(stranger, [photo.pk], Verdict.WRONG, DOGS)
    assert said
    assert owner.post(undo_of(said)).status_code == 404
    assert Correction.objects.get().undone_at is None


def test_a_photo_that_nobody_has_looked_at_is_not_there(owner: Client, user: User) -> None:
    photo = PhotoFactory(owner=user)
    assert owner.post(SAY, {"photo": photo.pk, "verdict": "wrong", "wnid": DOGS}).status_code == 404


def test_other_methods_are_refused(owner: Client, library: User) -> None:
    said = correct(library, labradors(library)[:1], Verdict.WRONG, LABRADOR)
    assert said
    assert owner.get(SAY).status_code == 405
    assert owner.get(undo_of(said)).status_code == 405
    assert owner.post(reverse("corrections")).status_code == 405
    assert owner.post(reverse("correct_choices")).status_code == 405


def test_who_is_not_signed_in_is_asked_to(db: None) -> None:
    for address in (reverse("corrections"), reverse("correct_choices")):
        assert Client().get(address).status_code == 302
    assert Client().post(SAY).status_code == 302


def test_what_a_moderator_took_off_cannot_be_undone_here(owner: Client, user: User) -> None:
    photo = classified_photo(LABRADOR, owner=user)
    blocked = correct(user, [photo.pk], Verdict.BLOCKED, LABRADOR, by=UserFactory(is_staff=True))
    assert blocked
    html = owner.get(photo.get_absolute_url()).content.decode()
    assert "A moderator took this off. It cannot be undone here." in html
    assert undo_of(blocked) not in html
    assert owner.post(undo_of(blocked)).status_code == 404
    assert undo_of(blocked) not in owner.get(reverse("corrections")).content.decode()


def test_nothing_is_said_where_nothing_is_ticked(owner: Client) -> None:
    response = owner.post(SAY, {"next": "/photos/"})
    assert response.status_code == 422
    assert "No photos are selected" in response.content.decode()


def test_without_scripts_a_page_asks_what_chosen_photos_show(owner: Client, library: User) -> None:
    chosen = labradors(library)[:3]
    within = f"dogs-{DOGS}"
    asked = owner.post(SAY, {"photo": chosen, "within": within, "next": DOGS_PAGE}).content.decode()
    assert "What do these 3 photos show?" in asked
    assert f'name="ids" value="{",".join(map(str, chosen))}"' in asked
    assert "Not dogs" in asked
    ids = ",".join(map(str, chosen))
    done = owner.post(SAY, {"ids": ids, "verdict": "wrong", "wnid": DOGS, "next": DOGS_PAGE}, follow=True)
    assert done.redirect_chain == [(DOGS_PAGE, 302)]
    assert "3 photos are no longer dogs." in text_of(done)
    assert "13 photos" in text_of(done)


@pytest.mark.parametrize(
    ("verdict", "wnid", "words"),
    [
        ("is", TABBY, "2 photos are tabby cats now."),
        ("right", DOGS, "2 photos are dogs, as you said."),
        ("too_specific", LABRADOR, "2 photos are retrievers, and no longer Labrador retrievers."),
        ("not_interesting", DOGS, "2 photos are no longer shown among dogs."),
        ("wrong", LABRADOR, "2 photos are no longer Labrador retrievers."),
    ],
    ids=["is", "right", "too specific", "not interesting", "wrong"],
)
def test_of_many_it_is_told_what_came_of_them(
    owner: Client, library: User, verdict: str, wnid: str, words: str
) -> None:
    ids = ",".join(map(str, labradors(library)[:2]))
    assert words in text_of(owner.post(SAY, {"ids": ids, "verdict": verdict, "wnid": wnid}, follow=True))


def test_the_sheet_is_told_which_photos_leave_its_list(owner: Client, library: User) -> None:
    chosen = labradors(library)[:3]
    form = {"ids": ",".join(map(str, chosen)), "verdict": "is", "wnid": TABBY, "next": DOGS_PAGE}
    in_sheet = HTMX | {"HX-Target": "say"}
    told = list_after(owner.post(SAY, form | {"walk": f"?in=dogs-{DOGS}"}, headers=in_sheet))
    assert told == {"gone": chosen, "called": {}}
    told = list_after(owner.post(SAY, form | {"wnid": BEAGLE, "walk": ""}, headers=in_sheet))
    assert told["gone"] == []
    assert all("beagle" in alt for alt in told["called"].values())
    assert list(told["called"]) == [str(pk) for pk in chosen]


def test_a_photo_that_is_named_leaves_those_that_are_not(owner: Client, user: User) -> None:
    photo = classified_photo({LABRADOR: 0.1, TABBY: 0.1, DAISY: 0.1, SPORTS_CAR: 0.1}, owner=user)
    form = {"ids": photo.pk, "verdict": "is", "wnid": TABBY, "walk": "?in=unnamed"}
    assert list_after(owner.post(SAY, form, headers=HTMX | {"HX-Target": "say"}))["gone"] == [photo.pk]


def test_the_rest_of_a_pictograph_loses_what_is_now_in_a_tile(owner: Client, library: User) -> None:
    daisy = classified_photo(DAISY, owner=library)
    form = {"ids": daisy.pk, "verdict": "is", "wnid": TABBY}
    walk = f"?without={DOGS}.{TABBY}&sure=90"
    assert list_after(owner.post(SAY, form | {"walk": walk}, headers=HTMX | {"HX-Target": "say"}))["gone"] == [daisy.pk]


def test_a_thousand_photos_are_corrected_in_one_go(owner: Client, library: User) -> None:
    ids = labradors(library)
    many = [*ids, *range(10_000_000, 10_000_990)]  # others' ids, and some that there are not, are passed over
    done = owner.post(SAY, {"ids": ",".join(map(str, many)), "verdict": "wrong", "wnid": DOGS}, follow=True)
    assert "12 photos are no longer dogs." in text_of(done)
    assert Judgement.objects.count() == 12


def test_undoing_twice_says_so_and_changes_nothing(owner: Client, library: User) -> None:
    said = correct(library, labradors(library)[:2], Verdict.WRONG, DOGS)
    assert said
    assert "Taken back." in text_of(owner.post(undo_of(said), follow=True))
    said.refresh_from_db()
    when = said.undone_at
    assert "That was taken back already." in text_of(owner.post(undo_of(said), follow=True))
    said.refresh_from_db()
    assert said.undone_at == when
    response = owner.post(undo_of(said), headers=HTMX)
    assert (response.status_code, response.headers["HX-Refresh"]) == (204, "true")


def test_a_walk_that_cannot_be_is_404_before_anything_is_said(owner: Client, library: User) -> None:
    form = {"ids": labradors(library)[0], "verdict": "wrong", "wnid": DOGS, "walk": "?year=never"}
    assert owner.post(SAY, form).status_code == 404
    assert not Correction.objects.exists()


def test_what_was_said_takes_its_guesses_along_at_once(owner: Client, user: User) -> None:
    photo = classified_photo({LABRADOR: 0.7, TABBY: 0.2}, owner=user)
    form = {"photo": photo.pk, "wnid": DOGS, "verdict": "wrong", "next": photo.get_absolute_url()}
    html = owner.post(SAY, form, headers={**HTMX, "HX-Target": "said"}).content.decode()
    part = html.partition('<section id="guesses"')[2].partition("</section>")[0]
    assert 'hx-swap-oob="true"' in part
    assert "A tabby cat" in part
    assert "Labrador" not in part
