"""Collections of any size that nobody wrote, with the truth about their copies."""
