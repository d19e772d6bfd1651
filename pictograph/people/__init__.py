"""People: accounts, signing in, erasing."""
