"""The report of all benchmarks, and the tables of README and docs, from the files in `benchmarks/results`."""
