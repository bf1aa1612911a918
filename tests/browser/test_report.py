"""The report in a browser: searched, followed and sorted, by mouse and by keyboard alone, with texts that attack it."""

import csv
import re
from pathlib import Path

import pytest

from dedup.records import Document
from dedup.web import report, results
from tests.browser.watch import Watched
from tests.shown import ARTICLE, FURNITURE, documents, written


@pytest.fixture(scope="session")
def site(folder) -> Path:
    return written(folder, documents())


@pytest.fixture(scope="session")
def beside(folder) -> Path:
    """The same report with its data in files beside the page."""
    limit, report.INLINE_BYTES = report.INLINE_BYTES, 0
    try:
        (folder / "many").mkdir()
        return written(folder / "many", documents())
    finally:
        report.INLINE_BYTES = limit


def open_article(watched, site: Path) -> None:
    watched.open(site, "#/clusters")
    watched.page.fill("#search", "harwick-news")
    watched.page.get_by_text("1 cluster of").wait_for()
    watched.page.keyboard.press("Enter")
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_selector(".panes")


def test_overview__says_how_much_is_what(watched, site):
    watched.open(site)
    assert "15\ndocuments" in watched.page.locator(".cards").inner_text().replace("documents\n15", "15\ndocuments")
    assert watched.page.locator("canvas").count() == 1
    assert watched.is_narrow_enough()


WORDS = """
window.drawn = [];
const fillText = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
  window.drawn.push(text);
  return fillText.call(this, text, ...rest);
};
"""
ENDS = """() => {
  const [canvas, over] = [document.querySelector(".chart canvas"), document.querySelector(".u-over")];
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const scale = canvas.width / canvas.clientWidth;
  const [left, top] = [(over.offsetLeft + 2) * scale, (over.offsetTop + over.offsetHeight - 6) * scale];
  const isBlank = (x) => copy.getImageData(x, top, 1, 1).data[3] === 0;
  return [left, left + (over.offsetWidth - 4) * scale].map(isBlank);
}"""


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "UTC", "Pacific/Auckland"])
def test_time__has_whole_bars_and_the_same_days_wherever_it_is_looked_at(browser, site, zone):
    page = Watched(browser, 1280, timezone_id=zone)
    page.page.add_init_script(WORDS)
    page.open(site)
    page.page.wait_for_selector(".u-over")
    days = {text for text in page.page.evaluate("drawn") if "-" in text}
    assert len(days) > 4
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", text) for text in days)
    assert "2024-02-01" <= min(days) <= max(days) <= "2024-03-09"
    assert page.page.evaluate(ENDS) == [True, True]
    page.close()


def test_tables__have_all_their_columns_on_a_narrow_screen(watched, tmp_path):
    name = "a-very-long-name-of-a-paper-and-its-magazines.example"
    texts = [Document(id=f"d{k}", text=f"{ARTICLE} {k}", source=name, date=f"2024-01-0{k + 1}") for k in range(3)]
    watched.open(written(tmp_path, texts))
    beyond = watched.page.locator(".wide").evaluate_all("all => all.map(one => one.scrollWidth - one.clientWidth)")
    assert beyond == [0, 0]


@pytest.mark.parametrize("n_undated", [0, 1, 2])
def test_timeline__says_how_many_have_no_date(wide, tmp_path, n_undated):
    dates = ["2024-01-01", "2024-01-02", *[""] * n_undated]
    site = written(tmp_path, [Document(id=f"d{k}", text=ARTICLE, date=day) for k, day in enumerate(dates)])
    wide.open(site, "#/clusters")
    wide.page.locator("tr.opens a").first.click()
    told = wide.text(".block-section:has(.timeline)").split("first\n")[1].splitlines()[2:]
    assert [line for line in told if "more" in line] == [
        f"{n_undated} more document{'s' * (n_undated > 1)} without a date"
    ] * (n_undated > 0)


@pytest.mark.parametrize("address", ["#/cluster/%zz", "#/cluster/c%E0%A4"])
def test_address__that_is_broken_off_is_told_as_any_that_is_not_here(wide, site, address):
    wide.open(site, address)
    assert "Not here" in wide.text("main")
    wide.page.get_by_role("link", name="Clusters", exact=True).click()
    wide.page.wait_for_selector("tr.opens")


@pytest.mark.parametrize("kind", ["site", "beside"])
def test_report__needs_nothing_but_its_own_files(wide, kind, request):
    place = request.getfixturevalue(kind)
    open_article(wide, place)
    assert all(url.startswith(("file:", "data:")) for url in wide.requests)
    assert bool(len(list(place.parent.iterdir())) > 1) == (kind == "beside")


