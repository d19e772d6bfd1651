"""What `manage.py bench corrections` says, on a small library."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from pictograph.corrections.models import Correction
from pictograph.people.models import User
from pictograph.photos.models import Photo
from tests.factories import BEAGLE, TABBY, make_library

pytestmark = pytest.mark.django_db(transaction=True)


def test_correcting_is_measured_and_undone(user: User) -> None:
    make_library(user, [(BEAGLE, 4), (TABBY, 3)])
    out = StringIO()
    call_command("bench", "corrections", "--user", user.username, "--photos", "6", "--json", stdout=out)
    report = json.loads(out.getvalue())
    assert (report["photos"], report["published"], report["differences"]) == (6, 3, 0)
    assert report["correct_s"] > 0
    assert report["undo_s"] > 0
    assert not Photo.objects.filter(is_public=True).exists()
    assert not Correction.objects.exists()


def test_a_library_without_photos_cannot_be_measured(user: User) -> None:
    with pytest.raises(CommandError, match="no photos"):
        call_command("bench", "corrections", "--user", user.username)
