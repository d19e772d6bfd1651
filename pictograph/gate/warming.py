"""What the first visitors would wait for is done ahead, in a thread, once the web process answers.

The words of searches and what fields propose take a second, and the files of towns ten, the first time on a machine.
"""

import logging
import threading
import time

from django.db import connections
from django.template.loader import get_template
from django.urls import reverse

from pictograph.catalogue.snapshot import browsing
from pictograph.places.gazetteer import gazetteer
from pictograph.search.knowledge import lexicon

PAUSE_S = 2.0  # for whoever has waited for the start: pages share the processor with this
ANY_WORD = "qwxyzq"  # that there is not, so that words near to it are looked for

logger = logging.getLogger(__name__)


def begin_warming() -> None:
    """Warm up beside everything else, and let the process end meanwhile if it is to."""
    threading.Thread(target=_warm_up_after_pause, name="warming", daemon=True).start()


def warm_up() -> None:
    """Have in memory what pages need. What fails here is said; pages try it again."""
    try:
        for step in (_open_pages, _open_words, _open_places):
            step()
    except Exception:
        logger.warning("The first pages will take longer: warming up has failed.", exc_info=True)
    finally:
        connections.close_all()  # those of this thread


def _warm_up_after_pause() -> None:
    time.sleep(PAUSE_S)
    warm_up()


def _open_pages() -> None:
    reverse("home")
    get_template("search/search.html")
    browsing()


def _open_words() -> None:
    words = lexicon()
    words.meanings(ANY_WORD)
    next(iter(words.beginning_with(ANY_WORD)), None)
    words.corrected(ANY_WORD)


def _open_places() -> None:
    gazetteer().named(ANY_WORD)
