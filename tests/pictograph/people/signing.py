"""How people sign in, guess and leave, for tests."""

from typing import Any

from django.test import Client
from django.urls import reverse

PASSWORD = "secret-word"  # of everyone that the factory makes
OUT_OF_TOUCH = "Too many wrong guesses came from here."
NO_MATCH = "or the password is not right"


def sign_in(client: Client, login: str, password: str = PASSWORD, address: str = "192.0.2.1") -> Any:
    """Send the sign-in from an address; a redirect is the only success."""
    return client.post(
        reverse("account_login"), {"login": login, "password": password}, REMOTE_ADDR=address, HTTP_HOST="testserver"
    )


def is_in(answer: Any) -> bool:
    """Whether a sign-in was let in."""
    return answer.status_code == 302


def guess(client: Client, login: str, times: int, address: str = "192.0.2.1") -> str:
    """Guess wrong so often; what the last page said."""
    for n in range(times):
        page = sign_in(client, login, f"wrong {n}", address)
        assert not is_in(page)
    return str(page.content.decode())


def erase_oneself(client: Client, password: str = PASSWORD) -> None:
    """Delete the account of whoever is signed in, page by page, as a person does."""
    page = client.get(reverse("delete_account")).content.decode()
    proof = f"{reverse('account_reauthenticate')}?next=%2Faccounts%2Fdelete%2F"
    assert proof in page
    assert "Delete everything" not in page
    answer = client.post(proof, {"password": password})
    assert answer.headers["Location"] == reverse("delete_account")
    assert "Delete everything" in client.get(reverse("delete_account")).content.decode()
    assert client.post(reverse("delete_account")).status_code == 302
