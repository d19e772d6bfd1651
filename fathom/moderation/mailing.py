"""Mails that tell people of decisions, sent by a worker some minutes later.

What is undone by then is told to nobody.
"""

import logging
import smtplib
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone

from fathom.moderation.models import Notification
from fathom.moderation.told import RELATED, told_of
from pictograph.people.mails import site_address
from pictograph.people.models import User
from pictograph.queue.long_work import Lease

logger = logging.getLogger(__name__)

MAILED_AFTER = timedelta(minutes=5)
TRIED_FOR = timedelta(days=2)  # as long as mail servers do
TOGETHER, LOOKED_AT = 50, 1000  # mails that one sweep sends, and notifications it goes through for them
# A mail server's word on one mail: on who it is for, and on what it says.
NOT_TAKEN = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)


def mail_notifications() -> int:
    """Send what is due to everyone who has proved an email address; how many mails were sent.

    Whoever is not mailed finds it on their pages alone.
    """
    with Lease.of("mail notifications") as lease:
        if lease is None:  # another process is at it
            return 0
        now = timezone.now()
        due = Notification.objects.filter(mailed_at=None, made_at__lte=now - MAILED_AFTER).order_by("pk")
        found = due.select_related(*RELATED)
        sent = 0
        for notification in found[:LOOKED_AT]:
            lease.beat()
            address = _address_of(notification.person) if "console" not in settings.EMAIL_BACKEND else ""
            try:
                if address:
                    _send(notification, address)
                    sent += 1
            except NOT_TAKEN as error:  # for this one: those behind it do not wait
                if notification.made_at > now - TRIED_FOR:
                    continue
                logger.warning("Notification %s could not be mailed (%s).", notification.pk, error)
            except OSError as error:  # nor would it take the others; the next sweep tries again
                logger.warning("The mail server does not take mail (%s).", error)
                break
            Notification.objects.filter(pk=notification.pk).update(mailed_at=now)
            if sent == TOGETHER:
                break
        return sent


def _send(notification: Notification, address: str) -> None:
    """Mail a notification. Raises one of NOT_TAKEN where this mail is refused, else OSError."""
    told = told_of(notification)
    context = {"told": told, "name": notification.person.username, "site": site_address()}
    words = render_to_string("moderation/mail.txt", context)
    send_mail(f"{told.title} · Pictograph", words, None, [address])


def _address_of(person: User) -> str:
    """Where somebody has proved to be reached; empty where they have not."""
    proved = EmailAddress.objects.filter(user=person.pk, verified=True).order_by("-primary", "pk").first()
    return proved.email if proved else ""
