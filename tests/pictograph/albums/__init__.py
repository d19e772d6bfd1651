"""Albums."""
