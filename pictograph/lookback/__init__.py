"""The look back at a year: what was photographed, what was new, what is gone, what grew and what shrank."""
