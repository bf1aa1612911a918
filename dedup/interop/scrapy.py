"""A Scrapy item pipeline that drops items whose text came before, and remembers the others.

```python
ITEM_PIPELINES = {"dedup.interop.scrapy.DedupPipeline": 300}
DEDUP_INDEX = "news.index"
```
"""

from typing import TYPE_CHECKING, Any

from itemadapter import ItemAdapter
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem, NotConfigured

from dedup.config import InputConfig
from dedup.io import filtering, json_lines
from dedup.records import Document

if TYPE_CHECKING:
    from dedup.index import Index

__all__ = ["DedupPipeline"]


class DedupPipeline:
    """Settings: `DEDUP_INDEX`, a directory or URL, made when it is not there; `DEDUP_TEXT_FIELD` and so on name fields.

    Items without a text, which is a string, pass and are counted as `dedup/without_text`; those that are dropped as
    `dedup/copy` and `dedup/known`.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._path, self._stats = settings.get("DEDUP_INDEX"), crawler.stats
        if not self._path:
            raise NotConfigured("DEDUP_INDEX is not set")
        names = ("id", "text", "url", "source", "date")
        given = {f"{name}_field": settings.get(f"DEDUP_{name.upper()}_FIELD", name) for name in names}
        self._names = json_lines.wanted(InputConfig(**given))
        self._index: Index | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "DedupPipeline":
        """As Scrapy makes it."""
        return cls(crawler)

    def open_spider(self) -> None:
        """Open the index."""
        from dedup.index import Index

        self._index = Index.ensured(self._path)

    def close_spider(self) -> None:
        """Leave the index to others."""
        if self._index is not None:
            self._index.close()

    def process_item(self, item: Any) -> Any:
        """The item itself, unless it came before."""
        # `asdict` makes values of whatever type anew, which not all types bear.
        document = filtering.lasting(json_lines.from_fields(dict(ItemAdapter(item)), self._names))
        if self._index is None:
            return item
        if not isinstance(document, Document):
            self._count("without_text")
            return item
        (answer,) = self._index.filter([document])
        self._count(answer.kind)
        if not answer.keep:
            raise DropItem(f"{answer.kind}: {answer.relation or 'the same'} as {answer.representative}")
        return item

    def _count(self, what: str) -> None:
        if self._stats is not None:
            self._stats.inc_value(f"dedup/{what}")
