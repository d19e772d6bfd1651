"""What people report, who decides on it and how, and what those are told whom it concerns."""
