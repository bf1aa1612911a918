"""Find syndicated and rewritten copies of texts, and say why."""

from importlib import import_module

from dedup.config import Config
from dedup.errors import DedupError
from dedup.records import Answer, Cluster, Decision, Document, Match, Report

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Cluster",
    "Config",
    "Decision",
    "DedupError",
    "Document",
    "Index",
    "Match",
    "Report",
    "compare",
    "scan",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dedup.index import Index
    from dedup.pipeline import compare, scan

LATE = {"compare": "dedup.pipeline", "scan": "dedup.pipeline", "Index": "dedup.index"}


def __getattr__(name: str) -> object:
    """Load the pipeline or the index, and numba with them, only when they are called for."""
    if name in LATE:
        return getattr(import_module(LATE[name]), name)
    raise AttributeError(f"module 'dedup' has no attribute {name!r}")
