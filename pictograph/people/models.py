"""People."""

from django.contrib.auth.models import AbstractUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

MIN_TILES, DEFAULT_TILES, MAX_TILES = 2, 4, 12
DEFAULT_TARGET = 95


class User(AbstractUser):
    """Someone with a library. `target` is their dial: how many of a hundred photos that are named are named rightly."""

    target = models.PositiveSmallIntegerField(default=DEFAULT_TARGET)
    tiles = models.PositiveSmallIntegerField(
        default=DEFAULT_TILES, validators=[MinValueValidator(MIN_TILES), MaxValueValidator(MAX_TILES)]
    )
    is_leaving = models.BooleanField(default=False, help_text=_("the account is being erased"))

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(tiles__gte=MIN_TILES, tiles__lte=MAX_TILES), name="user_tiles_in_range"
            )
        ]
