"""Where an index is kept: one small interface, `values.Store`, and what stands behind it."""
