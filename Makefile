.PHONY: setup check test lowest bench bench-hashing report
PYTHON ?= .venv/bin/python

setup:
	python3 -m venv .venv
	.venv/bin/pip install --quiet uv
	.venv/bin/uv sync --locked --inexact --all-extras --quiet

check:
	$(PYTHON) -m tests check

test:
	$(PYTHON) -m tests test

lowest: # the tests with the oldest packages that pyproject.toml allows
	python3 -m venv .venv-lowest
	.venv/bin/uv pip install --quiet --python .venv-lowest --resolution lowest-direct --group dev '.[all]'
	.venv-lowest/bin/python -m pytest -W ignore::DeprecationWarning tests

bench: # DOCS and PAIRS name labelled pairs, where there are any
	$(PYTHON) -m benchmarks $(if $(DOCS),--docs $(DOCS) --pairs $(PAIRS))

report:
	$(PYTHON) -m benchmarks report

bench-hashing:
	$(PYTHON) -m benchmarks.hashing
