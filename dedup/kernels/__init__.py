"""Loops over arrays that numba compiles; each file is named after what it serves."""
