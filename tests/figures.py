"""Figures in README and docs that are no measurements: settings, limits, formats, definitions, and what tests hold.

Measured figures stand in the parts that `python -m benchmarks.report` writes from `benchmarks/results`.
"""

DECLARED = {
    "README.md": {
        "0.035": "resemblance of two of the example texts, held by a test",
        "0.027": "resemblance of two of the example texts, held by a test",
    },
    "docs/benchmarks.md": {
        "20 ms": "a setting: how often memory is looked at",
        "5 %": "a definition: the chance of error of all tests",
        "3 %": "a setting: the least change that is spoken of",
        "40 %": "a simulation, held by a test",
        "10 %": "a simulation, held by a test",
        "0.8": "a definition: the resemblance from which recall counts",
    },
    "docs/index.md": {
        "4 MB": "a setting: the text of one step",
        "6 bytes": "a format: an entry of a segment",
    },
    "docs/reference.md": {
        "0.25 KB": "a format: 128 places of two bytes",
        "8 bytes": "a format: a fingerprint",
        "0.3 GB": "a property: what a process holds of code and tables",
        "200 bytes": "a format: some twenty-five numbers of a document",
        "32 KB": "a setting: the file of JSON lines from which on texts are read again",
        "64 MB": "a setting: the input from which a run can be resumed",
        "256 MB": "a setting: the largest sample of a plan",
        "8 MB": "a limit of pages of HTML",
    },
    "docs/scale.md": {
        "24 bytes": "a format: a link of two components and its strength",
        "3.3 KB": "a setting of the generator: what a text takes",
        "8 bytes": "a format: a fingerprint",
        "150 bytes": "a format: what a text takes beside signature and fingerprints",
    },
    "docs/serve.md": {
        "16 MB": "a limit of a request",
        "30 s": "a limit of a request",
        "60 s": "a limit of waiting",
        "10 s": "a limit of a turn",
    },
}
"""For each document, a figure as it is written and what it is."""
