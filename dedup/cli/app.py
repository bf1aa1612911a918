"""The commands and their options. What they do stands in `scan`, `compare` and `warmup`, imported when called."""

import io
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from dedup.cli.fields import (
    DateField,
    IdField,
    SourceField,
    TextField,
    UrlField,
    named,
    output_option,
    path,
    reading,
)
from dedup.cli.index import app as index_app
from dedup.errors import ConfigError, DedupError

__all__ = ["app", "main"]

app = typer.Typer(
    help="Find syndicated and rewritten copies of texts, and say why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH",
        help="Text, JSON lines, CSV, Parquet, Arrow, HTML, WARC, also packed; folders; globs; '-': JSON lines.",
    ),
]
Output = Annotated[Path | None, output_option("Folder for matches, clusters, decisions and summary.")]
Relations = Annotated[
    str | None,
    typer.Option(help="Relations to report, separated by commas, or 'all'; whatever is reuse when not given."),
]
Keep = Annotated[
    str | None,
    typer.Option(help="Which copy is kept: earliest, latest, longest, shortest, first, host:NAME; ties by the next."),
]
Near = Annotated[
    bool, typer.Option("--near", help="Only copies that are alike as a whole: no rewrites, no excerpts, but faster.")
]
Bands = Annotated[int | None, typer.Option(help="Bands of a signature; 42, or 20 with --near.", min=1)]
BandRows = Annotated[int | None, typer.Option("--rows", help="Rows of a band; 3, or 4 with --near.", min=1)]
Memory = Annotated[
    str | None, typer.Option(help="Memory that the run may hold, such as 4GB; half of the machine's if not given.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout instead of words on stderr.")]
Threads = Annotated[int, typer.Option(help="Threads; 0 is one a core. The answer does not depend on it.", min=0)]

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no words; errors only.")]
Out = Annotated[Path, typer.Argument(metavar="OUT", parser=path, help="The output folder of a scan.")]
Judgments = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", parser=path, help="File of judgments, JSON lines; OUT/judgments.jsonl when not given."
    ),
]
Docs = Annotated[
    list[str] | None,
    typer.Option(metavar="PATH", help="Where the documents are, when not where the scan read them; may be repeated."),
]


@app.callback()
def _root() -> None:
    """Keep `dedup COMMAND` even while there is a single command."""


