"""The import rules and the absences that ARCHITECTURE.md promises."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "dedup"
MODULES = sorted(PACKAGE.rglob("*.py"))
CODE = [path for path in MODULES if "data" not in path.parts]
LEVELS = [
    {"errors", "arrays", "kernels", "dates", "sites", "clock", "machine", "versions"},
    {"records", "sketched", "sequences", "checks", "digests", "spans", "background", "measured"},
    {"config", "batches", "laid", "reasons"},
    {"described"},
    {"reported"},
    {"stages", "io", "engines"},
    {"verify"},
    {"pipeline", "plan", "meeting", "regroup", "population", "estimate", "index"},
    {"web", "trial", "rehearsal"},
    {"spread"},
    {"bench"},
    {"serve", "interop"},
    {"cli"},
]
MAY_IMPORT_SIBLINGS = {"kernels", "io", "engines", "spread", "index", "web", "bench", "serve", "cli", "interop"}
OWNERS = {
    "numba": {"kernels", "bench/corpus"},
    "llvmlite": {"kernels"},
    "xxhash": {"digests"},
    "datasketch": {"interop"},
    "typer": {"cli"},
    "rich": {"cli"},
    "orjson": {"io"},
    "isal": {"io"},
    "backports": {"io"},
    "compression": {"io"},
    "pyarrow": {"io", "engines", "spread"},
    "pyspark": {"engines", "interop"},
    "pysail": {"engines"},
    "resiliparse": {"io"},
    "fastwarc": {"io"},
    "fsspec": {"io"},
    "rocksdict": {"io"},
    "redis": {"io"},
    "jinja2": {"web"},
    "starlette": {"web", "serve"},
    "fastapi": {"serve"},
    "pydantic": {"serve"},
    "prometheus_client": {"serve"},
    "uvicorn": {"cli"},
    "scrapy": {"interop"},
    "datasets": {"interop"},
    "confluent_kafka": {"interop"},
}


def imports(path: Path) -> set[str]:
    """Every module that a file names in an import, as a dotted path; names from a package count as its modules."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            is_package = (ROOT / node.module.replace(".", "/")).is_dir()
            found |= {f"{node.module}.{a.name}" for a in node.names} if is_package else {node.module}
    return found


def part(dotted: str) -> str:
    """`dedup.stages.text` -> `stages`; `dedup.pipeline` -> `pipeline`."""
    return dotted.split(".")[1]


def level(name: str) -> int:
    return next(i for i, names in enumerate(LEVELS) if name in names)


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules__import_downward_only(path):
    own = name_of(path)
    if own in ("__init__", "__main__", "data"):
        return
    for dotted in imports(path):
        if not dotted.startswith("dedup.") or part(dotted) in ("data", "__version__"):
            continue
        other = part(dotted)
        if other == own:
            assert own in MAY_IMPORT_SIBLINGS or path.name == "__init__.py", f"{own} imports {dotted}"
        else:
            assert level(other) < level(own), f"{own} imports {dotted}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_packages__have_one_owner(path):
    place = str(path.relative_to(PACKAGE))
    for dotted in imports(path):
        owners = OWNERS.get(dotted.split(".")[0])
        assert owners is None or any(place.startswith(owner) for owner in owners), f"{place} imports {dotted}"


def test_files__are_opened_by_io_only():
    for path in MODULES:
        if name_of(path) in ("io", "data") or path.name in ("compile.py", "store.py"):
            continue
        calls = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)]
        opened = [n for n in calls if isinstance(n.func, ast.Name) and n.func.id == "open"]
        assert not opened, f"{path} opens a file"


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules__have_at_most_400_lines_and_say_what_they_are_for(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    assert not text.strip() or ast.get_docstring(ast.parse(text)), f"{path} has no docstring"


@pytest.mark.parametrize("statement", ["import dedup", "from dedup.cli import app"])
def test_import__loads_neither_numba_nor_numpy(statement):
    code = f"import sys; {statement}; print([m for m in ('numba', 'numpy', 'scipy', 'datasketch') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_architecture_document__names_every_module():
    text = (ROOT / "ARCHITECTURE.md").read_text()
    missing = [str(p.relative_to(ROOT)) for p in MODULES if p.name != "__init__.py" and p.name not in text]
    assert not missing


def test_public_names__are_those_that_exist():
    import dedup

    assert all(getattr(dedup, name) for name in dedup.__all__)


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks").rglob("*.py")), ids=lambda path: path.stem)
def test_benchmarks__import_what_there_is(path):
    """They are run by hand and now and then, and would be found broken only then."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("dedup", "benchmarks"):
            module = importlib.import_module(node.module)
            for alias in node.names:
                assert hasattr(module, alias.name) or importlib.import_module(f"{node.module}.{alias.name}")
