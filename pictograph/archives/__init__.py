"""Archives: what Google, Instagram, Facebook and Flickr give people of their photos, and plain zips, brought in."""
