"""What the script of the import page does, for tests: it begins an upload, sends files and says how far it is."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.factories import picture

JSON = {"Accept": "application/json"}


def begin(client: Client, count: int, size: int = 1000, **fields: Any) -> int:
    response = client.post(reverse("import_start"), {"count": count, "size": size, **fields}, headers=JSON)
    return int(response.json()["batch"])


def report(client: Client, batch: int, count: int, state: str = "receiving", **fields: Any) -> dict[str, Any]:
    told = {"batch": batch, "count": count, "size": 1000, "sent": 0, "rate": 0, "state": state} | fields
    response = client.post(reverse("import_report"), told, headers=JSON)
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    return answer


def send(client: Client, batch: int, *names: str) -> Any:
    files = [uploaded(name) for name in names]
    return client.post(reverse("upload"), {"files": files, "batch": batch}, headers=JSON)


def uploaded(name: str) -> SimpleUploadedFile:
    """A picture that is another for every name."""
    return SimpleUploadedFile(name, picture(size=(30 + sum(name.encode()), 20)))
