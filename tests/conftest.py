import pytest
from hypothesis import settings

from tests import SLOW

# A kernel's first call compiles it, which no deadline allows for.
settings.register_profile("dedup", deadline=None, max_examples=10 if SLOW else 100)
settings.load_profile("dedup")

FIRST = [
    # Compile what most others need: kernels of a scan and of the index, and meanwhile the generator of collections.
    "test_cli", "test_corpus",
    # Need little of the former.
    "test_documents", "test_bench", "browser/test_bench_page", "test_html", "test_tokens", "test_json_lines",
    # Take long.
    "test_engines", "test_filter", "test_serve", "test_index", "test_shared_store", "browser/test_report",
    "browser/test_review", "test_report_page", "test_resume", "test_interop_consume",
]  # fmt: skip
"""Files in the order in which processes take them; the others follow."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring files in that order: two processes that begin alike compile the same kernels at the same time."""
    places = {f"tests/{name}.py": place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))
