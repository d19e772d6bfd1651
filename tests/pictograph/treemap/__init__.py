"""Tests of the pictograph: its geometry, its tiles, its pages."""
