"""Corrections in the admin."""

from django.contrib import admin

from pictograph.corrections.lessons import Learning
from pictograph.corrections.models import Correction, Judgement, Likeness
from pictograph.corrections.question_models import Question
from pictograph.pages.admin import ReadOnlyAdmin


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin):
    """What people said."""

    list_display = ("id", "owner", "by", "verdict", "wnid", "was_asked", "made_at", "undone_at")
    list_filter = ("verdict", "was_asked")
    list_select_related = ("owner", "by")
    search_fields = ("wnid", "owner__username")


@admin.register(Judgement)
class JudgementAdmin(ReadOnlyAdmin):
    """Of which photos."""

    list_display = ("id", "photo_id", "correction", "stands")
    list_select_related = ("correction",)


@admin.register(Likeness)
class LikenessAdmin(ReadOnlyAdmin):
    """What was learnt of it."""

    list_display = ("photo_id", "wnid", "weight")


@admin.register(Question)
class QuestionAdmin(ReadOnlyAdmin):
    """What was asked, and what was answered."""

    list_display = ("id", "owner", "photo_id", "wnid", "stop", "confidence", "is_random", "answer", "asked_at")
    list_filter = ("answer", "is_random", "stop")
    list_select_related = ("owner",)
    search_fields = ("wnid", "owner__username")


@admin.register(Learning)
class LearningAdmin(ReadOnlyAdmin):
    """How far that is."""

    list_display = ("owner", "asked", "learnt", "photos", "took_s", "looked_at")
    list_select_related = ("owner",)
