"""Results to be shown in tests: a few clusters, many scripts, and texts that attack whoever shows them."""

import json
from pathlib import Path

from dedup.config import Config
from dedup.io import pages, reports
from dedup.pipeline import scan
from dedup.records import Document
from dedup.web import report, results

ARTICLE = (
    "The council of Harwick voted on Tuesday to close the old iron bridge over the river Tarn for eleven months. "
    "Engineers found cracks in four of its nine arches after the floods of March, said Ruth Ellery, who leads the "
    "works department.\n\n\u201cNobody wants to close a bridge, but nobody wants to fall off one either,\u201d Ellery "
    "said. Traffic will be sent by way of Stanmoor, and a ferry for people on foot runs from six in the morning.\n\n"
    "Shops in Quay Street fear for their summer. The chamber of trade asked for 240,000 pounds of relief, and the "
    "council will answer in May. The bridge was built in 1871 and widened twice."
)
FURNITURE = "Home News Sport Weather Subscribe to our letter"
ARABIC = (
    "أعلن المجلس البلدي يوم الثلاثاء إغلاق الجسر القديم فوق النهر لمدة أحد عشر "
    "شهرا بعد أن وجد المهندسون شقوقا في أربع من دعاماته التسع إثر فيضانات مارس الماضي"
)
CHINESE = (
    "市议会星期二投票决定关闭横跨河流的旧铁桥十一个月,工程师在三月洪水之后发"
    "现九个桥拱中有四个出现裂缝,渡轮将从早上六点开始运送行人。"
)
ATTACK = (
    '</script><script>window.harmed = 1; alert(1)</script><img src=x onerror="window.harmed = 2"> '
    "<svg onload=alert(2)> javascript:alert(3) {{7*7}} ${7*7} \u202eevil\u202c \x1b[31mred\x07 <!-- ]]> "
)


def documents() -> list[Document]:
    others = [
        Document(
            id=f"news/{k}", text=f"{FURNITURE}\n\nStory number {k} of {k * 31} words on {w}, told at length.",
            source="harwick-news.example", date=f"2024-02-{k + 1:02}",
        )
        for k, w in enumerate(["ships", "wool", "rain", "tides", "owls", "trams"])
    ]  # fmt: skip
    rewritten = ARTICLE.replace("voted on Tuesday to close", "decided on Tuesday that it will shut").replace(
        "fear for", "worry about"
    )
    return [
        *others,
        Document(
            id="wire/1", text=ARTICLE, source="wire.example", date="2024-03-05T08:00:00Z", url="https://wire.example/1"
        ),
        Document(
            id="news/x", text=f"{FURNITURE}\n\n{rewritten}", source="harwick-news.example", date="2024-03-07T14:00:00Z"
        ),
        Document(id="far/1", text=ARTICLE.upper(), source="far.example", date="2024-03-09"),
        Document(id="arabic/1", text=ARABIC), Document(id="arabic/2", text=f"{ARABIC} كما قال"),
        Document(id="zh/1", text=CHINESE), Document(id="zh/2", text=CHINESE + "完"),
        Document(id="bad/\u202e<b>", text=f"{ATTACK}{ARTICLE[:300]} \ud800", source="<i>x</i>", url="javascript:1"),
        Document(id='bad/"><img src=x onerror=alert(4)>', text=ATTACK + ARTICLE[:300] + " again", date="</td>"),
    ]  # fmt: skip


def written(folder: Path, texts: list[Document]) -> Path:
    """The report of a scan of these documents, as the commands make it."""
    lines = [json.dumps({"id": d.id, "text": d.text, "source": d.source, "url": d.url, "date": d.date}) for d in texts]
    folder.mkdir(exist_ok=True)
    (folder / "docs.jsonl").write_text("\n".join(lines))
    reports.write(scan(texts, Config()), folder / "out")
    found = results.load(folder / "out", [str(folder / "docs.jsonl")])
    pages.write_folder(folder / "report", report.build(found))
    return folder / "report" / "index.html"
