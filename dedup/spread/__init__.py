"""One scan by many processes: with no engine, or on one."""
