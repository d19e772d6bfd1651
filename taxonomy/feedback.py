"""The dial of a network put right by what people answered, so that no one of them can move it.

Answers are of names drawn by chance among those shown. Three things keep a person from deciding for all: they count at
most as so many answers; somebody whose answers are unlike everyone else's beyond chance is set aside; and a floor goes
only as far as it would without any one of those who remain. What had been measured before helps to choose a floor, as a
part of the evidence; what is promised rests on the exact lower bound of the answers alone.
"""

from dataclasses import dataclass, replace

import numpy as np

from taxonomy.calibration import FLOORS, MARGIN
from taxonomy.certainty import Certainty
from taxonomy.hedging import Calibration, Stop
from taxonomy.intervals import exact_interval, exact_lower_bound
from taxonomy.precision import capped

BOUND_CONFIDENCE = 0.95  # one-sided
PRIOR_SHARE = 0.25  # of the answers: what the measurement before counts beside them
# Two rates that share nothing of intervals this wide differ by chance once in a thousand.
ODD_CERTAINTY = 0.999
# Where more than one in five had to be set aside, people differ, and nobody of them is odd.
MOST_ASIDE = 0.2
BAND_ANSWERS = 80.0  # a step of the curve rests on so many at least: 80 of 80 say 0.96


@dataclass(frozen=True)
class Needs:
    """How much must have been answered before anything changes, and how many answers a person counts for at most."""

    people: int = 10
    answers: int = 200
    per_person: int = 30


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers about names, (n,) each: by whom, how sure the network was, the floor that the name had to reach, right.

    `people` int64, `confidences` and `floors` float64, `right` bool.
    """

    people: np.ndarray
    confidences: np.ndarray
    floors: np.ndarray
    right: np.ndarray

    def take(self, some: np.ndarray) -> "Answers":
        """Some of the answers."""
        return Answers(self.people[some], self.confidences[some], self.floors[some], self.right[some])


@dataclass(frozen=True)
class StopChange:
    """A stop before and after, and what answers say of the names there is now: how many count, and their bound.

    `is_decided` says whether there were enough; else the stop is as it was.
    """

    before: Stop
    after: Stop
    answers: float
    right: float
    at_least: float
    is_decided: bool


@dataclass(frozen=True, eq=False)
class Recalibration:
    """What answers make of a calibration; `too_little` says why nothing was changed, None where something was."""

    calibration: Calibration
    stops: tuple[StopChange, ...]
    people: int
    answers: int
    set_aside: int
    too_little: str | None = None


def recalibrated(prior: Calibration, answers: Answers, needs: Needs | None = None) -> Recalibration:
    """Put the floors of a calibration, and its curve, right by answers; unchanged where there are too few.

    >>> nobody = Answers(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool))
    >>> recalibrated(Calibration.unmeasured(), nobody).too_little
    '0 people answered, and 10 are needed'
    """
    needs = needs or Needs()
    odd = odd_people(answers, needs.per_person)
    everyone = len(np.unique(answers.people))
    kept = answers.take(~np.isin(answers.people, odd))
    people, count = len(np.unique(kept.people)), len(kept.right)
    unchanged = Recalibration(prior, (), people, count, len(odd))
    if len(odd) > MOST_ASIDE * everyone:
        return replace(unchanged, too_little=f"{len(odd)} of {everyone} people answer unlike the others")
    if people < needs.people:
        return replace(unchanged, too_little=f"{people} people answered, and {needs.people} are needed")
    evidence = Evidence(kept, prior.certainty, needs)
    changes = [evidence.change(stop) for stop in prior.stops]
    if not any(change.is_decided for change in changes):
        most = max(evidence.counted(stop.floor)[0] for stop in prior.stops)
        return replace(unchanged, too_little=f"{most:.0f} answers count, and {needs.answers} are needed")
    changes = _in_order(changes, evidence)
    fitted = Calibration(
        prior.temperature,
        tuple(change.after for change in changes),
        evidence.certainty(prior),
        prior.least_evidence,
    )
    return Recalibration(fitted, tuple(changes), people, count, len(odd))


def odd_people(answers: Answers, per_person: int) -> np.ndarray:
    """The people whose answers are unlike everyone else's beyond chance: whoever answers wrongly, or at random.

    The oddest one is set aside first, and the others are compared without that one.
    """
    people, at = np.unique(answers.people, return_inverse=True)
    n = np.bincount(at, minlength=len(people)).astype(np.float64)
    weight = capped(n, per_person)
    k = np.bincount(at, answers.right, len(people)) * weight
    n *= weight
    odd: list[int] = []
    while len(people) - len(odd) > 2:
        low, high = exact_interval(k, n, ODD_CERTAINTY)
        rest_low, rest_high = exact_interval(k.sum() - k, n.sum() - n, ODD_CERTAINTY)
        gap = np.where(n > 0, np.maximum(rest_low - high, low - rest_high), -1.0)
        oddest = int(gap.argmax())
        if gap[oddest] <= 0:
            break
        odd.append(oddest)
        k[oddest] = n[oddest] = 0.0
    return np.asarray(people[odd])


class Evidence:
    """What answers say of the names from each of FLOORS on: of everyone, and of everyone but each one person."""

    def __init__(self, answers: Answers, prior: Certainty, needs: Needs) -> None:
        self.answers, self.needs = answers, needs
        people, self.person = np.unique(answers.people, return_inverse=True)
        self.people = len(people)
        self.weight = capped(np.bincount(self.person), needs.per_person)[self.person]
        expected = np.array([prior.accuracy(confidence) for confidence in answers.confidences.tolist()])
        # (floors, people): a name from a floor on was met wherever it had to reach no more than that floor
        counts, hits, hoped = [], [], []
        for floor in FLOORS:
            met = np.where((answers.floors <= floor + 1e-9) & (answers.confidences >= floor - 1e-9), self.weight, 0.0)
            counts.append(self._by_person(met))
            hits.append(self._by_person(met * answers.right))
            hoped.append(self._by_person(met * expected))
        self.counts, self.hits, self.hoped = np.array(counts), np.array(hits), np.array(hoped)

    def counted(self, floor: float) -> tuple[float, float]:
        """How many answers count for the names from a floor on, and how many of these say right."""
        at = self._at(floor)
        return float(self.counts[at].sum()), float(self.hits[at].sum())

    def change(self, before: Stop) -> StopChange:
        """What becomes of a stop."""
        at = self._at(before.floor)
        n = self.counts.sum(axis=1)
        if n[at] < self.needs.answers:
            return self.changed(before, before, is_decided=False)
        proved = self.bounds().min(axis=1)  # without whoever speaks for it most
        if self.likely(at) < before.target + MARGIN:
            held = np.flatnonzero(proved[at:] >= before.target)
            best = at + int(held[0] if len(held) else proved[at:].argmax())
            return self.changed(before, _at_floor(before, float(FLOORS[best])), is_decided=True)
        may_fall = (np.arange(len(FLOORS)) < at) & (before.membership <= FLOORS + 1e-9) & (n >= self.needs.answers)
        lower = np.flatnonzero(may_fall & (proved >= before.target))
        floor = float(FLOORS[lower[0]]) if len(lower) else before.floor
        return self.changed(before, _at_floor(before, floor), is_decided=True)

    def changed(self, before: Stop, after: Stop, *, is_decided: bool) -> StopChange:
        """What became of a stop, and what its answers now say."""
        at = self._at(after.floor)
        at_least = float(self.bounds()[at].min())
        if is_decided:
            after = replace(after, is_reached=at_least >= after.target)
        return StopChange(before, after, *self.counted(after.floor), at_least, is_decided)

    def likely(self, at: int) -> float:
        """How often names from a floor on are right by answers and, as a part, by what was measured before.

        Without whoever's answers lower it most.
        """
        n = self.counts[at].sum() - self.counts[at]
        k = self.hits[at].sum() - self.hits[at] + PRIOR_SHARE * (self.hoped[at].sum() - self.hoped[at])
        return float((k / np.maximum(n * (1 + PRIOR_SHARE), 1e-9)).max())

    def bounds(self) -> np.ndarray:
        """(floors, people) float64: the exact lower bound of the answers at each floor without each of the people."""
        n = self.counts.sum(axis=1, keepdims=True) - self.counts
        return exact_lower_bound(self.hits.sum(axis=1, keepdims=True) - self.hits, n, BOUND_CONFIDENCE)

    def certainty(self, prior: Calibration) -> Certainty:
        """The curve of a calibration, nowhere above the bound of the answers about names of such a confidence.

        Where nothing had been measured it is that bound. Else it only falls: answers are about names, and the curve
        also speaks of all the categories that list a photo.
        """
        edges, bounds = self._bands()
        steps = sorted({*edges, *prior.certainty.confidences})
        band = np.maximum(np.searchsorted(edges, np.array(steps) + 1e-9) - 1, 0)
        accuracies = np.array(bounds)[band]
        is_answered = np.array(steps) >= edges[0] - 1e-9
        before = np.array([_exactly(prior.certainty, step) for step in steps])
        accuracies = np.where(is_answered & (not prior.is_measured), accuracies, np.minimum(accuracies, before))
        kept = np.flatnonzero(np.diff(accuracies, prepend=-1.0) > 0)
        rounded = np.floor(accuracies[kept] * 1000 + 1e-9) / 1000
        return Certainty(tuple(steps[i] for i in kept.tolist()), tuple(rounded.tolist()))

    def _bands(self) -> tuple[list[float], list[float]]:
        """Where each stretch of confidences with enough answers begins, from below, and its bound: rising."""
        order = np.argsort(-self.answers.confidences, kind="stable")
        edges: list[float] = []
        bounds: list[float] = []
        begin = 0
        summed = np.cumsum(self.weight[order])
        while begin < len(order):
            before = summed[begin - 1] if begin else 0.0
            end = int(np.searchsorted(summed, before + BAND_ANSWERS)) + 1
            if end >= len(order) or summed[-1] - summed[end - 1] < BAND_ANSWERS:
                end = len(order)
            edge = float(np.floor(self.answers.confidences[order[end - 1]] * 100) / 100)
            end = int(np.searchsorted(-self.answers.confidences[order], -edge, side="right"))
            among = np.zeros(len(order), dtype=bool)
            among[order[begin:end]] = True
            count = self._by_person(np.where(among, self.weight, 0.0))
            hits = self._by_person(np.where(among & self.answers.right, self.weight, 0.0))
            left_out = hits.sum() - hits, count.sum() - count
            bounds.append(float(exact_lower_bound(*left_out, BOUND_CONFIDENCE).min()))
            edges.append(edge)
            begin = end
        rising = np.minimum.accumulate(bounds)  # from the surest down
        return edges[::-1], rising[::-1].tolist()

    def _at(self, floor: float) -> int:
        return min(int(np.searchsorted(FLOORS, floor - 1e-9)), len(FLOORS) - 1)

    def _by_person(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.person, values, self.people)


def _in_order(changes: list[StopChange], evidence: Evidence) -> list[StopChange]:
    """No stop less careful than one that promises less, and membership not rising from one to the next."""
    floor, ordered = 0.0, []
    for change in reversed(changes):
        if change.after.floor < floor:
            raised = _at_floor(change.after, floor)
            change = evidence.changed(change.before, raised, is_decided=change.is_decided)  # noqa: PLW2901 - the one that was raised
        floor = change.after.floor
        ordered.append(change)
    ordered.reverse()
    for i in range(1, len(ordered)):
        most = ordered[i - 1].after.membership
        if ordered[i].after.membership > most:
            ordered[i] = replace(ordered[i], after=replace(ordered[i].after, membership=most))
    return ordered


def _at_floor(stop: Stop, floor: float) -> Stop:
    """A stop with another floor; where it rises, membership goes the same part of the way to certainty."""
    raised = max(0.0, (floor - stop.floor) / (1 - stop.floor)) if stop.floor < 1 else 0.0
    membership = round(min(stop.membership + (1 - stop.membership) * raised, floor), 4)
    return replace(stop, floor=floor, membership=membership, vague_floor=min(stop.vague_floor, floor))


def _exactly(certainty: Certainty, confidence: float) -> float:
    """The curve without the cap that pages show."""
    at = int(np.searchsorted(certainty.confidences, confidence, side="right")) - 1
    return certainty.accuracies[at] if at >= 0 else 0.0
