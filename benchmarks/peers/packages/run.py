"""Run one package: run.py NAME PATH FOLDER; writes FOLDER/clusters.tsv and prints the version."""

import importlib
import re
import sys
from importlib.metadata import version
from pathlib import Path


def main(name, path, folder):
    sys.path.insert(0, str(Path(__file__).parent))
    package = importlib.import_module(f"with_{name}")
    with open(Path(folder) / "clusters.tsv", "w", encoding="utf-8") as out:
        out.writelines(f"{document}\t{cluster}\n" for document, cluster in package.clusters(path, folder))
    print(version(re.split(r"[<>=\[]", package.REQUIREMENTS[0])[0]))


if __name__ == "__main__":
    main(*sys.argv[1:])
