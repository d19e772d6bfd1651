#!/usr/bin/env python
"""Run Django's and the project's commands."""

import io
import os
import sys


def main() -> None:
    """Hand the command line to Django."""
    for stream in (sys.stdout, sys.stderr):  # names of files can hold what the terminal's language has no sign for
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pictograph.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
