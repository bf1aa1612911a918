"""Files only: documents in, reports out."""
