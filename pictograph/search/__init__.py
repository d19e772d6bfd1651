"""Search by words: a query as categories, places, times, people and words, and the photos that all of it fits."""