@app.command()
@reading
def scan(
    paths: Paths,
    output: Output = None,
    fields: Any = None,
    relations: Relations = None,
    keep: Keep = None,
    against: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH", help="Older documents, all kept, to remove copies of; may be repeated."),
    ] = None,
    near: Near = False,
    bands: Bands = None,
    rows: BandRows = None,
    tables: Annotated[bool, typer.Option("--tables", help="Also write the results as Parquet.")] = False,
    split: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="KEPT REMOVED", help="Write the input in two files, in its own format."),
    ] = None,
    max_removed: Annotated[
        float, typer.Option(help="Stop when a larger share of a source would be removed.", min=0, max=1)
    ] = 1.0,
    memory: Memory = None,
    disk: Annotated[str | None, typer.Option(help="Disk that work files may take; no bound if not given.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
    task: Annotated[
        str | None, typer.Option(metavar="I/N", help="Only read and sketch the I-th of N parts of the input into -o.")
    ] = None,
    finish: Annotated[bool, typer.Option("--finish", help="Do the rest, once all tasks are done.")] = False,
    engine: Annotated[
        str | None, typer.Option(metavar="sail|spark|sc://HOST", help="Run on an engine; -o must be a folder of all.")
    ] = None,
    events: Annotated[
        Path | None, typer.Option(metavar="FILE", parser=path, help="File for progress as JSON lines.")
    ] = None,
    show: Annotated[int, typer.Option(help="How many clusters to print, largest first.", min=0)] = 20,
    threads: Threads = 0,
    json: Json = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no words; errors only.")] = False,
) -> None:
    """Find the clusters of copies in a collection."""
    from dedup.cli import scan as command
    from dedup.cli.limits import Limits

    settings = command.settings(
        fields, relations=relations, keep=keep, threads=threads, near=near, bands=(bands, rows)
    )  # fmt: skip
    wanted = command.wanted(output, tables=tables, split=split, max_removed=max_removed, against=against or [])
    style = command.Style(n_clusters=show, json=json, quiet=quiet, events=events)
    part = command.Part(task=task, finish=finish, engine=engine)
    command.run(paths, settings, wanted, style, Limits(memory=memory, disk=disk, resume=resume), part)


@app.command()
@reading
def plan(
    paths: Paths,
    output: Annotated[Path | None, output_option("Output folder of the scan to come.")] = None,
    fields: Any = None,
    relations: Relations = None,
    keep: Keep = None,
    near: Near = False,
    bands: Bands = None,
    rows: BandRows = None,
    memory: Memory = None,
    threads: Threads = 0,
    json: Json = False,
) -> None:
    """Say what a scan would find and take, from trial runs over samples."""
    from dedup.cli import plan as command
    from dedup.cli.limits import Limits, limited
    from dedup.cli.scan import settings

    config = settings(fields, relations=relations, keep=keep, threads=threads, near=near, bands=(bands, rows))
    command.run(paths, limited(config, Limits(memory=memory)), output, json=json)


@app.command()
@reading
def compare(
    left: Annotated[str | None, typer.Argument(help="One text file.")] = None,
    right: Annotated[str | None, typer.Argument(help="The other text file.")] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(metavar="FILE", parser=path, help="JSON lines of pairs: fields a and b, or left and right."),
    ] = None,
    docs: Annotated[list[str] | None, typer.Option(help="Where the documents of --pairs are; as PATH of scan.")] = None,
    output: Annotated[Path | None, output_option("File for the matches of --pairs.")] = None,
    fields: Any = None,
    json: Json = False,
) -> None:
    """Explain one pair of texts, or many."""
    from dedup.cli import compare as command
    from dedup.config import Config

    if pairs is not None and docs and left is None and right is None:
        command.run_many(pairs, docs, Config(input=fields), output)
    elif left is not None and right is not None and pairs is None and docs is None and output is None:
        command.run_one(left, right, Config(input=fields), json=json)
    else:
        raise typer.BadParameter("give two files, or --pairs and --docs; -o is for --pairs")


@app.command()
def report(
    folder: Out,
    docs: Docs = None,
    output: Annotated[Path | None, output_option("Folder for the pages; OUT/report when not given.")] = None,
    quiet: Quiet = False,
) -> None:
    """Write pages that show the results of a scan: clusters, and texts side by side."""
    from dedup.cli import report as command

    command.run(folder, docs or [], output, quiet=quiet)


@app.command()
def explain(
    folder: Out,
    names: Annotated[list[str], typer.Argument(metavar="ID", help="Documents, or one cluster.")],
    docs: Docs = None,
    quick: Annotated[bool, typer.Option(help="Only what the results say, without reading the texts again.")] = False,
) -> None:
    """Say why documents are together or apart, up to the bands and passages that met."""
    from dedup.cli import explain as command

    command.run(folder, names, docs or [], quick=quick)


@app.command()
def recluster(
    folder: Out,
    relations: Annotated[str | None, typer.Option(help="Relations that join, separated by commas.")] = None,
    least: Annotated[float | None, typer.Option("--min", help="Least confidence of a match and of a member.")] = None,
    output: Annotated[Path | None, output_option("Folder for the results; only shown when not given.")] = None,
) -> None:
    """Make new clusters from the matches of a scan, without reading the texts again."""
    from dedup.cli import recluster as command

    command.run(folder, output, relations, least)


@app.command()
def review(
    folder: Out,
    docs: Docs = None,
    judgments: Judgments = None,
    sample: Annotated[int, typer.Option(help="How many pairs to ask about.", min=0)] = 200,
    port: Annotated[int, typer.Option(help="Port on this machine; a free one when 0.", min=0, max=65535)] = 0,
) -> None:
    """Show the results in a browser on this machine, and take judgments of pairs."""
    from dedup.cli import review as command

    command.run(folder, docs or [], judgments, sample, port)


@app.command()
def audit(folder: Out, judgments: Judgments = None, json: Json = False) -> None:
    """Estimate precision and recall by relation, from the judgments of a review."""
    from dedup.cli import audit as command

    command.run(folder, judgments, json=json)


