"""The treemap: the pictograph of a set of photos."""
