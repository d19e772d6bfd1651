"""The network: everyone's public photos, explored by category."""
