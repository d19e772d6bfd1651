"""Tests of the network, one file per behaviour."""