def test_cluster__is_found_opened_and_its_passages_followed_from_left_to_right(watched, site):
    open_article(watched, site)
    badge = watched.page.locator(".pane.left .badge").first
    badge.click()
    label = watched.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert "go to it in the left text" in label
    assert watched.page.locator("mark.current").count() >= 2
    assert watched.is_narrow_enough()


def test_cluster__can_be_walked_by_keyboard_alone(wide, site):
    wide.open(site)
    press = wide.page.keyboard.press
    press("/")
    wide.page.wait_for_selector("#search:focus")
    wide.page.keyboard.type("harwick-news")
    press("Enter")
    press("Enter")
    wide.page.wait_for_selector(".panes")
    press("n")
    assert wide.page.locator(".pane.left .badge:focus").count() == 1
    press("x")
    assert wide.page.locator(".pane.right .badge:focus").count() == 1
    press("?")
    wide.page.wait_for_selector("dialog[open]")
    press("Escape")
    press("w")
    wide.page.get_by_role("heading", name="Who copies whom").wait_for()


def test_cluster__marks_differences_quotations_and_furniture(wide, site):
    open_article(wide, site)
    wide.page.get_by_label("Compare news/x").click()
    wide.page.wait_for_selector(".pane .furniture")
    assert FURNITURE in wide.page.locator(".furniture").all_inner_texts()
    assert any("Nobody wants" in text for text in wide.page.locator(".pane .quote").all_inner_texts())


def test_reasons__name_the_sides_as_they_are_shown(wide, site):
    open_article(wide, site)
    wide.page.get_by_label("Compare news/x").click()
    said = wide.page.get_by_text("is dated earlier")
    assert wide.text(".pane.left h3") == "wire/1"
    assert said.inner_text().startswith("the left text is dated earlier")
    wide.page.locator(".choose select").first.select_option("2")
    wide.page.locator(".choose select").last.select_option("0")
    assert wide.text(".pane.left h3") == "news/x"
    assert said.inner_text().startswith("the right text is dated earlier")


def test_passages__quote_both_texts_and_differ_where_the_words_do(wide, site):
    open_article(wide, site)
    left, right = (wide.page.locator(f".pane.{side} mark.passage").all_inner_texts() for side in ("left", "right"))
    assert len(left) == len(right) > 0
    assert [t.lower() for t in left] == [t.lower() for t in right] or wide.page.locator(".pane .diff").count()


def test_panes__scroll_together(wide, site):
    wide.page.set_viewport_size({"width": 1280, "height": 420})
    open_article(wide, site)
    wide.page.wait_for_timeout(500)
    wide.page.locator(".pane.left .scroll").evaluate("area => { area.scrollTop = 200; }")
    wide.page.wait_for_timeout(300)
    assert wide.page.locator(".pane.right .scroll").evaluate("area => area.scrollTop") > 20


def test_timeline__has_its_tracks_beneath_one_another(wide, site):
    open_article(wide, site)
    places = wide.page.locator(".track").evaluate_all("all => all.map(one => one.getBoundingClientRect().left)")
    assert len(places) > 2
    assert len(set(places)) == 1


def test_members__are_sorted_by_what_can_be_sorted_by(watched, site):
    open_article(watched, site)
    heads = watched.page.locator("thead th:visible").all_inner_texts()
    assert ("compare" in heads) == (watched.width > 400)
    assert "characters" in heads


def test_matrix__is_sorted_by_a_site(watched, site):
    watched.open(site, "#/matrix")
    cells = watched.page.locator(".matrix .cell")
    assert cells.count() == 2
    watched.page.locator(".matrix thead [data-by]").last.click()
    assert watched.page.locator(".matrix [aria-sort=descending]").count() == 1
    assert "#/matrix?by=to:" in watched.page.url
    assert watched.is_narrow_enough()


def test_table__is_sorted_by_its_header_and_says_so(watched, site):
    watched.open(site, "#/clusters")
    watched.page.get_by_role("button", name="weakest").click()
    assert watched.page.locator("th[aria-sort=descending]").inner_text().startswith("weakest")


def test_texts__that_attack_are_shown_as_text(watched, site):
    watched.open(site, "#/clusters")
    watched.page.fill("#search", "bad/")
    watched.page.get_by_text("1 cluster of").wait_for()
    watched.page.keyboard.press("Enter")
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_selector(".panes")
    text = watched.text(".pane .text")
    assert "</script><script>window.harmed = 1; alert(1)</script>" in text
    assert "\u202e" not in watched.page.locator("body").inner_text()
    assert {"\u27e8U+202E\u27e9", "\u241b"} <= set(watched.page.locator(".pane.left .control").all_inner_texts())
    assert watched.page.evaluate("window.harmed") is None
    assert watched.page.locator("main img, main svg, main script").count() == 0
    assert watched.is_narrow_enough()


