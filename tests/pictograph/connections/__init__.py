"""Photo accounts, against services on loopback."""
