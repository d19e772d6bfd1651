"""How many pages of one person are kept up to date at once."""

from collections import Counter
from typing import Any

from channels.security.websocket import WebsocketDenier

AT_ONCE_EACH = 16  # open pages of one person; further ones are right when they are loaded anew


class Places:
    """ASGI middleware: denies a person's sockets beyond so many, before they are open: the page asks again by and by.

    Strangers hold none: theirs are closed as soon as they are open.
    """

    def __init__(self, application: Any) -> None:
        self.application = application
        self.taken: Counter[int] = Counter()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass a socket on while there is a place for it."""
        person = scope["user"].pk
        if person is None:
            await self.application(scope, receive, send)
            return
        if self.taken[person] >= AT_ONCE_EACH:
            await WebsocketDenier()(scope, receive, send)
            return
        self.taken[person] += 1
        try:
            await self.application(scope, receive, send)
        finally:
            self.taken[person] -= 1
            if not self.taken[person]:
                del self.taken[person]
