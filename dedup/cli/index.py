"""`dedup index …`: an index made, filled, asked, and kept in order."""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from dedup.cli.fields import named, output_option, path, reading
from dedup.errors import ConfigError

if TYPE_CHECKING:
    from dedup.config import InputConfig
    from dedup.records import Document, Skipped

__all__ = ["app"]

app = typer.Typer(help="Keep an index of the documents that came before.", no_args_is_help=True)

Directory = Annotated[
    str, typer.Argument(metavar="DIR", parser=named, help="The directory of the index, or the URL of one on a server.")
]
Paths = Annotated[list[str], typer.Argument(metavar="PATH", parser=named, help="Documents, as PATH of scan.")]
MOST_SHOWN = 10
"""Of what could not be used; all of it would bury the outcome."""
MOST_FAULTS = 100
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


@app.command()
def create(directory: Directory) -> None:
    """Make an index in a directory that is new or empty."""
    from dedup.index import Index

    Index.create(directory).close()


@app.command()
@reading
def add(
    directory: Directory,
    paths: Paths,
    fields: Any = None,
) -> None:
    """Remember documents without asking what they are copies of."""
    from dedup.index import Index
    from dedup.io import outputs

    outputs.check_outside(directory, paths)
    with Index.open(directory) as index:
        found, n_added, n_replaced = _Found(paths, fields), 0, 0
        for answers in index.add_steps(found):
            n_added += sum(answer.kind == "new" and not answer.replaces for answer in answers)
            n_replaced += sum(answer.replaces for answer in answers)
        found.say_skipped()
        _say(f"{_documents(n_added)} added, {n_replaced:,} replaced, {index.n_documents:,} in all")


@app.command()
@reading
def query(
    directory: Directory,
    paths: Paths,
    fields: Any = None,
) -> None:
    """Say what documents are to those in the index, a JSON line each; nothing is remembered."""
    from dedup.index import Index
    from dedup.io import filtering

    with Index.open(directory, read_only=True) as index:
        found = _Found(paths, fields)
        for answers in index.check_steps(found):
            sys.stdout.buffer.writelines(filtering.answer_json(answer) + b"\n" for answer in answers)
        found.say_skipped()


@app.command()
def remove(
    directory: Directory,
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Ids of documents.")] = None,
    listed: Annotated[
        Path | None, typer.Option("--ids", metavar="FILE", parser=path, help="A file of ids, one a line.")
    ] = None,
) -> None:
    """Forget documents."""
    from dedup.index import Index
    from dedup.io import filtering

    if not ids and listed is None:
        raise ConfigError("remove needs ids, or a file of them: --ids FILE")
    with Index.open(directory) as index:
        wanted = dict.fromkeys([*(ids or []), *(filtering.listed(listed) if listed else [])])
        _say(f"{index.remove(wanted):,} of {_documents(len(wanted))} removed")


@app.command()
def expire(
    directory: Directory,
    window: Annotated[str, typer.Option(help="Keep documents of the last 90s, 15m, 12h, 30d, 8w.")],
    by: Annotated[str, typer.Option(help="Age since a document was `seen`, or since its own `date`.")] = "seen",
) -> None:
    """Forget documents older than a window; `compact` gives back their room."""
    from dedup.index import Index

    age, kind = seconds(window), _by(by)
    with Index.open(directory) as index:
        _say(f"{_documents(index.expire(age, kind))} expired, {index.n_documents:,} left")


@app.command()
def stats(directory: Directory) -> None:
    """Print how much an index holds, as JSON."""
    from dedup.index import Index

    with Index.open(directory, read_only=True) as index:
        print(json.dumps(index.stats(), indent=1))


@app.command()
def merges(directory: Directory) -> None:
    """Print which clusters turned out to be one, a JSON line each, in the order of finding out."""
    from dedup.index import Index

    with Index.open(directory, read_only=True) as index:
        for merge in index.merges():
            print(json.dumps(merge._asdict()))


@app.command()
def verify(directory: Directory) -> None:
    """Read everything and compare it with its checksums; 1 when something is not as it was written."""
    from dedup.index import Index

    with Index.open(directory, read_only=True) as index:
        faults = index.verify()
        for fault in faults[:MOST_FAULTS]:
            print(f"{fault.place}: {fault.reason}")
        rest = f", the first {MOST_FAULTS} shown" if len(faults) > MOST_FAULTS else ""
        _say(f"{_documents(index.n_documents)}, {len(faults):,} {'fault' if len(faults) == 1 else 'faults'}{rest}")
    raise typer.Exit(1 if faults else 0)


@app.command()
def compact(directory: Directory) -> None:
    """Give back the room of what was removed."""
    from dedup.index import Index

    with Index.open(directory) as index:
        index.compact()
        print(json.dumps(index.stats(), indent=1))


@app.command()
def export(
    directory: Directory,
    output: Annotated[Path, output_option("File of JSON lines; - is stdout.")],
) -> None:
    """Write all that an index knows, also one of other settings or of another version of this program."""
    from dedup.index import transfer
    from dedup.io import outputs

    if str(output) != "-":
        outputs.check_free(output, [directory])
        outputs.check_no_folder(output)
    _say(f"{_documents(transfer.export(directory, output))} exported")


@app.command("import")
def import_(
    directory: Directory,
    source: Annotated[Path, typer.Argument(metavar="FILE", parser=path, help="What `export` wrote; - is stdin.")],
) -> None:
    """Take in what `export` wrote; ids that are known with the same text stay as they are."""
    from dedup.index import Index, transfer
    from dedup.io import archive

    with Index.open(directory) as index:
        transfer.take_in(index, archive.read(source))
        _say(f"{_documents(index.n_documents)} in all")


@app.command()
def merge(
    directory: Directory,
    others: Annotated[list[str], typer.Argument(metavar="OTHER", parser=named, help="Other indexes.")],
) -> None:
    """Take in all that other indexes know."""
    from dedup.index import Index, transfer

    with Index.open(directory) as index:
        for other in others:
            with Index.open(other, read_only=True) as read:
                transfer.take_in(index, transfer.content_of(read))
        _say(f"{_documents(index.n_documents)} in all")


def seconds(window: str) -> float:
    """A length of time as `30d` or `12h`, in seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", window.strip())
    if found is None:
        raise ConfigError(f"a window is a number with s, m, h, d or w behind it, got {window!r}")
    return float(found[1]) * SECONDS[found[2]]


def _by(name: str) -> Literal["seen", "date"]:
    if name == "seen":
        return "seen"
    if name == "date":
        return "date"
    raise ConfigError(f"--by must be seen or date, got {name!r}")


class _Found:
    """The documents that paths stand for, and how many there were of what could not be used."""

    def __init__(self, paths: Sequence[str], fields: "InputConfig") -> None:
        self._paths, self._fields, self._skipped, self._n_skipped = paths, fields, list["Skipped"](), 0

    def __iter__(self) -> Iterator["Document"]:
        from dedup.io import documents
        from dedup.records import Document

        for item in documents.read_lasting(self._paths, self._fields):
            if isinstance(item, Document):
                yield item
                continue
            self._n_skipped += 1
            if self._n_skipped <= MOST_SHOWN:
                self._skipped.append(item)

    def say_skipped(self) -> None:
        from dedup.cli import view

        view.show_skipped(view.console(), self._skipped)
        if self._n_skipped > MOST_SHOWN:
            _say(f"! … and {self._n_skipped - MOST_SHOWN:,} more")


def _documents(n: int) -> str:
    from dedup.cli import view

    return view.count(n, "document")


def _say(words: str) -> None:
    from dedup.cli import view

    view.console().print(words)
