"""Two people side by side, or one person in two years: what both photograph, and what sets them apart."""
