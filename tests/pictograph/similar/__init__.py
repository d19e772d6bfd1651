"""Photos that look alike: the files, what they answer, and images that are not kept."""
