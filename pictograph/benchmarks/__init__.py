"""Measurements of the site at work, each in a module of its own; `manage.py bench` runs them."""
