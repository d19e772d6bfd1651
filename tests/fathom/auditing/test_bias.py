"""Groups beside the rest: who is in them, what is told of them, and what is not."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pytest_django import Settings

from fathom.auditing.membership import LEAST_PHOTOS, is_enough, members_of
from fathom.auditing.models import AuditedFigure, AuditGroup
from fathom.auditing.reading import groups_page
from pictograph.albums.contents import add_photos, album_named
from pictograph.corrections.correcting import correct
from pictograph.corrections.models import Verdict
from pictograph.people.models import User
from pictograph.photos.models import Photo
from taxonomy.groups import certainty_among, share_of
from tests.factories import BEAGLE, DAISY, LABRADOR, TABBY, ImportFactory, classified_photo
from tests.fathom.auditing.world import figures, many, person, public, worked_out
from tests.fathom.moderation.making import case_of_photo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("celery_messages")]
Kind, Measure = AuditGroup.Kind, AuditedFigure.Measure


def group(kind: str, **fields: Any) -> AuditGroup:
    return AuditGroup.objects.create(name=f"By {kind}", kind=kind, note="To see.", **fields)


def test_members_are_public_photos_that_have_it_in_common() -> None:
    anna, ben = person("anna"), person("ben")
    day = datetime(2021, 5, 6, 23, 50, tzinfo=UTC)
    batch = ImportFactory(owner=anna)
    common: dict[str, Any] = {"camera": "Phone 7", "shown_at": day, "batch": batch}
    one = public(anna, LABRADOR, **common, near_country="IT")
    private = classified_photo(TABBY, owner=anna, **common, near_country="IT")
    other = public(ben, BEAGLE)
    album = album_named(anna, "Measure")
    add_photos(album, [one.pk, private.pk])
    people = group(Kind.PEOPLE)
    people.people.add(anna)
    groups = [
        group(Kind.CAMERA, words="phone"),
        group(Kind.IMPORT, batch=batch),
        group(Kind.ALBUM, album=album),
        people,
        group(Kind.DATES, first_day=date(2021, 5, 6), last_day=date(2021, 5, 6)),
    ]
    for of in groups:
        assert list(members_of(of)) == [one], of
    country = group(Kind.COUNTRY, words="IT")
    assert not members_of(country).exists()
    User.objects.filter(pk=anna.pk).update(shows_places=True)
    assert list(members_of(country)) == [one]
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert not any(members_of(of).exists() for of in (*groups, country))
    assert Photo.objects.filter(pk=other.pk).exists()


def test_a_group_needs_people_and_photos_and_ones_own_set_only_photos(settings: Settings) -> None:
    settings.MAP_PEOPLE = 3
    enough = {1: LEAST_PHOTOS - 2, 2: 1, 3: 1}
    assert is_enough(enough, is_one_set=False)
    assert not is_enough(enough | {1: LEAST_PHOTOS - 3}, is_one_set=False)
    assert not is_enough({1: LEAST_PHOTOS, 2: 5}, is_one_set=False)
    assert is_enough({1: LEAST_PHOTOS}, is_one_set=True)
    assert not is_enough({1: LEAST_PHOTOS - 1}, is_one_set=True)


def test_figures_are_counted_with_intervals_as_wide_as_the_comparisons_ask_for(settings: Settings) -> None:
    settings.UNSAFE_HOLD = 0.8
    phones = group(Kind.CAMERA, words="phone")
    own, rest = [10, 10, 10, 10], [20, 10, 10, 10]
    for n, count in enumerate(own):
        photos = many(person(f"own{n}"), DAISY, count, camera="A phone", unsafe=0.1)
        unsafe = [photo.pk for photo in photos[:8]]
        Photo.objects.filter(pk__in=unsafe).update(unsafe=0.9)
        if n < 3:
            correct(photos[0].owner, [photos[0].pk], Verdict.WRONG, DAISY)
    for n, count in enumerate(rest):
        photos = many(person(f"rest{n}"), DAISY, count, camera="A box", unsafe=0.1)
    case_of_photo(photos[0])
    audit = worked_out()
    found = figures(audit, phones)
    # Of the rest nobody corrected anything; of the group three people did, which is enough to be told.
    assert set(found) == set(Measure.values)
    assert audit.comparisons == len(Measure.values)
    certainty = certainty_among(len(Measure.values))
    unsafe_ = found[Measure.UNSAFE]
    share, beside = share_of(own, [8] * 4, certainty), share_of(rest, [0] * 4, certainty)
    assert (unsafe_.photos, unsafe_.hits, unsafe_.rest_photos, unsafe_.rest_hits) == (40, 32, 50, 0)
    assert (unsafe_.low, unsafe_.high) == pytest.approx((share.low, share.high))
    assert (unsafe_.rest_low, unsafe_.rest_high) == pytest.approx((beside.low, beside.high))
    assert unsafe_.is_different
    corrected, reported = found[Measure.CORRECTED], found[Measure.REPORTED]
    assert (corrected.hits, corrected.rest_hits, corrected.is_different) == (3, 0, False)
    assert (reported.hits, reported.rest_hits) == (0, 1)
    assert (found[Measure.INSULTING].hits, found[Measure.UNNAMED].hits) == (0, 0)
    (shown,) = groups_page().groups
    words = {figure.measure: figure.words for figure in shown.figures}
    assert words["looks like nudity"] == "More often than the rest"
    assert words["corrected by its owner"] == "Cannot be told apart"


def test_of_a_small_group_nothing_is_told() -> None:
    phones = group(Kind.CAMERA, words="phone")
    for name in ("anna", "ben"):
        many(person(name), DAISY, 20, camera="A phone")
    audit = worked_out()
    audited = audit.groups.get(group=phones)
    assert (audited.is_told, audited.photos, audited.people) == (False, None, None)
    assert figures(audit, phones) == {}


def test_what_few_people_corrected_is_not_told_apart_from_the_rest() -> None:
    phones = group(Kind.CAMERA, words="phone")
    for n in range(3):
        photos = many(person(f"own{n}"), DAISY, 11, camera="A phone")
        many(person(f"rest{n}"), DAISY, 11, camera="A box")
    correct(photos[0].owner, [photos[0].pk], Verdict.WRONG, DAISY)
    audit = worked_out()
    assert Measure.CORRECTED not in figures(audit, phones)
    (shown,) = groups_page().groups
    assert "corrected by its owner" in shown.missing
