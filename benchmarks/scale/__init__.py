"""Large scans: their time, their memory, and that nothing stops them from giving the same bytes."""
