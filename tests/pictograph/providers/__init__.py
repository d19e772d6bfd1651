"""Providers, against small servers of each kind that misbehave on demand."""
