"""Photo accounts: signing in with them, what lets us read them, and keeping in step with what is there."""
