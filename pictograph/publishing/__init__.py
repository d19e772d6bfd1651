"""Publishing: which photos, what will be seen of them, under which name, and taking them back."""
