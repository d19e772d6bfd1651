"""An authorization server that we did not write, as strict as it can be set: django-oauth-toolkit, by itself.

`python -m tests.pictograph.providers.peers.toolkit FOLDER` says its port when it serves. Its addresses are Mastodon's.
"""
