"""The one way to servers that others name: which addresses are asked at all, and how much of an answer is taken."""
