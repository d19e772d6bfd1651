"""The audit log: what staff did, to whom and why, which nobody can change from the site."""
