"""Messages to the workers. Each says no more than that there is work, so any may be lost: a sweep finds the work."""

import logging
import time
from collections.abc import Sequence

from celery import current_app

logger = logging.getLogger(__name__)

# A message that has waited for long has been overtaken by the run that made it wait, or by a sweep.
EXPIRES_S = 60
# After a failure nothing is sent for so long: whoever uploads a thousand files waits for a broker that does not answer
# but once in this time.
SILENT_S = 10.0
_silent_until = 0.0


def announce(task: str, args: Sequence[object] = (), *, in_place_of: str = "") -> None:
    """Send a message. Where the broker does not take it, that is logged, and costs no more than one sweep.

    `in_place_of` names a queue of messages that all say the same: those that wait in it go. While a worker is at a long
    import nothing takes them out, and a broker such as Redis would keep them for ever.
    """
    global _silent_until  # noqa: PLW0603
    if time.monotonic() < _silent_until:
        return
    try:
        if in_place_of:
            _empty(in_place_of)
        current_app.send_task(task, args=args, retry=False, expires=EXPIRES_S)
    except Exception as error:  # of whatever library the broker needs; what was to be announced has been done
        _silent_until = time.monotonic() + SILENT_S
        logger.warning("The queue does not take messages (%s); the next sweep finds the work.", error)


def _empty(queue: str) -> None:
    with current_app.connection_for_write() as connection:
        waiting = current_app.amqp.queues[queue].bind(connection.default_channel)
        waiting.declare()
        waiting.purge()
