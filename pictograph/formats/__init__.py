"""How days and times are written, by language, where Django's own way is not the one of the pages."""
