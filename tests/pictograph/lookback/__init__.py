"""Tests of the look back at a year."""
