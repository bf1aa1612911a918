"""What the benchmarks measure, in the package, so that whoever has it can measure their own machine."""
