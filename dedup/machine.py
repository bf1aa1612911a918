"""What the machine says of this process."""

import re
import resource
from pathlib import Path

__all__ = ["peak_bytes"]


def peak_bytes() -> int:
    """The most memory that this process has held."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    except OSError:
        found = None
    # What `resource` tells may be of the parent, from before this process had a program of its own.
    return (int(found[1]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) << 10
