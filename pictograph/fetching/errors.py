"""What can go wrong with a photo service, by what is to be done about it; whoever asks one meets no other errors."""

from datetime import datetime


class ServiceError(Exception):
    """Something stands in the way; the text is for the log, and says nothing secret."""


class AuthExpired(ServiceError):
    """The token is no longer taken: the person has to sign in there again."""


class ScopeMissing(ServiceError):
    """The token is taken, but does not allow what is asked: the person has to consent to more."""


class ConsentDenied(ServiceError):
    """The person did not consent, or what came back from there is not the answer to what was asked."""


class RateLimited(ServiceError):
    """The service wants to be left alone until `retry_at` (aware, by our clock)."""

    def __init__(self, detail: str, retry_at: datetime) -> None:
        super().__init__(detail)
        self.retry_at = retry_at


class Transient(ServiceError):
    """It did not work this time: no connection, a cut answer, an error of theirs. Worth trying again later."""


class Gone(ServiceError):
    """What was asked for is not there any more: a photo, or the whole account."""


class ProtocolError(ServiceError):
    """The answer is not what the service is to answer, or its address is none that is asked. Trying again is no use."""


class TooLarge(ProtocolError):
    """What comes is larger than what is taken."""
