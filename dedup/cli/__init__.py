"""The command line: arguments in, exit code out. 0 done, 1 an error of ours in one line, 2 usage."""

from dedup.cli.app import app, main

__all__ = ["app", "main"]
