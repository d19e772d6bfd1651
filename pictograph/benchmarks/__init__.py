"""Measurements of the site as a whole: its pages one by one, and under load."""
