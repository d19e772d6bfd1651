"""What browsers are told to refuse."""

import pytest
from django.test import Client

from pictograph.models import User


def directives(header: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (part.split() for part in header.split(";"))}


@pytest.mark.parametrize("address", ["/", "/photos/", "/pictograph/", "/accounts/login/", "/admin/login/", "/nowhere/"])
def test_pages_run_only_our_own_scripts_and_stand_in_no_frame(address: str, client: Client, user: User) -> None:
    policy = directives(client.get(address, follow=True).headers["Content-Security-Policy"])
    assert policy["default-src"] == ["'self'"]
    assert policy.get("script-src", policy["default-src"]) == ["'self'"]
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == ["'none'"]
