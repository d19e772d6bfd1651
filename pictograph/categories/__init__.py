"""Categories: the index that opens the tree, and the page of each."""
