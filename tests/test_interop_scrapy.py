"""The item pipeline within a crawl by Scrapy itself."""

import http.server
import json
import subprocess
import sys
import threading
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

import pytest

from dedup.index import Index
from tests.index_contract import articles

pytest.importorskip("scrapy")

CRAWL = """
import sys
import scrapy
from scrapy.crawler import CrawlerProcess

class Pages(scrapy.Spider):
    name = "pages"
    start_urls = sys.argv[2:]
    def parse(self, response):
        yield {"url": response.url, "text": response.text}
        yield {"url": response.url, "picture": 1}

process = CrawlerProcess({
    "ITEM_PIPELINES": {"dedup.interop.scrapy.DedupPipeline": 300}, "DEDUP_INDEX": sys.argv[1],
    "FEEDS": {"stdout:": {"format": "jsonlines"}}, "LOG_LEVEL": "ERROR", "CONCURRENT_REQUESTS": 1,
    "TELNETCONSOLE_ENABLED": False,
})
crawler = process.create_crawler(Pages)
process.crawl(crawler)
process.start()
print({k: v for k, v in crawler.stats.get_stats().items() if k.startswith("dedup/")}, file=sys.stderr)
"""


class Size(NamedTuple):
    width: int
    height: int


@pytest.fixture
def site(tmp_path):
    """A site of three pages, the last of which is the first once more."""
    first, second = articles(2)
    for name, text in (("a", first.text), ("b", second.text), ("c", f"{first.text}")):
        (tmp_path / f"{name}.txt").write_text(text)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield [f"http://127.0.0.1:{server.server_port}/{name}.txt" for name in "abc"]
        server.shutdown()


def crawl(path, urls):
    command = [sys.executable, "-c", CRAWL, str(path), *urls]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_pipeline__drops_items_whose_text_came_before(tmp_path, site):
    path = tmp_path / "index"
    items, told = crawl(path, site)
    assert len([item for item in items if "text" in item]) == 2
    assert len([item for item in items if "picture" in item]) == 3
    assert "'dedup/copy': 1" in told
    assert "'dedup/new': 2" in told
    again, _ = crawl(path, site)
    assert not [item for item in again if "text" in item]
    with Index.open(path) as index:
        assert index.n_documents == 3


def test_pipeline__wants_an_index():
    from scrapy.exceptions import NotConfigured
    from scrapy.utils.test import get_crawler

    from dedup.interop.scrapy import DedupPipeline

    with pytest.raises(NotConfigured, match="DEDUP_INDEX"):
        DedupPipeline.from_crawler(get_crawler())


def test_pipeline__takes_items_whose_values_json_has_no_form_for(tmp_path):
    from scrapy.utils.test import get_crawler

    from dedup.interop.scrapy import DedupPipeline

    noon = datetime(2024, 5, 1, 12, tzinfo=UTC)
    crawler = get_crawler(settings_dict={"DEDUP_INDEX": str(tmp_path / "index")})
    pipeline = DedupPipeline.from_crawler(crawler)
    pipeline.open_spider()
    one = {"id": UUID(int=7), "text": "one text", "date": noon, "sizes": [Size(3, 4)]}
    for item in (one, {"text": b"bytes"}, {"text": ("a", "b")}):
        assert pipeline.process_item(item) == item
    pipeline.close_spider()
    assert crawler.stats.get_stats() == {"dedup/new": 1, "dedup/without_text": 2}
    with Index.open(tmp_path / "index") as index:
        assert [(stored.id, stored.date) for stored in index.documents()] == [(str(UUID(int=7)), str(noon))]
