"""The review on this machine: judged by keyboard, nothing lost, and nobody else answered."""

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dedup.records import Document
from tests.shown import ARTICLE, documents, written


class Server:
    """`dedup review` as a process of its own."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "dedup", "review", folder / "out", "--docs", folder / "docs.jsonl"]
        self.process = subprocess.Popen([*map(str, command)], stderr=subprocess.PIPE, text=True)
        self.address = next(line.strip() for line in self.process.stderr if line.startswith("http"))
        self.port = int(re.search(r":(\d+)/", self.address)[1])

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        given = {"Host": f"127.0.0.1:{self.port}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, given)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    def cookie(self) -> str:
        answer = self.ask("GET", self.address[self.address.index("/?") :])
        return answer.getheader("Set-Cookie").split(";")[0]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()
        self.process.stderr.close()


@pytest.fixture
def place(tmp_path) -> Path:
    pytest.importorskip("starlette")
    written(tmp_path, documents())
    return tmp_path


@pytest.fixture
def serve() -> Iterator[Callable[[Path], Server]]:
    """Starts servers, and stops them whatever comes."""
    started = []

    def start(folder: Path) -> Server:
        started.append(Server(folder))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def server(place, serve) -> Server:
    return serve(place)


def judged(place: Path) -> list[dict]:
    return [json.loads(line) for line in (place / "out" / "judgments.jsonl").read_text().splitlines()]


def test_review__20_pairs_judged_by_keyboard_survive_a_restart(wide, place, serve):
    words = [f"{a}{b}" for a in ("ash", "oak", "elm", "fir", "yew") for b in ("ton", "ford", "bury", "wick", "ham")]
    pairs = [
        Document(id=f"{word}/{k}", text=f"{ARTICLE} {' '.join(words[i:] + words[:i])} {k}")
        for i, word in enumerate(words)
        for k in (1, 2)
    ]
    written(place / "many", [*documents(), *pairs])
    server, page = serve(place / "many"), wide.page
    wide.open(server.address)
    page.keyboard.press("j")
    given = ["sdu"[k % 3] for k in range(20)]
    for k, key in enumerate(given):
        page.get_by_text(f" {k} judged").wait_for()
        page.keyboard.press(key)
    page.get_by_text(" 20 judged").wait_for()
    server.process.kill()
    server.process.wait()
    names = {"s": "same", "d": "different", "u": "unsure"}
    assert [item["judgment"] for item in judged(place / "many")] == [names[key] for key in given]
    again = serve(place / "many")
    wide.open(again.address, "#/judge")
    page.get_by_text(" 20 judged").wait_for()
    wide.amiss.clear()


def test_review__shows_the_views_of_the_report_from_the_server(watched, server):
    watched.open(server.address, "#/clusters")
    watched.page.locator("tbody a").first.click()
    watched.page.wait_for_selector(".panes mark")
    watched.go("#/matrix")
    watched.page.wait_for_selector(".matrix .cell")
    assert watched.is_narrow_enough()


def test_review__texts_that_attack_are_shown_as_text(wide, server):
    wide.open(server.address, "#/clusters")
    wide.page.fill("#search", "bad/")
    wide.page.get_by_text("1 cluster of").wait_for()
    wide.page.keyboard.press("Enter")
    wide.page.keyboard.press("Enter")
    wide.page.wait_for_selector(".panes")
    assert "</script><script>window.harmed = 1" in wide.text(".pane .text")
    assert wide.page.evaluate("window.harmed") is None


def test_review__answers_this_machines_browser_with_the_token_only(server):
    cookie = server.cookie()
    own = {"Cookie": cookie}
    assert server.ask("GET", "/piece/rows-0").status == 403
    assert server.ask("GET", "/?token=wrong").status == 403
    assert server.ask("GET", "/piece/rows-0", **own).status == 200
    assert server.ask("GET", "/piece/rows-0", **own, Host="evil.example").status == 403
    assert server.ask("GET", "/piece/rows-0", **own, Origin="http://evil.example").status == 403
    assert server.ask("GET", "/piece/rows-0", **own, Sec_Fetch_Site="cross-site").status == 403
    assert server.ask("GET", "/piece/../../etc/passwd", **own).status == 404
    assert server.ask("GET", "/piece/part-999", **own).status == 404


def test_review__takes_judgments_from_its_own_page_only(server, place):
    own = {"Cookie": server.cookie()}
    here = f"http://127.0.0.1:{server.port}"
    body = json.dumps({"left": "wire/1", "right": "news/x", "judgment": "same"})
    for headers in ({}, {"Origin": "null"}, {"Origin": "http://evil.example"}, {"Origin": f"{here}0"}):
        assert server.ask("POST", "/judge", body, **own, **headers).status == 403
    assert not (place / "out" / "judgments.jsonl").exists()
    assert server.ask("POST", "/judge", body, **own, Origin=here).status == 200
    for wrong in ("{}", "[", "[" * 5_000, "[1]", body.replace("same", "maybe"), body.replace("wire/1", "nobody")):
        assert server.ask("POST", "/judge", wrong, **own, Origin=here).status == 400
    assert [(item["a"], item["b"], item["judgment"]) for item in judged(place)] == [("news/x", "wire/1", "same")]


def test_review__refuses_what_is_too_long_whether_it_says_so_or_not(server):
    own = {"Cookie": server.cookie(), "Origin": f"http://127.0.0.1:{server.port}"}
    assert server.ask("POST", "/judge", " " * 70_000, **own).status == 413
    assert server.ask("POST", "/judge", iter([b" " * 40_000] * 2), **own).status == 413


def test_review__beside_another_one_loses_no_judgment(serve, place):
    pairs = [("wire/1", "far/1"), ("zh/1", "zh/2")]
    for server, (left, right) in zip([serve(place), serve(place)], pairs, strict=True):
        own = {"Cookie": server.cookie(), "Origin": f"http://127.0.0.1:{server.port}"}
        body = json.dumps({"left": left, "right": right, "judgment": "same"})
        assert server.ask("POST", "/judge", body, **own).status == 200
    assert sorted((item["a"], item["b"]) for item in judged(place)) == [("far/1", "wire/1"), ("zh/1", "zh/2")]


def test_review__does_not_write_over_judgments_that_it_cannot_read(server, place):
    own = {"Cookie": server.cookie(), "Origin": f"http://127.0.0.1:{server.port}"}
    body = json.dumps({"left": "zh/1", "right": "zh/2", "judgment": "same"})
    (place / "out" / "judgments.jsonl").write_text("{\n")
    answer = server.ask("POST", "/judge", body, **own)
    assert answer.status == 500
    (place / "out" / "judgments.jsonl").unlink()
    assert server.ask("POST", "/judge", body, **own).status == 200


def test_review__tells_browsers_to_trust_nothing_else(server):
    answer = server.ask("GET", "/", Cookie=server.cookie())
    policy = answer.getheader("Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    assert "HttpOnly" in server.ask("GET", server.address[server.address.index("/?") :]).getheader("Set-Cookie")


def test_judgments__are_pairs_that_the_quality_benchmark_reads(server, place):
    from benchmarks.quality.labelled import read

    own = {"Cookie": server.cookie(), "Origin": f"http://127.0.0.1:{server.port}"}
    for left, right, judgment in (
        ("wire/1", "far/1", "same"),
        ("wire/1", "zh/1", "different"),
        ("zh/1", "zh/2", "same"),
    ):
        body = json.dumps({"left": left, "right": right, "judgment": judgment})
        assert server.ask("POST", "/judge", body, **own).status == 200
    (place / "plain.jsonl").write_bytes((place / "docs.jsonl").read_bytes())
    pairs = read(place / "plain.jsonl", place / "out" / "judgments.jsonl").pairs
    assert {(pair.left, pair.right, pair.kind) for pair in pairs} == {
        ("far/1", "wire/1", "copy"), ("wire/1", "zh/1", "same_story"), ("zh/1", "zh/2", "copy"),
    }  # fmt: skip


def test_audit__counts_the_judgments_of_the_sample(server, place):
    own = {"Cookie": server.cookie(), "Origin": f"http://127.0.0.1:{server.port}"}
    body = json.dumps({"left": "zh/1", "right": "zh/2", "judgment": "same"})
    assert server.ask("POST", "/judge", body, **own).status == 200
    done = subprocess.run(
        [sys.executable, "-m", "dedup", "audit", str(place / "out"), "--json"], capture_output=True, check=True
    )
    told = json.loads(done.stdout)
    assert told["all"]["together_judged"] == 1
    assert told["all"]["precision"]["value"] == 1.0
    assert told["all"]["precision"]["low"] < 0.5
