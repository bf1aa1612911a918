"""What the process from which `tests.commands` forks has loaded: the commands, and the kernels of a scan."""

import gc

from typer.testing import CliRunner

import dedup.cli.compare
import dedup.cli.explain
import dedup.cli.filter
import dedup.cli.index
import dedup.cli.plan
import dedup.cli.report
import dedup.cli.scan
import dedup.io.reports
import dedup.pipeline  # noqa: F401
from dedup.cli.app import app
from dedup.rehearsal import rehearse_scan

# What reads the words of a command is loaded when the first is called; this one ends with there being no such results.
CliRunner().invoke(app, ["audit", "no results"])
rehearse_scan()
gc.freeze()
