"""What `manage.py bench publish` says, on a small library."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from pictograph.people.models import User
from pictograph.photos.models import Photo
from tests.factories import BEAGLE, make_library

pytestmark = pytest.mark.django_db(transaction=True)


def test_publishing_is_measured_and_undone(user: User) -> None:
    photos = make_library(user, [(BEAGLE, 6)])
    Photo.objects.filter(pk=photos[0].pk).update(is_public=True)
    out = StringIO()
    call_command("bench", "publish", "--user", user.username, "--photos", "4", "--json", stdout=out)
    report = json.loads(out.getvalue())
    assert report["photos"] == 4
    assert report["publish_s"] > 0
    assert report["withdraw_s"] > 0
    assert list(Photo.objects.filter(is_public=True)) == [photos[0]]


def test_a_library_without_private_photos_cannot_be_measured(user: User) -> None:
    with pytest.raises(CommandError, match="no private photos"):
        call_command("bench", "publish", "--user", user.username)
