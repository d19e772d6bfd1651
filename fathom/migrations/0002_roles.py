"""The roles that a site begins with: groups, and what each may do.

They are made once: what administrators add to them or take away later stays so. Django makes permissions after all
migrations, and leaves alone those that are there.
"""

from typing import Any

from django.db import migrations

MODERATE = ("moderate", "suspend")
OPERATE = ("operate", "see_audit")
# Of which model, by application: permissions and their words.
PERMISSIONS = {
    ("fathom", "case"): {
        "moderate": "Decide on what people report",
        "suspend": "Propose and confirm suspensions",
        "change_labels": "Hide, rename, merge and block categories",
        "see_audit": "Read the audit log and what is made of it",
        "operate": "Look after calibration and the groups of the bias check",
    },
    ("pictograph", "user"): {
        "let_in": "Let in or refuse those who wait for that",
        "give_roles": "Give and take roles",
        **{f"{verb}_user": f"Can {verb} user" for verb in ("add", "change", "delete", "view")},
    },
    ("pictograph", "invitation"): {
        f"{verb}_invitation": f"Can {verb} invitation" for verb in ("add", "change", "delete", "view")
    },
    ("auth", "group"): {f"{verb}_group": f"Can {verb} group" for verb in ("add", "change", "delete", "view")},
}
PEOPLE = tuple(f"{verb}_user" for verb in ("add", "change", "delete", "view"))
GROUPS = tuple(f"{verb}_group" for verb in ("add", "change", "delete", "view"))
INVITATIONS = ("add_invitation", "change_invitation", "view_invitation")
ROLES = {
    "Moderators": (*MODERATE, "let_in"),
    "Operators": OPERATE,
    "Administrators": (
        *(*MODERATE, *OPERATE, "let_in", "give_roles", "change_labels"),
        *(*PEOPLE, *GROUPS, *INVITATIONS),
    ),
}


def make_roles(apps: Any, schema_editor: Any) -> None:
    """Make the groups, and the permissions they hold; a group of that name that is there already only gets more."""
    kind, permission, group = (
        apps.get_model(*name) for name in (("contenttypes", "ContentType"), ("auth", "Permission"), ("auth", "Group"))
    )
    made = {}
    for (app, model), words in PERMISSIONS.items():
        of, _ = kind.objects.get_or_create(app_label=app, model=model)
        for codename, name in words.items():
            made[codename], _ = permission.objects.get_or_create(
                content_type=of, codename=codename, defaults={"name": name}
            )
    for name, codenames in ROLES.items():
        role, _ = group.objects.get_or_create(name=name)
        role.permissions.add(*(made[codename] for codename in codenames))


def leave_roles(apps: Any, schema_editor: Any) -> None:
    """Leave them: people may be in them, and permissions go by themselves."""


class Migration(migrations.Migration):
    dependencies = [
        ("fathom", "0001_moderation"),
        ("pictograph", "0029_sign_ups"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_roles, leave_roles)]
