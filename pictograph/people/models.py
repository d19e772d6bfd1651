"""People."""

from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from pictograph.people.names import folded_name, kept_apart

MIN_TILES, DEFAULT_TILES, MAX_TILES = 2, 4, 12
DEFAULT_TARGET = 95
HANDLE = r"[a-z0-9](?:[a-z0-9-]{1,28}[a-z0-9])"  # what may stand in an address
RESERVED = ("everyone", "you")  # handles that addresses use for others
ABOUT_LENGTH = 300  # letters


class PeopleQuerySet(models.QuerySet["User"]):
    """People in the words of the product."""

    def public(self) -> Self:
        """Those whom others may see, if they have published anything."""
        return self.filter(handle__isnull=False, is_active=True, is_leaving=False)

    def waiting(self) -> Self:
        """Those who have made an account that somebody has still to open to them."""
        return self.filter(is_waiting=True, is_active=True, is_leaving=False)


class PeopleManager(UserManager["User"].from_queryset(PeopleQuerySet)):  # type: ignore[misc]
    """Everyone with an account."""

    use_in_migrations = False


class User(AbstractUser):
    """Someone with a library. `target` is their dial: how many of a hundred photos that are named are named rightly.

    `folded` is the name as names are compared: nobody else has one that differs only in case or form. `handle` is what
    others know them by: who has none has no page for others.
    """

    folded = models.TextField(unique=True, editable=False)
    target = models.PositiveSmallIntegerField(default=DEFAULT_TARGET)
    tiles = models.PositiveSmallIntegerField(
        default=DEFAULT_TILES, validators=[MinValueValidator(MIN_TILES), MaxValueValidator(MAX_TILES)]
    )
    handle = models.CharField(
        max_length=30,
        unique=True,
        null=True,
        blank=True,
        validators=[RegexValidator(rf"^{HANDLE}\Z", _("Use 3 to 30 small letters, digits and hyphens."))],
    )
    about = models.CharField(max_length=ABOUT_LENGTH, blank=True)
    is_comparable = models.BooleanField(default=True, help_text=_("others may compare themselves with this person"))
    is_on_map = models.BooleanField(default=True, help_text=_("the map counts this person's photos that show places"))
    shows_places = models.BooleanField(default=False, help_text=_("published photos say about where they were taken"))
    is_asked = models.BooleanField(default=True, help_text=_("now and then the site asks whether a name was right"))
    is_notified = models.BooleanField(
        default=False, help_text=_("something was decided about what is theirs, which they have not read yet")
    )
    is_waiting = models.BooleanField(default=False, help_text=_("made an account, which nobody has opened to them yet"))
    is_leaving = models.BooleanField(default=False, help_text=_("the account is being erased"))

    objects: ClassVar[PeopleManager] = PeopleManager()

    class Meta(AbstractUser.Meta):
        permissions = [
            ("let_in", "Let in or refuse those who wait for that"),
            ("give_roles", "Give and take roles"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(tiles__gte=MIN_TILES, tiles__lte=MAX_TILES), name="user_tiles_in_range"
            ),
            models.CheckConstraint(
                condition=~models.Q(is_waiting=True, is_superuser=True), name="user_administrator_never_waits"
            ),
        ]
        indexes = [models.Index(fields=["id"], name="user_waiting", condition=models.Q(is_waiting=True))]

    def clean(self) -> None:
        """Refuse a name that is another's in other letters."""
        super().clean()
        if not self.username:  # refused already
            return
        self._fold_name()
        if User.objects.exclude(pk=self.pk).filter(folded=self.folded).exists():
            raise ValidationError({"username": User._meta.get_field("username").error_messages["unique"]})

    def save(self, *args: Any, **options: Any) -> None:
        """Save, with the name folded too wherever it is saved."""
        self._fold_name()
        fields = options.get("update_fields")
        if fields is not None and "username" in fields:
            options["update_fields"] = {*fields, "folded"}
        super().save(*args, **options)

    def _fold_name(self) -> None:
        """Fold the name; an account that was kept apart stays so until it gets another."""
        folded = folded_name(self.username)
        if self.pk is None or self.folded != kept_apart(folded, self.pk):
            self.folded = folded


class WaitingPerson(User):
    """Somebody who has made an account, as those see them who let them in: by name, address and day."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "waiting person"
        verbose_name_plural = "waiting people"
