"""What the audit of labels asks of the site's workers."""

from celery import shared_task

from fathom.auditing.working import work_out


@shared_task(ignore_result=True)
def audit_labels() -> None:
    """Work out the audit that somebody asked for; announced by the page, and again and again by the clock."""
    work_out()
