"""The outputs that README.md shows: `python -m tests.readme` writes them anew, a test holds them to the truth."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"(?<=```console\n)(.*?)(?=```)", re.DOTALL)


def run(command: str, folder: Path) -> str:
    """What a terminal shows of one command, 80 columns wide."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "COLUMNS": "80", "PATH": path}
    done = subprocess.run(
        shlex.split(command),
        cwd=folder,
        env=environment,
        text=True,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return "".join(line.rstrip() + "\n" for line in done.stdout.splitlines())


def renewed(text: str, folder: Path) -> str:
    """The README with the output of every `$ command` as it is now, run in `folder`, which has `seeds/`."""

    def block(found: re.Match[str]) -> str:
        commands = [line for line in found[0].splitlines() if line.startswith("$ ")]
        return "".join(f"{command}\n{run(command[2:], folder)}" for command in commands)

    return BLOCK.sub(block, text)


def main() -> None:
    """Write README.md anew."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "seeds").symlink_to(ROOT / "seeds")
        README.write_text(renewed(README.read_text(encoding="utf-8"), Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
