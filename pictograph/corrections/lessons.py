"""How far what somebody's corrections teach has been applied to their other photos; written with the corrections."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from pictograph.queue.announcing import announce


class Learning(models.Model):
    """The state of one person's lessons. Something is to be done while `learnt` has not reached `asked`.

    `asked` rises in the transaction of each correction, so that no killed process loses one. `photos` were in the
    library by then, and `took_s` is how long it took: what came since is looked at after a while.
    """

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    asked = models.PositiveIntegerField(default=0)
    learnt = models.PositiveIntegerField(default=0)
    photos = models.PositiveIntegerField(default=0)
    took_s = models.FloatField(default=0)
    looked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "learning"
        indexes = [models.Index(fields=["owner"], name="learning_due", condition=Q(learnt__lt=F("asked")))]

    def __str__(self) -> str:
        return f"{self.learnt} of {self.asked} corrections of person {self.owner_id}"


def ask_to_learn(owner_id: int) -> None:
    """Have what was said taught to other photos, or no more; in the transaction that says or undoes it."""
    Learning.objects.get_or_create(owner_id=owner_id)
    Learning.objects.filter(owner=owner_id).update(asked=F("asked") + 1)


def announce_learning(owner_id: int) -> None:
    """Tell the workers that somebody has corrected photos."""
    announce("pictograph.corrections.tasks.learn", [owner_id])
