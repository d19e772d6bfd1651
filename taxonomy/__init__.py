"""The hypernym graph and everything computed on it: confidence, choice of level, cut, browsing."""
