"""Where in a photo the network saw what it says: maps made on demand by a worker, and kept for a while."""
