"""Pictographs as images: for posting, for printing, and as the cards that links show."""
