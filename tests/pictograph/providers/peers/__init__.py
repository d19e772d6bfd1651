"""Small servers that speak as the photo services do, and misbehave when told to."""
