"""Handles that look alike are one person's, and one that was given up is nobody else's for a while."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.utils import timezone

from pictograph.people.erasing import erase
from pictograph.people.handles import GIVEN_UP_AT_MOST, HandleHold, forget_given_up, suggest
from pictograph.people.models import User
from tests.factories import TABBY, UserFactory, classified_photo

KEEP = {"about": "", "is_comparable": "on", "is_on_map": "on"}


def takes(person: User, handle: str) -> bool:
    """Whether somebody gets a handle that they ask for."""
    client = Client()
    client.force_login(person)
    status = client.post("/profile/", KEEP | {"handle": handle}).status_code
    assert status in (302, 422)
    return status == 302


@pytest.mark.parametrize("handle", ["anna", "ann4", "a-n-n-a", "an-na", "4nna"])
def test_what_looks_like_somebodys_handle_is_nobody_elses(user: User, stranger: User, handle: str) -> None:
    assert takes(user, "anna")
    assert not takes(stranger, handle)
    assert takes(user, handle), "who has it may write it otherwise"


@pytest.mark.parametrize("handle", ["аnna", "anna_", "anna.", "anna\u200b", "ａｎｎa"])
def test_letters_that_only_look_latin_are_in_no_handle(user: User, handle: str) -> None:
    assert not takes(user, handle)


@pytest.mark.parametrize("handle", ["anna-x", "anne", "hanna", "anna2"])
def test_what_is_told_apart_at_a_glance_may_be_had(user: User, stranger: User, handle: str) -> None:
    assert takes(user, "anna")
    assert takes(stranger, handle)


@pytest.mark.parametrize("handle", ["every0ne", "y-o-u", "pict0graph", "fathom", "officia1", "mod-erator"])
def test_nobody_is_called_as_the_site_or_as_what_addresses_use(user: User, handle: str) -> None:
    assert not takes(user, handle)


def test_a_handle_that_was_given_up_is_held_for_whoever_had_it(user: User, stranger: User) -> None:
    for handle in ("anna", "berta"):
        assert takes(user, handle)
    assert not takes(stranger, "anna")
    assert takes(user, ""), "without a handle"
    assert not takes(stranger, "ann4")
    assert not takes(stranger, "berta")
    assert takes(user, "anna")


def test_the_old_address_of_somebody_with_another_handle_leads_nowhere(user: User, client: Client) -> None:
    assert takes(user, "anna")
    classified_photo(TABBY, owner=user, is_public=True)
    assert client.get("/explore/people/anna/").status_code == 200
    assert takes(user, "berta")
    assert client.get("/explore/people/anna/").status_code == 404, "who was one is not told to be the other"
    assert client.get("/explore/people/berta/").status_code == 200


def test_the_handle_of_somebody_who_left_is_held_and_then_free(user: User, stranger: User) -> None:
    assert takes(user, "anna")
    erase(user)
    assert not takes(stranger, "anna")
    hold = HandleHold.objects.get()
    assert (hold.look, hold.person) == ("anna", None)
    HandleHold.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert takes(stranger, "anna")


def test_what_was_given_up_long_ago_is_forgotten(user: User) -> None:
    for handle in ("anna", "berta"):
        assert takes(user, handle)
    HandleHold.objects.filter(look="anna").update(until=timezone.now() - timedelta(seconds=1))
    forget_given_up()
    assert list(HandleHold.objects.values_list("look", flat=True)) == ["berta"]


def test_what_is_taken_again_just_when_it_would_be_forgotten_is_held(user: User) -> None:
    for handle in ("anna", "berta"):
        assert takes(user, handle)
    HandleHold.objects.filter(look="anna").update(until=timezone.now() - timedelta(seconds=1))

    def taking(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith("DELETE"):
            HandleHold.objects.filter(look="anna").update(until=None)
        return execute(sql, *rest)

    with connection.execute_wrapper(taking):
        forget_given_up()
    assert HandleHold.objects.filter(look="anna", until=None).exists()


def test_nobody_holds_many_handles_that_they_do_not_use(user: User) -> None:
    for n in range(GIVEN_UP_AT_MOST + 4):
        assert takes(user, f"anna-{'abcdefghk'[n]}")
    assert HandleHold.objects.filter(person=user).count() == GIVEN_UP_AT_MOST + 1


def test_a_suggested_handle_looks_like_nobody_elses(user: User) -> None:
    assert takes(user, "joe-m4x")
    assert suggest(UserFactory(username="Joe Max")) == "joe-max-2"


def test_those_who_look_alike_from_before_keep_what_they_have(db: None) -> None:
    people = [UserFactory(handle=handle) for handle in ("ann4", "anna", None)]
    import_module("pictograph.migrations.0012_handle_holds").hold_what_people_have(apps, None)
    assert list(HandleHold.objects.values_list("look", "person")) == [("anna", people[0].pk)]
    assert takes(people[1], "anna")
    assert not takes(people[2], "an-na")
