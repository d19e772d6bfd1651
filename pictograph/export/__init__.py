"""All that is a person's, to take along: one zip of their originals and of what is known about them."""
