"""What a reader may say of a photo has room in its row."""

from django.db.models import CharField

from classifier.pictures.answers import LONGEST
from pictograph.photos.models import Photo


def test_answers_are_as_long_as_their_columns_at_most() -> None:
    columns = {field.name: field.max_length for field in Photo._meta.fields if isinstance(field, CharField)}
    assert {name: columns[name] for name in LONGEST} == LONGEST
