"""What Meta's Graph API says of what went wrong, and of how much may still be asked."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pictograph.fetching.answers import MOST_WAIT, Answer, raise_for, retry_at
from pictograph.fetching.errors import (
    AuthExpired,
    Gone,
    ProtocolError,
    RateLimited,
    ScopeMissing,
    ServiceError,
    Transient,
)
from pictograph.providers.fields import inner, integer_of, number_of, object_in

# Calls are counted over an hour. Source: https://developers.facebook.com/docs/graph-api/overview/rate-limiting
USUAL_WAIT = timedelta(hours=1)
NEARLY_ALL = 95  # percent
_PERCENTAGES = ("call_count", "total_time", "total_cputime")


def raise_failure(answer: Answer) -> None:
    """Raise what an error means, unless there is none. Its message may repeat the token, and is not used.

    Source: https://developers.facebook.com/docs/graph-api/guides/error-handling
    """
    error = inner(object_in(answer).get("error"))
    if not error:
        raise_for(answer)
        return
    code, subcode = integer_of(error.get("code")), integer_of(error.get("error_subcode"))
    words = f"Instagram answered with {answer.status}, code {code}, subcode {subcode}"
    if code in (4, 17, 32, 341, 368, 613) or 80000 <= (code or 0) < 80100 or answer.status == 429:
        raise RateLimited(words, datetime.now(UTC) + (_regained_in(answer) or USUAL_WAIT))
    raise _meaning(code, subcode, answer, error.get("is_transient") is True)(words)


def _meaning(code: int | None, subcode: int | None, answer: Answer, is_transient: bool) -> type[ServiceError]:
    if code in (102, 190, 463, 467, 2500):
        return AuthExpired
    if code in (3, 10) or 200 <= (code or 0) < 300:
        return ScopeMissing
    if (code, subcode) == (100, 33) or code in (24, 803):
        return Gone
    if code in (1, 2) or is_transient or answer.status >= 500:
        return Transient
    return AuthExpired if answer.status == 401 else ProtocolError


def pause(answer: Answer) -> datetime | None:
    """When to go on, where nearly all that we may ask for has been asked for."""
    usage = _usage(answer)
    used = max((number_of(each.get(name)) or 0 for each in usage for name in _PERCENTAGES), default=0)
    return datetime.now(UTC) + (_regained_in(answer) or USUAL_WAIT / 4) if used >= NEARLY_ALL else None


def _regained_in(answer: Answer) -> timedelta | None:
    """How long until we may ask again, where it is said: in minutes, or as others say it."""
    minutes = max((number_of(each.get("estimated_time_to_regain_access")) or 0 for each in _usage(answer)), default=0)
    if minutes > 0:
        return min(timedelta(minutes=min(minutes, 10_000)), MOST_WAIT)
    when = retry_at(answer)
    return None if when is None else when - datetime.now(UTC)


def _usage(answer: Answer) -> Sequence[Mapping[str, Any]]:
    """How much of what we may ask for is used up: `{"call_count": 28, …}`, and lists of such by account.

    Source: https://developers.facebook.com/docs/graph-api/overview/rate-limiting#headers
    """
    found: list[object] = []
    for name in ("X-App-Usage", "X-Business-Use-Case-Usage"):
        try:
            told = json.loads(answer.headers.get(name, "") or "{}")
        except (ValueError, RecursionError):
            continue
        found.append(told)
        for rows in inner(told).values():
            found.extend(rows if isinstance(rows, list) else ())
    return [each for each in found if isinstance(each, dict)]
