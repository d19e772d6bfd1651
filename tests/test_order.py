"""No test depends on which tests ran before it in the same process."""

import pytest
from django.contrib.auth.models import Group

from pictograph.connections.models import Service
from tests.conftest import filled_tables
from tests.factories import PhotoFactory


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_every_test_finds_the_rows_that_migrations_make_and_no_others(turn: str) -> None:
    assert filled_tables() == ["auth_group", "auth_group_permissions", "pictograph_service"]
    assert set(Group.objects.values_list("name", flat=True)) == {"Administrators", "Moderators", "Operators"}
    kinds = Service.objects.filter(is_offered=True).order_by("kind").values_list("kind", "server")
    assert list(kinds) == [("mastodon", ""), ("pixelfed", "")]
    Service.objects.filter(kind="mastodon").update(is_offered=False)
    Service.objects.filter(kind="pixelfed").delete()
    Group.objects.filter(name="Operators").delete()
    PhotoFactory()
