"""What is Nextcloud's own: one token for everything, files found by search, and what of them is no photo."""
