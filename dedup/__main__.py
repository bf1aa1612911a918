"""`python -m dedup`, and the command itself."""

import sys

INTERRUPTED = 130
"""What shells expect of a command that was stopped from the keyboard."""


def main() -> int:
    """Run the command line and return the exit code; it may be interrupted while it is being loaded, too."""
    try:
        from dedup.cli import main as command

        return command()
    except KeyboardInterrupt:
        print("Aborted.", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
