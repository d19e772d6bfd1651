"""The layouts of archives: where each service writes when, where and in which album a photo was, one file a kind."""
