"""Where a shown value comes from: the date, the place. The stronger origin wins, and a rescan never undoes an edit."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from classifier.pictures import dates


class Origin(models.IntegerChoices):
    """Origins of a value, the weakest first."""

    ARRIVAL = 0, _("when it came in")
    POSTED = 1, _("when it was posted")
    FILE_TIME = 2, _("when its file was last changed")
    NAME = 3, _("the name of its file")
    FILE = 4, _("what its file says")
    SERVICE = 5, _("a file beside it, or the service it comes from")
    PERSON = 6, _("you")

    @classmethod
    def of(cls, read: dates.Origin | None) -> "Origin":
        """The origin of a value that was read by the classifier."""
        service = {dates.Origin.SIDECAR: cls.SERVICE, dates.Origin.SERVICE: cls.SERVICE}
        return ({dates.Origin.NAME: cls.NAME} | service).get(read or dates.Origin.FILE, cls.FILE)
