"""How photos come in: from the browser, from a folder of the server, and how far they are."""
