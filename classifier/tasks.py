"""The Celery edge: a message says that there is work, and the worker drains it."""

import logging
import threading
import time
from functools import cache, partial
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init, worker_shutting_down
from django.conf import settings
from django.db import connections
from django.utils.module_loading import import_string

from classifier.network.activation import Explainer
from classifier.network.definition import UnsuitableNetwork, describe_network
from classifier.network.inference import Classifier
from classifier.network.unsafe import UnsafeNetwork
from classifier.pipeline import drain
from classifier.work import HeldUp

logger = logging.getLogger(__name__)

SCORED_ASIDE = 4  # pictures scored between two batches of an import, which take half as long as a batch
SCORED_TOGETHER = 8
EXPLAINED_ASIDE = 1  # maps made between two batches, each of which takes a good part of one
EXPLAINED_TOGETHER = 4
SCORING_S = 2.0  # of one message, as others may wait; a worker has one thread

_opening = threading.Lock()
_opened: dict[str, Classifier] = {}  # by precision
_draining = threading.Lock()
_work_came = threading.Event()
_stop = threading.Event()


def open_classifier(precision: str = "") -> Classifier:
    """The classifier of the settings, loaded once per process, for whatever purpose; the site does not hear of it.

    In another `precision` than theirs where one is given.
    """
    precision = precision or settings.CLASSIFIER_PRECISION
    with _opening:
        if precision not in _opened:
            spec = describe_network(settings.CLASSIFIER_MODEL, settings.CLASSIFIER_WEIGHTS, settings.CLASSIFIER_LABELS)
            classifier = Classifier.load(
                spec,
                settings.CLASSIFIER_CACHE,
                views=settings.CLASSIFIER_VIEWS,
                runtime=settings.CLASSIFIER_RUNTIME,
                precision=precision,
            )
            logger.info("%s is ready on %s.", classifier.version, classifier.device)
            _opened[precision] = classifier
        return _opened[precision]


def open_for_work() -> Classifier:
    """The classifier of the settings, for classifying the site's photos: it becomes the site's current one."""
    classifier = open_classifier()
    take_on = import_string(settings.CLASSIFIER_NETWORK)
    classifier.temperature = take_on(classifier.spec, settings.CLASSIFIER_VIEWS)
    return classifier


@shared_task(ignore_result=True)
def classify_pending() -> None:
    """Classify all pending photos.

    One run per process: a message that comes meanwhile only makes the run look once more before it ends.
    """
    _work_came.set()
    while _work_came.is_set() and not _stop.is_set() and _draining.acquire(blocking=False):
        try:
            _work_came.clear()
            source = import_string(settings.CLASSIFIER_WORK)()
            classifier = open_for_work()
            counts = drain(
                source,
                classifier,
                _stop,
                claim=settings.CLASSIFIER_CLAIM,
                hang_up=connections.close_all,
                between=partial(_look_aside, classifier),
            )
        except HeldUp as error:
            logger.warning("%s", error)
            _work_came.set()
            continue
        finally:
            _draining.release()
        if counts.classified or counts.failed:
            logger.info("%d photos classified, %d failed.", counts.classified, counts.failed)


@shared_task(ignore_result=True)
def look_at_asked() -> None:
    """Look at images that somebody waits for; a run under way does so between its batches."""
    if _draining.acquire(blocking=False):
        try:
            import_string(settings.CLASSIFIER_ASIDE)(open_for_work())
        finally:
            _draining.release()


@cache
def open_unsafe_network() -> UnsafeNetwork | None:
    """The network that scores what others are to see, loaded once it is wanted; None where it is not installed."""
    try:
        return UnsafeNetwork.load()
    except UnsuitableNetwork as error:
        logger.warning("Nothing is looked at before it is public: %s", error)
        return None


@shared_task(ignore_result=True)
def explain_waiting() -> None:
    """Make maps that somebody waits for; a run under way does so between its batches."""
    if _draining.acquire(blocking=False):
        try:
            explain, temperature = import_string(settings.CLASSIFIER_EXPLAINING), open_for_work().temperature
            while not _stop.is_set() and explain(open_explainer, temperature, EXPLAINED_TOGETHER):
                pass
        finally:
            _draining.release()


@cache
def open_explainer() -> Explainer | None:
    """The network that shows where it sees something, loaded once asked; None where it cannot do so exactly."""
    spec = describe_network(settings.CLASSIFIER_MODEL, settings.CLASSIFIER_WEIGHTS, settings.CLASSIFIER_LABELS)
    try:
        cache_dir, runtime = settings.CLASSIFIER_CACHE, settings.CLASSIFIER_RUNTIME
        return Explainer.load(spec, cache_dir, views=settings.CLASSIFIER_VIEWS, runtime=runtime)
    except UnsuitableNetwork as error:
        logger.warning("Nobody can be shown where something was seen: %s", error)
        return None


@shared_task(ignore_result=True)
def score_waiting() -> None:
    """Score photos that wait to be public, or are public, for a moment; a sweep has it go on."""
    score, until = import_string(settings.CLASSIFIER_SCORING), time.monotonic() + SCORING_S
    while not _stop.is_set() and time.monotonic() < until and score(open_unsafe_network, SCORED_TOGETHER):
        pass


def _look_aside(classifier: Classifier) -> None:
    """Look at what somebody waits for, between two batches."""
    import_string(settings.CLASSIFIER_ASIDE)(classifier)
    import_string(settings.CLASSIFIER_EXPLAINING)(open_explainer, classifier.temperature, EXPLAINED_ASIDE)
    import_string(settings.CLASSIFIER_SCORING)(open_unsafe_network, SCORED_ASIDE, is_aside=True)


def _open_aside() -> None:
    try:
        open_for_work()
    finally:
        connections.close_all()  # those of this thread, which ends


@worker_process_init.connect
def warm_up(**_: Any) -> None:
    """Load the network as the worker starts, aside, so that the first photo does not wait for it."""
    threading.Thread(target=_open_aside, name="warm-up", daemon=True).start()


@worker_shutting_down.connect
def finish_up(**_: Any) -> None:
    """Let the run under way finish what it holds and give the rest back."""
    _stop.set()
