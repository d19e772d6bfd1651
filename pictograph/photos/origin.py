"""Where a shown value comes from: the date, the place. The stronger origin wins, and a rescan never undoes an edit."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Origin(models.IntegerChoices):
    """Origins of a value, the weakest first."""

    ARRIVAL = 0, _("when it came in")
    FILE_TIME = 1, _("when its file was last changed")
    NAME = 2, _("the name of its file")
    FILE = 3, _("what its file says")
    SERVICE = 4, _("a file beside it, or the service it comes from")
    PERSON = 5, _("you")

    @classmethod
    def of(cls, read_from: str) -> "Origin":
        """The origin of a value that reading a file gave."""
        return {"sidecar": cls.SERVICE, "name": cls.NAME}.get(read_from, cls.FILE)
