"""Photos that look alike: compact vectors in files, the nearest ones of a photo, or of an image that is not kept."""
