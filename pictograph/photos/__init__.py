"""Photos: the library, one photo, its pictures over HTTP, deleting."""
