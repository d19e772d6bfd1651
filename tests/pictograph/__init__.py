"""Tests of pictograph."""
