"""The prediction store in the site's own database, SQLite or PostgreSQL."""
