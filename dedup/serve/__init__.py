"""An index over HTTP, for several machines; needs the extra `serve`."""
