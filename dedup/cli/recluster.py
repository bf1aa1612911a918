"""`dedup recluster`: new clusters from the kept matches, without reading the texts again."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from dedup.cli import view
from dedup.cli.fields import listed
from dedup.cli.progress import prepare
from dedup.config import ClusterConfig
from dedup.errors import ConfigError
from dedup.io import reports, results
from dedup.records import Cluster

if TYPE_CHECKING:
    from dedup.regroup import Link

__all__ = ["run"]


def run(folder: Path, output: Path | None, relations: str | None, least: float | None) -> None:
    """Group again, show what changed, and write it where asked to."""
    out = view.console()
    told = results.summary(folder)
    if output is not None:
        reports.check_target(output, [str(folder)])
    settings = results.settings(told)
    config = _config(settings.cluster, relations, least)
    prepare(out, [str(folder / "matches.jsonl")])
    # After it is known whether kernels are compiled, for this brings them in.
    from dedup.regroup import decide, regroup

    before = list(reports.read_clusters(folder / "clusters.jsonl"))
    ids = list(results.decided(folder))
    # Members may have matched their representative with less than a match needs to join.
    bar = settings.relation.cluster_confidence if least is None else least
    found = regroup(ids, {cluster.representative for cluster in before}, _links(folder), config, bar)
    decisions = decide(ids, found)
    n_kept = sum(decision.keep for decision in decisions)
    counted = {
        "clusters": len(found), "clustered_documents": sum(decision.cluster is not None for decision in decisions),
        "kept": n_kept, "removed": len(decisions) - n_kept,
    }  # fmt: skip
    if output is not None:
        by = {"joining": list(config.joining), "least": least}
        results.write_regrouped(folder, output, found, decisions, {**told, **counted, "reclustered": by})
    _show(out, before, found, counted)
    if output is not None:
        out.print(f"written to {output}")


def _config(recorded: ClusterConfig, relations: str | None, least: float | None) -> ClusterConfig:
    """The scan's settings, but for what is asked for; a least confidence holds for every member, too."""
    joining = recorded.joining if relations is None else listed(relations)
    if least is None:
        return replace(recorded, joining=joining)
    if not 0 <= least <= 1:
        raise ConfigError(f"min must lie in 0..1, got {least}")
    return replace(recorded, joining=joining, member_floor=least, mean_floor=min(recorded.mean_floor, least))


def _links(folder: Path) -> Iterator["Link"]:
    from dedup.regroup import Link

    for match in results.links(folder):
        yield Link(match.left, match.right, match.relation, match.confidence, match.resemblance)


def _show(out: Console, before: list[Cluster], found: list[Cluster], counted: dict[str, int]) -> None:
    """How many clusters stayed, and how the sizes changed."""
    members = [frozenset(member.id for member in cluster.members) for cluster in before]
    after = Counter(frozenset(member.id for member in cluster.members) for cluster in found)
    n_same = sum(own in after for own in members)
    out.print(
        f"{view.count(len(before), 'cluster')} before, {len(found):,} now, {n_same:,} of them the same; "
        f"{view.count(counted['kept'], 'document')} to keep, {counted['removed']:,} to drop"
    )
