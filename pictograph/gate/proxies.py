"""Where a request comes from, behind proxies too."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from django.conf import settings
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from pictograph.people.visitors import plain_address

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class BehindProxies:
    """ASGI middleware: a trusted proxy says which address and scheme a request came from; nobody else is believed.

    It is part of the application, so that it holds under whatever server runs it.
    """

    def __init__(self, application: Application) -> None:
        self.application = cast(Application, ProxyHeadersMiddleware(cast(Any, application), settings.TRUSTED_PROXIES))

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass the request on with its visitor's address."""
        if client := scope.get("client"):
            scope = scope | {"client": (plain_address(client[0]), client[1])}
        await self.application(scope, receive, send)
