"""Clients of the gate that send bodies."""

from asgiref.testing import ApplicationCommunicator
from django.core.asgi import get_asgi_application

from pictograph.gate import refusals
from pictograph.gate.bodies import Gate, Receive, Scope, Send


def scope_of(path: str = "/healthz", **headers: str) -> Scope:
    """A request by POST."""
    sent = [
        (name.replace("_", "-").encode(), value.encode()) for name, value in {"host": "localhost", **headers}.items()
    ]
    return {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": sent}


class Sender(ApplicationCommunicator):
    """A client of the gate, in front of what keeps all it is sent, or of what fails with an error."""

    def __init__(self, scope: Scope, error: Exception | None = None, gate: Gate | None = None) -> None:
        self.kept = b""
        site = get_asgi_application()

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            if refusals.KEY in scope:
                return await site(scope, receive, send)
            while (message := await receive()).get("more_body"):
                self.kept += message["body"]
                if error:
                    raise error
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"ok"})

        gate = gate or Gate(application)
        gate.application = application
        super().__init__(gate, scope)

    async def send(self, *parts: bytes, is_all: bool = True) -> None:
        for number, part in enumerate(parts, start=1):
            more = not is_all or number < len(parts)
            await self.send_input({"type": "http.request", "body": part, "more_body": more})

    async def answer(self) -> tuple[int, dict[bytes, bytes], bytes]:
        start = await self.receive_output(timeout=10)
        body, more = b"", True
        while more:
            message = await self.receive_output(timeout=10)
            body += message.get("body", b"")
            more = message.get("more_body", False)
        return start["status"], {name.lower(): value for name, value in start["headers"]}, body
