"""Other libraries' sketches in and out; for those who have the other library installed."""
