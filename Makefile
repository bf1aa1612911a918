.PHONY: setup check test bench bench-hashing
PYTHON ?= .venv/bin/python

setup:
	python3 -m venv .venv
	.venv/bin/pip install --quiet uv
	.venv/bin/uv sync --locked --inexact --all-extras --quiet

check:
	$(PYTHON) -m tests check

test:
	$(PYTHON) -m tests test

bench:
	$(PYTHON) -m benchmarks.peers --texts 100000
	$(PYTHON) -m benchmarks.report

bench-hashing:
	$(PYTHON) -m benchmarks.hashing