@app.command("filter")
def filter_(
    index: Annotated[
        str,
        typer.Option(
            metavar="DIR", parser=named, help="The directory of the index, or a URL; `dedup index create` makes one."
        ),
    ],
    paths: Annotated[list[str] | None, typer.Argument(metavar="PATH", help="JSON lines; stdin when not given.")] = None,
    output: Annotated[Path | None, output_option("File of lines; stdout when not given, or -.")] = None,
    annotate: Annotated[bool, typer.Option(help="Write every line, with what the index says of it.")] = False,
    rejects: Annotated[
        Path | None, typer.Option(metavar="FILE", parser=path, help="File for lines that are no documents, and why.")
    ] = None,
    checkpoint: Annotated[
        str | None, typer.Option(metavar="NAME", help="Go on where the job of this name was stopped.")
    ] = None,
    fast: Annotated[bool, typer.Option(help="A power failure may cost the last seconds.")] = False,
    id_field: IdField = "id",
    text_field: TextField = "text",
    url_field: UrlField = "url",
    source_field: SourceField = "source",
    date_field: DateField = "date",
    quiet: Quiet = False,
) -> None:
    """Let through documents that are new to an index, and remember them."""
    from dedup.cli import filter as command
    from dedup.config import InputConfig

    fields = InputConfig(
        id_field=id_field, text_field=text_field, url_field=url_field, source_field=source_field, date_field=date_field
    )
    wanted = command.Wanted(output=output, rejects=rejects, annotate=annotate, checkpoint=checkpoint, quiet=quiet)
    raise typer.Exit(command.run(index, paths or ["-"], fields, wanted, fast=fast))


app.add_typer(index_app, name="index")


@app.command()
def serve(
    index: Annotated[
        str,
        typer.Option(metavar="DIR", parser=named, help="The directory of the index, or the URL of one on a server."),
    ],
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen at.", min=1, max=65535)] = 8321,
    name: Annotated[
        list[str] | None, typer.Option(help="HOST:PORT by which clients may also call; may be repeated.")
    ] = None,
    max_body: Annotated[int, typer.Option(help="Most bytes of a request.", min=1)] = 1 << 24,
    fast: Annotated[bool, typer.Option(help="A power failure may cost the last seconds.")] = False,
) -> None:
    """Answer over HTTP what documents are to those in an index, and remember them."""
    from dedup.cli import serve as command

    wanted = command.Wanted(host=host, port=port, names=name or [], body_bytes=max_body)
    command.run(index, wanted, fast=fast)


@app.command()
def bench(
    output: Annotated[Path, output_option("Folder for results.json, index.html, summary.md.")] = Path("dedup-bench"),
    profile: Annotated[str, typer.Option(help="How much is measured.", metavar="quick|full")] = "quick",
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="BEFORE AFTER",
            help="Compare two results, or measure two source folders or commits in turns; exit code 1 when something "
            "became worse.",
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Measure speed, memory and quality on this machine, or compare two measurements."""
    from dedup.cli import bench as command

    if compare is not None:
        raise typer.Exit(command.run_compare(*compare, output, quiet=quiet))
    command.run(output, profile, quiet=quiet)


@app.command()
def warmup() -> None:
    """Compile the kernels now, so that no later run waits for it."""
    from dedup.cli import warmup as command

    command.run()


def main() -> int:
    """Run the command line and return the exit code."""
    # No algebra is done that would be worth threads.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if sys.stdout is None:
        # A stream that was closed is none. What is written to this one is refused at once, and no file gets its number.
        sys.stdout = io.TextIOWrapper(io.FileIO(os.open(os.devnull, os.O_RDONLY), "w"), write_through=True)
    try:
        app(prog_name="dedup", standalone_mode=True)
    except DedupError as error:
        print(f"dedup: {error}", file=sys.stderr)
        # Every setting comes from an option, so a wrong one is a wrong use.
        return 2 if isinstance(error, ConfigError) else 1
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except OSError as error:
        # What is written in between to stdout, or to a file of events, whose disk may be full.
        print(f"dedup: cannot read or write {error.filename or 'the output'}: {error.strerror}", file=sys.stderr)
        return 1
    return 0
