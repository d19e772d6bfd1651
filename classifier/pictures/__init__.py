"""Pictures: from the bytes of a file to what is kept and shown of it and what the network sees."""
