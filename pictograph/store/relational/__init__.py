"""The prediction store in tables of the site's own database, SQLite or PostgreSQL: a Django application of its own."""
