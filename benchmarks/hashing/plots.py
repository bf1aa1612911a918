"""Charts of `benchmarks/results/hashing.json`, as SVG beside it: `python -m benchmarks.hashing.plots`.

Needs matplotlib, from the dependency group `bench`.
"""

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

RESULTS = Path(__file__).parent.parent / "results"
STAGES = ("fold", "+ token hashes", "+ shingles", "+ fss32")
SCHEMES = ("fss32", "affine32")


def by_stage(axes: Axes, result: dict[str, Any]) -> None:
    """Where the time of a token goes, stage upon stage."""
    languages = list(result["by_script"])
    below = [0.0] * len(languages)
    for stage in STAGES:
        total = [result["by_script"][language][stage]["ns_per_token"] for language in languages]
        axes.bar(languages, [max(t - b, 0) for t, b in zip(total, below, strict=True)], bottom=below, label=stage)
        below = total
    axes.set(title="Bytes to signature, by stage", ylabel="ns a token")
    axes.legend()


def by_length(axes: Axes, result: dict[str, Any]) -> None:
    """Throughput against the length of a text."""
    lengths = sorted(result["by_length"], key=int)
    for scheme in SCHEMES:
        axes.plot(
            [int(n) for n in lengths], [result["by_length"][n][scheme]["MB_per_s"] for n in lengths], label=scheme
        )
    axes.set(title="Throughput by length", xlabel="tokens a text", ylabel="MB/s", xscale="log", ylim=(0, None))
    axes.legend()


def by_peer(axes: Axes, result: dict[str, Any]) -> None:
    """Text in, signature out, beside other packages."""
    found = {f"dedup, {scheme}": result["peers"]["ours"][scheme]["MB_per_s"] for scheme in SCHEMES}
    peers = result["peers"]["peers"]
    found |= {name: peer["MB_per_s"] for name, peer in peers.items() if "MB_per_s" in peer}
    bars = axes.barh(list(found)[::-1], list(found.values())[::-1])
    axes.bar_label(bars, fmt="%.0f", padding=2)
    axes.set(title="Text in, signature out, one core", xlabel="MB/s")
    axes.margins(x=0.1)


def by_size(axes: Axes, result: dict[str, Any]) -> None:
    """Error of 128 places against what independent places would have."""
    for scheme in SCHEMES:
        cells = [c for c in result["estimates"] if c["scheme"] == scheme and c["n_hashes"] == 128]
        sizes = sorted({cell["size"] for cell in cells})
        means = [_root_mean_square([c["ratio"] for c in cells if c["size"] == size]) for size in sizes]
        axes.plot(sizes, means, marker="o", label=scheme)
    axes.axhline(1, color="gray", linestyle=":", label="independent places")
    axes.set(title="Error of the estimate, 128 places", xlabel="shingles of the union", xscale="log")
    axes.set(ylabel="RMSE over sqrt(J (1 - J) / 128)", ylim=(0, 1.2))
    axes.legend()


def _root_mean_square(values: list[float]) -> float:
    return float((sum(value * value for value in values) / len(values)) ** 0.5)


def main() -> None:
    """Write one SVG a chart; the same results give the same bytes."""
    mpl.rcParams["svg.hashsalt"] = "dedup"
    result = json.loads((RESULTS / "hashing.json").read_text())
    for draw in (by_stage, by_length, by_peer, by_size):
        figure = Figure(figsize=(7, 4), layout="constrained")
        draw(figure.subplots(), result)
        figure.savefig(RESULTS / f"hashing_{draw.__name__}.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
