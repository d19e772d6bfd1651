"""What people are told of services that do not do what is asked, and of connections that need something."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pictograph.connections.consent import StaleAnswer, TooManyConsents
from pictograph.connections.joining import (
    BeingGivenUp,
    BelongsToAnother,
    NotJoined,
    NotOffered,
    SignsNobodyIn,
    SignUpClosed,
)
from pictograph.connections.models import Connection
from pictograph.fetching.errors import (
    AuthExpired,
    ConsentDenied,
    Gone,
    ProtocolError,
    RateLimited,
    ScopeMissing,
    ServiceError,
)
from pictograph.people.signups import TooManySignUps

State = Connection.State


@dataclass(frozen=True)
class Standing:
    """How a connection stands, in a few words, and what to do, where there is anything to do."""

    title: str | Promise
    advice: str | Promise = ""


STANDINGS = {
    State.FINE: Standing(gettext_lazy("In step")),
    State.WAITING: Standing(
        gettext_lazy("The service asked us to wait"), gettext_lazy("It goes on by itself; nothing needs doing.")
    ),
    State.TROUBLED: Standing(
        gettext_lazy("The service could not be reached"), gettext_lazy("It is tried again by itself.")
    ),
    State.FULL: Standing(
        gettext_lazy("There is no room left here"),
        gettext_lazy("Delete photos that you do not need, or ask whoever runs this site for more. Then try again."),
    ),
    State.SIGNED_OUT: Standing(
        gettext_lazy("You need to sign in there again"),
        gettext_lazy("The service no longer lets us in. Your photos here stay as they are."),
    ),
    State.GONE: Standing(
        gettext_lazy("The account is no longer there"),
        gettext_lazy("Your photos here stay as they are. If it has moved, connect the new one; else disconnect this."),
    ),
    State.BROKEN: Standing(
        gettext_lazy("The service answers in a way that is not understood"),
        gettext_lazy("It is tried again by itself, less and less often."),
    ),
}

# Fine, but its import was cancelled.
CUT_SHORT = Standing(
    gettext_lazy("Stopped before the end"),
    gettext_lazy("What is still to come comes in the next time it is looked at."),
)


def refusal_words(error: ServiceError | NotJoined | TooManyConsents | TooManySignUps) -> str:
    """Why signing in with a service, or connecting it, did not work, and what to do."""
    if isinstance(error, TooManyConsents | TooManySignUps):
        return _("Too many tries came from here. Try again in a while.")
    if isinstance(error, BelongsToAnother):
        return _("That account is connected with another account here. Disconnect it there first.")
    if isinstance(error, BeingGivenUp):
        return _("That account is just being disconnected here. Try again in a minute.")
    if isinstance(error, NotOffered):
        return _("That service is not offered here any more.")
    if isinstance(error, SignsNobodyIn):
        return _("That account is connected here, but not meant for signing in. Sign in as you do otherwise.")
    if isinstance(error, SignUpClosed):
        return _("Nobody here has connected that account, and this site takes no new people at present.")
    return _service_words(error)


def _service_words(error: ServiceError | NotJoined) -> str:
    if isinstance(error, StaleAnswer):
        return _(
            "Nothing was connected just now: this answers an earlier try, or came too late. Try again if the account "
            "is not here yet."
        )
    if isinstance(error, ConsentDenied):
        return _("Nothing was connected: you did not allow it there. Try again.")
    if isinstance(error, ScopeMissing):
        return _("The service did not allow all that is needed to read your photos. Try again, and allow reading.")
    if isinstance(error, AuthExpired):
        return _("The service does not take this key or sign-in. Check it, then try again.")
    if isinstance(error, RateLimited):
        return _("The service is asked too much just now. Try again in a few minutes.")
    if isinstance(error, Gone):
        return _("There is no such account there.")
    if isinstance(error, ProtocolError):
        return _(
            "This server does not answer as a service of this kind does, or may not be asked. Check its address; some "
            "servers have signing in by other sites turned off."
        )
    return _("The server could not be reached. Check its address, or try again in a moment.")
