"""What staff do by buttons and keys: each action has its effect for those roles alone that the table names."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from fathom.moderation.deciding import decide
from fathom.moderation.models import Case, Decision
from pictograph.catalogue.models import Override
from pictograph.people.invitations import Invitation
from pictograph.people.models import User
from pictograph.photos.models import Photo
from tests.factories import LABRADOR, PhotoFactory, UserFactory
from tests.fathom.moderation.making import case_of_person, case_of_photo, published_photo
from tests.pictograph.people.test_roles import one_of
from tests.role_table import ROLES
from tests.test_roles import cookies_of, person_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("celery_messages")]
MODERATE, OPERATE = {"moderator", "administrator", "superuser"}, {"operator", "administrator", "superuser"}
ADMINISTER = {"administrator", "superuser"}
Sent = tuple[str, dict[str, Any], Callable[[], object]]


def listed(model: str) -> str:
    """The list of a table in the administration."""
    return reverse(f"admin:pictograph_{model}_changelist")


def chosen(action: str, number: int) -> dict[str, Any]:
    """An action on a row of such a list."""
    return {"action": action, "_selected_action": [number], "sure": "1", "post": "yes"}


def retry() -> Sent:
    photo = PhotoFactory(state="failed", failure="missing")
    return listed("photo"), chosen("try_again", photo.pk), lambda: Photo.objects.get(pk=photo.pk).state


def delete_photo() -> Sent:
    photo = PhotoFactory()
    return listed("photo"), chosen("delete_selected", photo.pk), Photo.objects.count


def let_in(action: str) -> Callable[[], Sent]:
    def made() -> Sent:
        person = UserFactory(is_waiting=True)
        return listed("waitingperson"), chosen(action, person.pk), User.objects.waiting().count

    return made


def take_back() -> Sent:
    made = Invitation(who_for="Anna")
    made.new_token()
    made.save()
    return listed("invitation"), chosen("take_back", made.pk), Invitation.objects.good().count


def invite() -> Sent:
    form = {"who_for": "Ben", "uses": 1, "valid_until_0": "2090-01-01", "valid_until_1": "00:00:00"}
    return reverse("admin:pictograph_invitation_add"), form, Invitation.objects.count


def raise_(action: str) -> Callable[[], Sent]:
    def made() -> Sent:
        person = one_of("Moderators") if action == "take_all_roles" else UserFactory()
        return listed("user"), chosen(action, person.pk), person.groups.count

    return made


def delete_person() -> Sent:
    return listed("user"), chosen("delete_selected", UserFactory().pk), User.objects.count


def block() -> Sent:
    form = {"kind": "block", "reason": "a test", "sure": "1"}
    return f"/admin/pictograph/override/c/x-{LABRADOR}/", form, Override.objects.count


def key(action: Decision.Action) -> Callable[[], Sent]:
    def made() -> Sent:
        case = case_of_photo()
        form = {"action": action.value, "version": case.version, "wnid": LABRADOR, "reason": "a test"}
        return reverse("desk_decide", args=[case.pk]), form, Decision.objects.count

    return made


def together() -> Sent:
    case = case_of_photo()
    form = {"action": "keep", "case": [f"{case.pk}.{case.version}"]}
    return reverse("desk_cases"), form, Decision.objects.count


def confirm() -> Sent:
    first = case_of_person(UserFactory())
    decide(first.pk, first.version, Decision.Action.SUSPEND, one_of("Moderators"))
    case = Case.objects.get(kind=Case.Kind.SUSPENSION)
    form = {"action": "confirm", "version": case.version}
    return reverse("desk_decide", args=[case.pk]), form, User.objects.filter(is_active=True).count


def undo() -> Sent:
    case = case_of_photo(published_photo())
    made = decide(case.pk, case.version, Decision.Action.UNPUBLISH, one_of("Moderators"))
    return reverse("desk_undo", args=[made.pk]), {}, lambda: Decision.objects.get(pk=made.pk).undone_at


Action = Decision.Action
ACTIONS: dict[str, tuple[Callable[[], Sent], set[str]]] = {
    "try a photo again": (retry, OPERATE),
    "delete a photo": (delete_photo, {"superuser"}),
    "let somebody in": (let_in("let_in"), MODERATE),
    "refuse somebody": (let_in("refuse"), MODERATE),
    "invite": (invite, ADMINISTER),
    "take an invitation back": (take_back, ADMINISTER),
    **{
        name: (raise_(name), ADMINISTER)
        for name in ("make_moderators", "make_operators", "make_administrators", "take_all_roles")
    },
    "delete a person": (delete_person, ADMINISTER),
    "block a label": (block, ADMINISTER),
    **{
        f"key {action}": (key(action), MODERATE)
        for action in (Action.KEEP, Action.UNPUBLISH, Action.REMOVE, Action.BLOCK_LABEL, Action.WARN, Action.SUSPEND)
    },
    "decide together": (together, MODERATE),
    "confirm a suspension": (confirm, MODERATE),
    "undo": (undo, MODERATE),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_is_done_by_its_roles_and_no_other(name: str) -> None:
    make, may = ACTIONS[name]
    address, form, state = make()
    before, done = state(), set()
    for role in ROLES:
        client = Client()
        client.cookies.load(cookies_of(person_of(role, None)))
        before = state()
        with transaction.atomic():
            client.post(address, form)
            done |= {role} if state() != before else set()
            transaction.set_rollback(True)
    assert done == may
