"""Who may open what, and do what: every address of the site, and every action of its staff, for every kind of person.

The table in `tests/role_table.py` has a line for each address. A new one fails here until it is said whom it lets in.
"""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, Group
from django.db import transaction
from django.template import Template
from django.test import Client, RequestFactory
from django.urls import get_resolver
from django.urls.resolvers import RegexPattern

from pictograph.catalogue.models import Override
from pictograph.people.models import User
from tests.addresses import ARGUMENT, EXAMPLES, VISITORS, Scene, arguments, patterns
from tests.factories import UserFactory
from tests.role_table import PAGES, ROLES, STAFF, TABLES
from tests.test_nothing_private_shows import scene

__all__ = ["scene"]  # a fixture

VERBS = {"v": "view", "a": "add", "c": "change", "d": "delete"}

# Pages of tables, each of which asks the permissions that are looked at below; not one that has views of its own.
MODEL_PAGES = tuple(
    f"admin/{model._meta.app_label}/{model._meta.model_name}/"
    for model in admin.site._registry
    if model is not Override
)

# Where somebody is sent who is not let in.
INSTEAD = {
    "/accounts/login/": "s",
    "/accounts/prove/": "p",
    "/accounts/reauthenticate/": "p",
    "/accounts/waiting/": "w",
    "/admin/login/": "r",
}


def person_of(role: str, scene: Scene | None) -> User | None:
    """Somebody of each kind."""
    if role == "visitor":
        return None
    if role == "owner" and scene is not None:
        return scene.owner
    if role in ("moderator", "operator", "administrator"):
        person = UserFactory(is_staff=True)
        person.groups.add(Group.objects.get(name=f"{role.title()}s"))
        return person
    is_super = role in ("suspended", "superuser")  # who is suspended may do nothing, whatever they could do before
    traits = {"is_waiting": role == "waiting", "is_active": role != "suspended"}
    return UserFactory(is_staff=is_super, is_superuser=is_super, **traits)


def cookies_of(person: User | None) -> dict[str, str]:
    """What the browser of somebody who has signed in sends."""
    client = Client()
    if person is not None:
        client.force_login(person)
    return {name: morsel.value for name, morsel in client.cookies.items()}


def outcome(status: int, where: str) -> str:
    """What an answer means: let in, asked to sign in, to prove it or to wait, refused, not there, or not asked so."""
    if status in (301, 302):
        return INSTEAD.get(where.partition("?")[0], "i")
    return {401: "s", 403: "r", 404: "n", 405: "m"}.get(status, "i")


def asked_once(scene: Scene, *, of_tables: bool = False) -> Iterator[tuple[str, str]]:
    """Every form of an address, either of tables or all others, with one address of that form."""
    known = arguments(scene)
    for form, one in patterns(get_resolver().url_patterns):
        if form.startswith(MODEL_PAGES) != of_tables:
            continue
        if isinstance(one.pattern, RegexPattern):
            for address in EXAMPLES.get(one.name or "", []):
                yield address, f"/{address}"
            continue
        address = form
        for argument in ARGUMENT.findall(form):
            name = argument if argument in known else argument.rpartition(":")[2]
            address = ARGUMENT.sub(known[name][0], address, count=1)
        yield form or "/", f"/{address}"


def answered(client: Client, cookies: dict[str, str], method: str, address: str) -> str:
    """What somebody is answered who sends nothing along, and nothing of it stays."""
    client.cookies.clear()
    client.cookies.load(cookies)
    with transaction.atomic():
        ask = client.get if method == "get" else client.post
        response = ask(address, REMOTE_ADDR=next(VISITORS))
        response.getvalue()
        transaction.set_rollback(True)
    assert response.status_code < 500, address
    return outcome(response.status_code, response.headers.get("Location", ""))


def test_every_address_lets_in_those_whom_the_table_names(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Template, "_render", lambda *_: "")  # pages are drawn once it is settled who is let in
    client, cookies = Client(), [cookies_of(person_of(role, scene)) for role in ROLES]
    table = {
        form: (get, post) for block in PAGES.split("\n\n") for get, post, *forms in [block.split()] for form in forms
    }
    found = {
        form: tuple("".join(answered(client, one, method, address) for one in cookies) for method in ("get", "post"))
        for form, address in asked_once(scene)
    }
    assert {form: pair for form, pair in found.items() if table.get(form) != pair} == {}
    assert set(table) == set(found)


def test_nobody_but_staff_opens_a_page_of_a_table(scene: Scene) -> None:
    client = Client()
    for role in ("visitor", "owner", "waiting", "suspended"):
        cookies = cookies_of(person_of(role, scene))
        for form, address in asked_once(scene, of_tables=True):
            assert answered(client, cookies, "get", address) in "srw", (role, form)


def test_every_table_is_looked_up_and_changed_by_those_whom_the_table_names(db: None) -> None:
    """v, a, c, d: who may view, add, change and delete rows."""
    found = {}
    request = RequestFactory().get("/")
    people = [person_of(role, None) or AnonymousUser() for role in STAFF]
    for model, page in admin.site._registry.items():
        may = []
        for request.user in people:
            able = {letter: getattr(page, f"has_{verb}_permission")(request) for letter, verb in VERBS.items()}
            may.append("".join(letter for letter in able if able[letter]) or "-")
        found[model._meta.label] = " ".join(may)
    table = {label: may for may, labels in TABLES for label in labels.split()}
    assert {label: may for label, may in found.items() if table.get(label) != may} == {}
    assert set(table) == set(found)
