"""A data frame of Spark, Spark Connect or Sail in; matches, clusters and decisions out, as data frames of its session.

A scan from a notebook or a job that runs on the cluster anyway:

    found = dedup.interop.spark.scan(spark.read.parquet("s3a://crawl/2025-11"), "/shared/deduplicated")
    frame.join(found.decisions.where("keep"), "id")
"""

from pathlib import Path
from typing import Any, NamedTuple

from dedup.config import Config, given
from dedup.engines.spark import Spark
from dedup.errors import ConfigError, InputError
from dedup.io import reports, result_tables, runs
from dedup.io.arrow_batches import chosen
from dedup.spread.run import scanned_rows
from dedup.spread.tasks import Job
from dedup.versions import versions

__all__ = ["Frames", "scan"]

TEXTS = ("string", "binary", "varchar", "char")
"""Types of columns that can hold texts, which Spark may follow up by a length or a collation."""


class Frames(NamedTuple):
    """The results as `--tables` writes them."""

    matches: Any
    clusters: Any
    decisions: Any


def scan(frame: Any, folder: str | Path, config: Config | None = None, n_shares: int = 32) -> Frames:
    """Find the copies among the rows of a data frame, a text each, and write the results to `folder` as well.

    `config.input` names the columns; ids must differ (`InputError`). All workers must see `folder` under this name; it
    must be new or hold an earlier result (`OutputError`). Work is handed out in `n_shares`.
    """
    if not isinstance(n_shares, int) or n_shares < 1:
        raise ConfigError(f"n_shares must be at least 1, got {n_shares!r}")
    config, output = given(config, Config), Path(folder)
    if not hasattr(frame, "sparkSession"):
        raise InputError(f"a data frame of Spark must be given, got {type(frame).__name__}; dedup.scan takes others")
    if "first" in config.cluster.keep:
        raise ConfigError("keep cannot be 'first' for a data frame, whose rows stand in no order")
    result_tables.check_installed()
    reports.check_target(output, [])
    about = {"settings": config.settings(), "versions": versions()}
    work = runs.begin(output, about, resume=False)
    job = Job(paths=(), against=(), config=config, folder=work, n_tasks=0)
    engine = Spark(frame.sparkSession, str(work / "engine"), n_shares)
    scanned = scanned_rows(engine, _columns(frame, config), job, n_shares)
    with scanned as report, result_tables.ResultTables(output) as tables:
        tables.add_matches(report.matches)
        tables.add_clusters(report.clusters)
        tables.add_decisions(report.decisions)
        reports.write(report, output, before=tables.publish)
    runs.end(output)
    return Frames(*(frame.sparkSession.read.parquet(str(output / name)) for name in result_tables.TABLES))


def _columns(frame: Any, config: Config) -> Any:
    """The columns that hold the fields, as strings, under the names of the fields; bytes of texts as they are."""
    from pyspark.sql.functions import coalesce, col, lit

    fields = chosen(frame.columns, config.input)
    for name in ("id", "text"):
        if not fields[name]:
            raise InputError(f"the data frame has no column of {name}s; it has {', '.join(frame.columns)}")
    for column in dict.fromkeys(column for columns in fields.values() for column in columns):
        if frame.columns.count(column) > 1:
            raise InputError(f"the data frame has {frame.columns.count(column)} columns {column}")
    kinds = {column: frame.schema[column].dataType.simpleString() for column in fields["text"]}
    for column, kind in kinds.items():
        if not kind.startswith(TEXTS):
            raise InputError(f"the column {column} of texts is {kind}, not string")
    # Whether bytes are UTF-8 is for the workers to say, of each row.
    form = {"text": "binary"} if "binary" in kinds.values() else {}
    return frame.select(*(
        coalesce(*(col(_quoted(column)).cast(form.get(name, "string")) for column in columns)).alias(name)
        if columns else lit("").alias(name)
        for name, columns in fields.items()
    ))  # fmt: skip


def _quoted(column: str) -> str:
    return "`" + column.replace("`", "``") + "`"
