"""The catalogue: what photos are called, by which network, and how surely."""
