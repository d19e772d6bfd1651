"""The network: which one, how it is loaded, and what it says of pictures."""
