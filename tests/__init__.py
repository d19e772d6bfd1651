"""Tests, laid out as the packages they hold to their word."""
