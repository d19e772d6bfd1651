"""Tests of pictograph/store."""
