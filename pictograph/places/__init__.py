"""Where photos were taken: cells of ground, towns and countries, and counts for the map."""
