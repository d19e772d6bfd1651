"""What moderation asks of the site's workers."""

from celery import shared_task

from fathom.moderation.mailing import mail_notifications
from fathom.moderation.sweeping import bring_in_flagged, bring_in_held, delete_removed, end_gone, raise_scored
from pictograph.photos.deletion import SWEPT_AFTER
from pictograph.queue.clock import WallClock

_wall_clock = WallClock()


@shared_task(ignore_result=True)
def sweep() -> None:
    """Bring the queue up to date, mail what is to be mailed, and delete what was removed long enough ago.

    After the clock was set, nothing is deleted for its age.
    """
    bring_in_held()
    bring_in_flagged()
    end_gone()
    raise_scored()
    if _wall_clock.even_for_s() > SWEPT_AFTER.total_seconds():
        delete_removed()
    mail_notifications()
