"""Where photos come from: uploads and folders, and how far they are."""
