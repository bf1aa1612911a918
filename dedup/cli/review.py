"""`dedup review`: the results in a browser on this machine, and a place to judge them."""

import secrets
import socket
from pathlib import Path

from dedup.cli import view
from dedup.cli.extras import needs
from dedup.errors import OutputError

__all__ = ["run"]

LOOPBACK = "127.0.0.1"


def run(folder: Path, docs: list[str], judgments: Path | None, n_pairs: int, port: int) -> None:
    """Load everything, say where it can be seen, and serve until interrupted."""
    needs("jinja2", "review")
    needs("starlette", "review")
    needs("uvicorn", "review")
    import uvicorn

    from dedup.cli.progress import prepare, progress
    from dedup.io import reports
    from dedup.io.results import input_of, summary

    out = view.console()
    path = judgments or folder / "judgments.jsonl"
    # Those that are empty could be taken for judgments.
    reports.check_file(path, [str(folder / name) for name in reports.FILES])
    prepare(out, input_of(summary(folder), docs)[0])
    # After it is known whether kernels are compiled, for these bring them in.
    from dedup.web import results, review

    with progress(out, quiet=False) as tell:
        found = results.load(folder, docs, tell, results.Sample(n_pairs=n_pairs))
    view.show_lacking(out, found.lacking())
    desk = review.Desk(found, path)
    listening = _socket(port)
    port = listening.getsockname()[1]
    hosts = frozenset((f"{LOOPBACK}:{port}", f"localhost:{port}"))
    door = review.Door(hosts=hosts, secret=secrets.token_urlsafe(24), cookie=f"dedup-{port}")
    out.print(f"http://{LOOPBACK}:{port}/?token={door.secret}", soft_wrap=True)
    out.print(f"judgments go to {path}; Ctrl-C ends")
    settings = uvicorn.Config(review.app(desk, door), log_level="warning", server_header=False)
    with listening:
        uvicorn.Server(settings).run(sockets=[listening])


def _socket(port: int) -> socket.socket:
    """A listening socket that no other machine can reach."""
    made = socket.socket()
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((LOOPBACK, port))
        made.listen()
    except OSError as error:
        made.close()
        raise OutputError(f"cannot listen on port {port}: {error.strerror or error}") from None
    return made
