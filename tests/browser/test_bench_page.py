"""The page of a benchmark in a browser: on a wide screen, on a narrow one, and on paper."""

from pathlib import Path

import pytest

from benchmarks.report.sections import stored_sections
from dedup.bench import page
from dedup.bench.measures import Curve, Measure, Results

ABOUT = {
    "profile": "quick", "rounds": 7, "started": "2026-01-01T00:00:00+00:00", "wall_s": 1.0, "settings": {},
    "load": {"before": [0.1, 0.2, 0.3], "after": [0.2]},
    "machine": {
        "processor": "P", "cores": 2, "memory_gb": 8.0, "system": "S", "commit": "", "versions": {"python": "3"},
    },
}  # fmt: skip
STEPS = ("memory copy", "memory read", "copy", "read", "fold", "token hashes", "shingles", "signature")
LINES = {"dedup": (1.0, 10.0), "another": (2.0, None), "a third": (None, 30.0)}
A4_MINUS_MARGINS = 794 - 2 * 53
OUT_OF_SIGHT = """() => [...document.querySelectorAll('th, td, h1, h2, h3, h4, p, li, a, dt, dd, figcaption, canvas')]
    .filter((one) => {
        const { left, right, width } = one.getBoundingClientRect();
        const isHidden = getComputedStyle(one.closest('thead') ?? one).position === 'absolute';
        return width > 0 && !isHidden && (left < 0 || right > innerWidth + 0.5);
    })
    .map((one) => `${one.tagName}: ${one.textContent.slice(0, 40)}`)"""


@pytest.fixture(scope="module")
def made(folder) -> Path:
    """A page with all that the stored results have, and made-up measures."""
    measures = [
        Measure(name=f"hashing: {name}", unit="ns a token", better="less", runs=(1.0 + k,))
        for k, name in enumerate(STEPS)
    ]
    curves = [
        Curve(name=f"scan {k}", title="Throughput", x_title="texts", y_title="MB/s", x=(500.0, 2000.0), lines=LINES)
        for k in range(3)
    ]
    path = folder / "bench.html"
    path.write_text(
        page.render(Results(about=ABOUT, measures=tuple(measures), curves=tuple(curves)), stored_sections()), "utf-8"
    )
    return path


def open_page(watched, made) -> None:
    watched.page.goto(made.as_uri())
    watched.page.wait_for_selector(".uplot canvas")


def test_page__has_all_in_sight_and_asks_nobody(watched, made):
    open_page(watched, made)
    assert watched.is_narrow_enough()
    assert watched.page.evaluate(OUT_OF_SIGHT) == []
    assert watched.requests == [made.as_uri()]


def test_page__shows_the_numbers_of_every_chart_when_asked(watched, made):
    open_page(watched, made)
    for one in watched.page.locator("summary").all():
        one.click()
    assert watched.is_narrow_enough()
    assert all(one.is_visible() for one in watched.page.locator("details table").all())


def test_page__fits_on_paper_whatever_the_screen_was(watched, made):
    open_page(watched, made)
    watched.page.emulate_media(media="print")
    watched.page.wait_for_function("getComputedStyle(document.querySelector('nav')).display === 'none'")
    drawn = watched.page.locator(".uplot canvas").evaluate_all("all => all.map(one => one.clientWidth)")
    assert drawn
    assert max(drawn) <= A4_MINUS_MARGINS
