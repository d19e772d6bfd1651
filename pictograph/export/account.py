"""What `account.json` tells: the person, and all that is theirs besides photos; nothing that opens a door."""

from datetime import date, datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import Count
from django.utils.module_loading import import_string

from pictograph.catalogue.snapshot import browsing
from pictograph.connections.models import Connection
from pictograph.corrections.lessons import Learning
from pictograph.people.models import User
from pictograph.people.second_step import SecondStep
from pictograph.shares.models import Share
from pictograph.sources.models import Source

Told = dict[str, Any]


def account(user: User) -> Told:
    """All of it, as JSON has it."""
    step = SecondStep.of(user)
    return {
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "handle": user.handle,
        "about": user.about,
        "joined_at": _text(user.date_joined),
        "last_signed_in_at": _text(user.last_login),
        "is_administrator": user.is_superuser,
        "email": user.email or None,
        "email_addresses": [
            {"address": one.email, "is_confirmed": one.verified, "is_in_use": one.primary}
            for one in EmailAddress.objects.filter(user=user.pk).order_by("pk")
        ],
        "settings": {
            "right_names_of_100": user.target,
            "tiles": user.tiles,
            "others_may_compare": user.is_comparable,
            "on_the_map": user.is_on_map,
            "shows_places": user.shows_places,
            "is_asked_about_names": user.is_asked,
        },
        "signing_in": {
            "has_password": user.has_usable_password(),
            "app_since": _text(step.app_since),
            "passkeys": [{"name": one.name, "added_at": _text(one.added)} for one in step.passkeys],
        },
        "albums": [
            {"name": album.name, "created_at": _text(album.created_at), "photos": album.photos}
            for album in user.albums.annotate(photos=Count("entries")).order_by("folded")
        ],
        "corrections": _corrections(user),
        "corrections_last_taught_at": _text(
            Learning.objects.filter(owner=user).values_list("looked_at", flat=True).first()
        ),
        "hidden_categories": [_category(one.wnid) for one in user.hidden_categories.order_by("pk")],
        "covers": [
            {"category": _category(one.wnid), "photo": one.photo.name, "sha256": one.photo.digest}
            for one in user.covers.select_related("photo").order_by("pk")
        ],
        "taken_down": [
            {"sha256": one.digest, "reason": one.words or None, "at": _text(one.at)}
            for one in user.taken_down.order_by("pk")
        ],
        "links": [_link(share) for share in Share.objects.owned_by(user).select_related("album").order_by("pk")],
        "sources": [_source(source) for source in user.sources.select_related("connection__service").order_by("pk")],
        **{key: told for name in settings.EXPORTED for key, told in import_string(name)(user).items()},
    }


def _corrections(user: User) -> list[Told]:
    """What was said of photos, each with how many; of which ones, `library.json` tells."""
    said = user.corrections.annotate(photos=Count("judgements")).order_by("pk")
    return [
        {
            "number": one.pk,
            "said": one.verdict,
            "category": _category(one.wnid),
            "also": [_category(wnid) for wnid in one.also],
            "kept": _category(one.kept) if one.kept else None,
            "photos": one.photos,
            "was_asked": one.was_asked,
            "by_yourself": one.by_id == user.pk,
            "at": _text(one.made_at),
            "taken_back_at": _text(one.undone_at),
        }
        for one in said
    ]


def _link(share: Share) -> Told:
    """A link without its address, which whoever finds this file could open."""
    return {
        "shows": share.kind,
        "title": share.title or None,
        "category": _category(share.wnid) if share.wnid else None,
        "album": share.album.name if share.album else None,
        "left_out": [_category(wnid) for wnid in share.left_out],
        "first_day": _text(share.begins),
        "last_day": _text(share.ends),
        "tiles": share.tiles,
        "asks_for_a_password": bool(share.password),
        "is_open": share.is_open,
        "search_engines_may_list_it": share.is_listed,
        "created_at": _text(share.created_at),
        "ends_at": _text(share.expires_at),
        "revoked_at": _text(share.revoked_at),
    }


def _category(wnid: str) -> Told:
    category = browsing().categories.get(wnid)
    return {"wnid": wnid, "name": category.name if category else None}


def _source(source: Source) -> Told:
    connection: Connection | None = getattr(source, "connection", None)
    told: Told = {"kind": source.kind, "name": source.name or None, "folder": source.folder or None}
    told |= {"left_out": source.exclusions.splitlines(), "looked_at_every_s": source.every_s or None}
    return told | {"connection": _connection(connection) if connection else None}


def _connection(connection: Connection) -> Told:
    """An account at a photo service, without what signs in there."""
    return {
        "service": connection.service.kind,
        "server": connection.service.server or None,
        "account": connection.remote_id,
        "state": connection.state,
        "signs_in_here": connection.signs_in,
        "pulls": connection.choices,
        "folder": connection.folder or None,
        "follows_edits": connection.follows_edits,
        "follows_deletions": connection.follows_deletions,
        "connected_at": _text(connection.created_at),
    }


def _text(moment: datetime | date | None) -> str | None:
    if isinstance(moment, datetime):
        return moment.isoformat(timespec="seconds")
    return None if moment is None else moment.isoformat()
