"""The audit of labels for staff: how each category does, and whether groups of photos fare differently."""
