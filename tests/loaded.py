"""What the process from which `tests.commands` forks has loaded: the commands, and the kernels of a scan."""

import gc

import dedup.cli.compare
import dedup.cli.explain
import dedup.cli.filter
import dedup.cli.index
import dedup.cli.plan
import dedup.cli.report
import dedup.cli.scan
import dedup.io.reports
import dedup.pipeline  # noqa: F401
from dedup.rehearsal import rehearse_scan

rehearse_scan()
gc.freeze()
