"""Tests of posters."""
