"""Tests of made-up networks, one file per behaviour."""
