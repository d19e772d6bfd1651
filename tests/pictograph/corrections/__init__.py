"""What people say of photos, and what becomes of it."""
