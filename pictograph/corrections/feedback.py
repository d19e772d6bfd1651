"""The dial of a network put right by what people answered: the rule is `taxonomy.feedback`."""

from typing import Any

import numpy as np

from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import calibration_of
from pictograph.corrections.question_models import Answer, Question
from taxonomy.feedback import Answers, Recalibration, StopChange
from taxonomy.hedging import Calibration, dump_calibration, parse_calibration

MEASURED = "before_answers"  # in a network's calibration: the one that answers were laid against


def answers_about(network: Network) -> Answers:
    """What people answered about names of photos drawn by chance, and have not taken back."""
    rows = Question.objects.telling(network.pk).order_by("pk")
    answered = list(rows.values_list("owner", "confidence", "floor", "answer"))
    people, confidences, floors, answers = zip(*answered, strict=True) if answered else ((), (), (), ())
    return Answers(
        np.array(people, dtype=np.int64),
        np.array(confidences, dtype=np.float64),
        np.array(floors, dtype=np.float64),
        np.array([answer == Answer.YES for answer in answers], dtype=bool),
    )


def measured_before(network: Network) -> Calibration:
    """The calibration of a network as it was before any answers: each time they are laid against the same."""
    kept = (network.calibration or {}).get(MEASURED)
    return parse_calibration(kept) if kept else calibration_of(network)


def keep(network: Network, found: Recalibration, before: Calibration) -> None:
    """Let every process go by what answers made of a calibration."""
    network.calibrate(dump_calibration(found.calibration) | {MEASURED: dump_calibration(before)})


def told(found: Recalibration) -> dict[str, Any]:
    """What became of a calibration, for printing."""
    return {
        "people": found.people,
        "answers": found.answers,
        "people_set_aside": found.set_aside,
        "too_little": found.too_little,
        "stops": [_told(change) for change in found.stops],
        "certainty": dump_calibration(found.calibration)["certainty"],
    }


def _told(change: StopChange) -> dict[str, Any]:
    return {
        "target": change.after.target,
        "had_enough_answers": change.is_decided,
        "answers_that_count": round(change.answers, 1),
        "right": round(change.right, 1),
        "right_at_least": round(change.at_least, 4),
        "is_promised": {"before": change.before.is_reached, "after": change.after.is_reached},
        "floor": {"before": change.before.floor, "after": change.after.floor},
        "membership": {"before": change.before.membership, "after": change.after.membership},
    }
