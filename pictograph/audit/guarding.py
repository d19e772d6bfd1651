"""What has the database itself refuse to change the audit log: triggers, whatever asks for it and however.

A table that SQLite makes anew, as Django does to change a column, loses its triggers: a migration that touches the log
guards it again. What is restored of a backup brings its triggers along.
"""

from typing import Any

TABLE = "pictograph_auditentry"
WORDS = "the audit log is never changed"
NAMES = ("audit_never_changed", "audit_never_deleted", "audit_never_replaced", "audit_never_emptied")

# A row that replaces another with the same number fires no trigger for the one that goes.
SQLITE = (
    f"CREATE TRIGGER {NAMES[0]} BEFORE UPDATE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",
    f"CREATE TRIGGER {NAMES[1]} BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",
    f"CREATE TRIGGER {NAMES[2]} BEFORE INSERT ON {TABLE} WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id) "
    f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END",
)
POSTGRESQL = (
    f"CREATE OR REPLACE FUNCTION refuse_to_change_the_audit_log() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$BEGIN RAISE EXCEPTION '{WORDS}' USING ERRCODE = 'restrict_violation'; END$$",
    f"CREATE TRIGGER {NAMES[0]} BEFORE UPDATE OR DELETE ON {TABLE} "
    f"FOR EACH ROW EXECUTE FUNCTION refuse_to_change_the_audit_log()",
    f"CREATE TRIGGER {NAMES[3]} BEFORE TRUNCATE ON {TABLE} "
    f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_the_audit_log()",
)


def guard(connection: Any) -> None:
    """Have the database refuse."""
    with connection.cursor() as cursor:
        for statement in POSTGRESQL if connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)


def unguard(connection: Any) -> None:
    """Have it refuse no more; nothing of the site does so but undoing the migration."""
    on = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in NAMES:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
