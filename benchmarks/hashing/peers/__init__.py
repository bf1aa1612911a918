"""Other packages on the same job, one file each: `REQUIREMENTS` and `prepare(texts)`, which gives the step to time.

The job: lower-case words of a text, shingles of five, a MinHash signature of 128 places. A package that also does more
in the same call is timed with that; what it needs beforehand stays off the clock.
"""
