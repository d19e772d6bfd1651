"""Maps: where people photograph what, and where one's own photos were taken."""
