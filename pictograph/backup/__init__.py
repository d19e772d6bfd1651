"""Backups: all that a site is made of, copied while it runs, proved, and put back."""
