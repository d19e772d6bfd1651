"""What is Mastodon's own, and what those that speak its API get wrong."""
