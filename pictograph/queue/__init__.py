"""The queue: which photos a worker takes, and what becomes of its outcomes."""
