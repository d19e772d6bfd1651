"""Everyone's public photos by subject, and the pages of people."""
