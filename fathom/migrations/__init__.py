"""Changes to the tables of the network, in order."""
