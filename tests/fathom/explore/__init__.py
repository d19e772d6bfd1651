"""Tests of the pages of what people have published."""
