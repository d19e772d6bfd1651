"""`calibrate_labels --from-feedback`: the dial put right by what people answered, or left as it is."""

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from pictograph.catalogue.models import Edition, Network
from pictograph.catalogue.snapshot import calibration_of
from pictograph.corrections.models import Correction, Judgement, Verdict
from pictograph.corrections.question_models import Answer, Question
from pictograph.management.database import bring_up_to_date
from pictograph.photos.models import Photo
from taxonomy.feedback import Answers
from taxonomy.hedging import dump_calibration
from tests.factories import BEAGLE, PhotoFactory, UserFactory
from tests.pictograph.corrections.asking import network_of_now
from tests.pictograph.management.commands import printed
from tests.taxonomy.worlds import STOP, World, answers_in


@pytest.fixture
def network(db: None) -> Network:
    bring_up_to_date(lambda words: None)  # which begins an edition where the shipped rules are new
    return network_of_now()


def kept(answers: Answers, network: Network) -> None:
    """Answers as rows, as if people had been asked."""
    people = {person: UserFactory() for person in np.unique(answers.people).tolist()}
    owners = [people[person] for person in answers.people.tolist()]
    classified = {"state": Photo.State.CLASSIFIED, "network": network}
    photos = Photo.objects.bulk_create(PhotoFactory.build(owner=owner, **classified) for owner in owners)
    verdicts = [Verdict.RIGHT if right else Verdict.WRONG for right in answers.right]
    corrections = Correction.objects.bulk_create(
        Correction(owner=owner, by=owner, verdict=verdict, wnid=BEAGLE, was_asked=True)
        for owner, verdict in zip(owners, verdicts, strict=True)
    )
    pairs = list(zip(photos, corrections, strict=True))
    Judgement.objects.bulk_create(Judgement(photo=photo, correction=correction) for photo, correction in pairs)
    Question.objects.bulk_create(
        Question(
            owner=photo.owner,
            photo=photo,
            network=network,
            wnid=BEAGLE,
            stop=STOP,
            confidence=confidence,
            floor=floor,
            is_random=True,
            answer=Answer.YES if right else Answer.NO,
            answered_at=datetime.now(UTC),
            correction=correction,
        )
        for (photo, correction), confidence, floor, right in zip(
            pairs, answers.confidences.tolist(), answers.floors.tolist(), answers.right.tolist(), strict=True
        )
    )


def asked(network: Network, people: int = 30, each: int = 15) -> None:
    world = World(2.5, np.random.default_rng(4))
    kept(answers_in(world, calibration_of(network), people, each), network)


def edition() -> int:
    return Edition.objects.get(pk=1).number


def stop_in(report: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = report["feedback"]["stops"][STOP]
    return found


def test_answers_put_the_dial_right_and_begin_an_edition(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    asked(network)
    before, number = calibration_of(network), edition()
    report = printed(capsys, "calibrate_labels", "--from-feedback")
    network.refresh_from_db()
    after = calibration_of(network)
    assert after.stops[STOP].floor == stop_in(report)["floor"]["after"] > before.stops[STOP].floor
    assert after.stops[STOP].is_reached == (stop_in(report)["right_at_least"] >= 0.95)
    assert report["feedback"]["people"] == 30
    assert edition() == number + 1


def test_a_dry_run_says_the_old_and_the_new_and_keeps_nothing(
    network: Network, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(network)
    number = edition()
    report = printed(capsys, "calibrate_labels", "--from-feedback", "--dry-run")
    assert stop_in(report)["floor"]["after"] > stop_in(report)["floor"]["before"]
    network.refresh_from_db()
    assert network.calibration is None
    assert edition() == number


def test_doing_it_again_gives_the_same(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    asked(network)
    first = printed(capsys, "calibrate_labels", "--from-feedback")
    assert printed(capsys, "calibrate_labels", "--from-feedback") == first


def test_where_too_little_was_answered_nothing_changes_and_that_is_said(
    network: Network, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(network, people=12, each=5)
    number = edition()
    call_command("calibrate_labels", "--from-feedback", "--json")
    told = capsys.readouterr()
    assert "Too little was answered: 60 answers count, and 200 are needed. It changes nothing." in told.err
    assert json.loads(told.out)["feedback"]["stops"] == []
    network.refresh_from_db()
    assert network.calibration is None
    assert edition() == number
    assert stop_in(printed(capsys, "calibrate_labels", "--from-feedback", "--answers", "50"))["had_enough_answers"]


def test_answers_about_another_network_or_taken_back_say_nothing(
    network: Network, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(network)
    other = Network.objects.create(version="another", label_set="imagenet_1k", calibration=dump_of(network))
    Question.objects.filter(pk__in=Question.objects.values("pk")[:200]).update(network=other)
    Judgement.objects.filter(correction__in=Correction.objects.order_by("-pk").values("pk")[:100]).update(stands=False)
    report = printed(capsys, "calibrate_labels", "--from-feedback", "--dry-run")
    assert report["feedback"]["answers"] == 150


def dump_of(network: Network) -> dict[str, Any]:
    return dump_calibration(calibration_of(network))


def test_neither_folders_nor_feedback_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="--from-feedback"):
        call_command("calibrate_labels")


def test_before_a_network_has_run_there_is_nothing_to_put_right(db: None) -> None:
    with pytest.raises(CommandError, match="No network"):
        call_command("calibrate_labels", "--from-feedback")
