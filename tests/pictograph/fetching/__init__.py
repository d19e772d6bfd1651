"""The client that asks servers which others name, against servers that mean harm."""
