"""Find syndicated and rewritten copies of texts, and say why."""

from importlib import import_module

from dedup.config import Config
from dedup.errors import DedupError
from dedup.records import Cluster, Decision, Document, Match, Report

__version__ = "0.1.0"

__all__ = ["Cluster", "Config", "Decision", "DedupError", "Document", "Match", "Report", "compare", "scan"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dedup.pipeline import compare, scan


def __getattr__(name: str) -> object:
    """Load the pipeline, and numba with it, only when it is called for."""
    if name in ("compare", "scan"):
        return getattr(import_module("dedup.pipeline"), name)
    raise AttributeError(f"module 'dedup' has no attribute {name!r}")
