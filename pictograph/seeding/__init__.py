"""Made-up networks of people and photos, to time and look at pages at a size nobody has at hand."""
