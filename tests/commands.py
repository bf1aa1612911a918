"""Commands as a shell runs them, each in a process of its own that is forked from one in which the package is loaded.

To load it takes a command longer than what most tests ask of it.
"""

import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

COLUMNS = "100"
CHANGING = (
    "import sys; from dedup.cli import parts; plan = parts.with_plan;"
    "parts.with_plan = lambda *a: (open(sys.argv[2], 'ab').write(b'\\n'), plan(*a))[1];"
    "from dedup.cli import main; sys.exit(main())"
)
"""A scan whose input changes while it runs."""


def run(
    *arguments: object, stdin: bytes = b"", file_bytes: int | None = None, first: str = "", **environment: str
) -> subprocess.CompletedProcess[bytes]:  # fmt: skip
    """Run `dedup` and wait for it, with some variables of its own and after a few statements of Python, `first`.

    No file may grow beyond `file_bytes`, which is how a full disk looks from inside.
    """
    words, context = [*map(str, arguments)], _context()
    readers, writers = zip(*(context.Pipe(duplex=False) for _ in range(2)), strict=True)
    with tempfile.NamedTemporaryFile() as asked, ThreadPoolExecutor() as pool:
        Path(asked.name).write_bytes(stdin)
        around = Path.cwd(), {**os.environ, "COLUMNS": COLUMNS, **environment}, file_bytes
        process = context.Process(target=_command, args=(Path(asked.name), writers, first, words, *around))
        process.start()
        for writer in writers:
            writer.close()
        out, err = pool.map(_all_of, readers)
        process.join()
    return subprocess.CompletedProcess(["dedup", *words], process.exitcode, out, err)


def run_text(
    *arguments: object, file_bytes: int | None = None, first: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:  # fmt: skip
    """The same, and what it says as text."""
    done = run(*arguments, file_bytes=file_bytes, first=first, **environment)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def start(*arguments: object, first: str = "") -> ForkServerProcess:
    """Start the same and go on; nobody hears what it says."""
    around = Path.cwd(), {**os.environ, "COLUMNS": COLUMNS}, None
    process = _context().Process(target=_command, args=(Path(os.devnull), (), first, [*map(str, arguments)], *around))
    process.start()
    return process


def run_anew(*arguments: object, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The same in a new interpreter, for variables that are read when the package is loaded."""
    return subprocess.run(
        [sys.executable, "-m", "dedup", *map(str, arguments)], input=stdin, capture_output=True,
        env={**os.environ, "COLUMNS": COLUMNS, **environment}, check=False,
    )  # fmt: skip


def _context() -> multiprocessing.context.ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.loaded"])
    return context


def _all_of(reader: Connection) -> bytes:
    with os.fdopen(os.dup(reader.fileno()), "rb") as stream:
        reader.close()
        return stream.read()


def _command(
    asked: Path, streams: Sequence[Connection], first: str, words: Sequence[str], cwd: Path,
    environment: Mapping[str, str], file_bytes: int | None,
) -> None:  # fmt: skip
    from dedup.cli import main

    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    told = [stream.fileno() for stream in streams] or [os.open(os.devnull, os.O_WRONLY)] * 2
    for number, source in enumerate((os.open(asked, os.O_RDONLY), *told)):
        os.dup2(source, number)
    sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    for stream in streams:
        stream.close()
    sys.argv = ["dedup", *words]
    if file_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    exec(first, {})  # noqa: S102 - as `python -c` would
    sys.exit(main())