def test_policy__refuses_scripts_requests_and_markup(wide, site):
    wide.open(site)
    tried = wide.page.evaluate(
        """async () => {
          const tries = {};
          try { document.body.innerHTML += "<b onclick=1>"; tries.markup = true; } catch { tries.markup = false; }
          try {
            const script = document.createElement("script");
            script.append("window.harmed = 2");
            document.body.append(script);
            tries.script = window.harmed === 2;
          } catch { tries.script = false; }
          try { await fetch("https://example.org/"); tries.fetch = true; } catch { tries.fetch = false; }
          return tries;
        }"""
    )
    assert tried == {"markup": False, "script": False, "fetch": False}
    assert wide.page.evaluate("window.harmed") is None
    wide.amiss.clear()


def test_tables__are_saved_as_csv_without_formulas_or_controls(wide, folder):
    (folder / "csv").mkdir()
    texts = [Document(id=f"{mark}cmd|' /C calc'!{k}\x1b", text=ARTICLE + f" {k}") for k, mark in enumerate("=+-@")]
    wide.open(written(folder / "csv", texts), "#/clusters")
    wide.page.locator("tbody a").first.click()
    wide.page.wait_for_selector(".panes")
    with wide.page.expect_download() as download:
        wide.page.get_by_role("button", name="Save as CSV").first.click()
    content = Path(download.value.path()).read_text("utf-8-sig")
    rows = list(csv.DictReader(content.splitlines()))
    assert len(rows) == 4
    assert all(row["document"].startswith("'") for row in rows)
    assert "\x1b" not in content


@pytest.mark.parametrize(("query", "direction"), [("arabic/1", "rtl"), ("zh/1", "ltr")])
def test_texts__run_in_their_own_direction(wide, site, query, direction):
    wide.open(site, "#/clusters")
    wide.page.fill("#search", query)
    wide.page.get_by_text("1 cluster of").wait_for()
    wide.page.keyboard.press("Enter")
    wide.page.keyboard.press("Enter")
    wide.page.wait_for_selector(".panes")
    assert (
        wide.page.locator(".pane.left .block").first.evaluate("text => getComputedStyle(text).direction") == direction
    )


def test_spans__count_characters_beyond_the_basic_plane_as_one(wide, folder):
    smiles = "\U0001f600\U0001f680 " * 40
    (folder / "astral").mkdir()
    place = written(
        folder / "astral",
        [Document(id="a", text=smiles + ARTICLE), Document(id="b", text=ARTICLE + " And that is all for today.")],
    )
    wide.open(place, "#/clusters")
    wide.page.locator("tbody a").first.click()
    marked = wide.page.locator(".pane.left mark.passage").first.inner_text()
    assert marked.startswith("The council of Harwick")


def test_long_texts__of_100_000_words_open_quickly(wide, folder):
    words = " ".join(f"word{(k * 7919) % 100_003}" + ("\n" if k % 60 == 0 else "") for k in range(100_000))
    (folder / "long").mkdir()
    place = written(
        folder / "long", [Document(id="a", text=words), Document(id="b", text=words.replace("word77 ", "other "))]
    )
    wide.open(place, "#/clusters")
    took = wide.page.evaluate(
        """async () => {
          const start = performance.now();
          document.querySelector("tbody a").click();
          while (!document.querySelector(".pane.right mark")) await new Promise(requestAnimationFrame);
          await new Promise(requestAnimationFrame);
          return performance.now() - start;
        }"""
    )
    assert took < 5000


def test_report__of_a_scan_that_found_nothing_says_so(wide, folder):
    (folder / "nothing").mkdir()
    wide.open(written(folder / "nothing", [Document(id="a", text="Alone."), Document(id="b", text="")]))
    assert "There are no clusters" in wide.page.locator("main").inner_text()
    assert "the text is empty" in wide.page.locator("main").inner_text()
    for view in ("#/clusters", "#/matrix", "#/pairs", "#/cluster/c0", "#/pair/0", "#/nonsense/%3Cb%3E"):
        wide.go(view)
        wide.page.wait_for_timeout(100)
        assert "cannot be shown" not in wide.page.locator("main").inner_text()


def test_side_by_side__of_a_text_that_has_changed_marks_nothing_and_says_so(wide, tmp_path):
    page = written(tmp_path, documents())
    docs = tmp_path / "docs.jsonl"
    docs.write_text(docs.read_text().replace('"id": "wire/1", "text": "', '"id": "wire/1", "text": "Corrected. '))
    found = results.load(tmp_path / "out", [str(docs)])
    (tmp_path / "report" / "index.html").write_bytes(dict(report.build(found))["index.html"])
    open_article(wide, page)
    assert "has changed since the scan" in wide.page.locator(".compare").inner_text()
    assert wide.page.locator(".panes mark.passage").count() == 0
