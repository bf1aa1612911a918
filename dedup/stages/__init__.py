"""The steps of the path of the data, one a module; none imports another."""
