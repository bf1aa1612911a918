"""Write collections of any size: the generator stands in `dedup.bench.corpus`."""
