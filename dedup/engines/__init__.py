"""Map and group; they know nothing of text."""
