"""Results as pages: what is shown of a scan, in a file that opens from disk or from a server on this machine."""
