"""Entries of the audit log, which are added and never changed."""

from typing import Any, NoReturn

from django.db import models


class AuditEntry(models.Model):
    """Something that staff did, or that the site did by a rule (`actor` None).

    People and what they have are told by number alone, so that nothing of somebody who leaves stays here but a number.
    `action` is a word of the code, as "photo.unpublish"; `subject` what it was done to, as "photo 12"; `detail` what
    else there is to know, of JSON's types.
    """

    at = models.DateTimeField(auto_now_add=True)
    actor = models.BigIntegerField(null=True, help_text="a person's number; empty for the site itself")
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=60)
    person = models.BigIntegerField(null=True, help_text="the number of the person whom it concerns")
    reason = models.CharField(max_length=500, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "audit log"
        indexes = [
            models.Index(fields=["subject", "-id"], name="audit_of_subject"),
            models.Index(fields=["person", "-id"], name="audit_of_person"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"

    def save(self, *args: Any, **options: Any) -> None:
        """Add the entry. Raises TypeError for one that is there already."""
        if not self._state.adding:
            raise TypeError("an entry of the audit log is never changed")
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        """Raises TypeError: nothing leaves the log."""
        raise TypeError("an entry of the audit log is never deleted")
