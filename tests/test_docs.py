"""What the documents say is so."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from dedup.cli import app
from dedup.records import RELATIONS
from tests.readme import README, renewed

ROOT = Path(__file__).parent.parent
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
COMMANDS = get_command(app).commands
HERE = {"PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("name", COMMANDS)
def test_reference__names_every_command_and_option(name):
    start = REFERENCE.index(f"## `dedup {name}")
    section = REFERENCE[start : REFERENCE.find("\n## ", start + 1)]
    for parameter in COMMANDS[name].params:
        for option in parameter.opts:
            missing = option.startswith("-") and f"`{option}`" not in section
            inherited = name == "compare" and f"`{option}`" in REFERENCE and "field" in option
            assert not missing or inherited or option == "--help", f"{name} {option}"


def test_reference__names_every_relation():
    assert all(f"`{relation}`" in REFERENCE for relation in RELATIONS if relation != "none")


def test_reference__names_every_field_of_the_files_of_a_scan(tmp_path):
    lines = [json.dumps({"id": name, "text": f"{'The bridge will reopen. ' * 9} {name}"}) for name in "abc"]
    for number, name in enumerate(("new", "old")):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines[number :: number + 1]).replace('"b"', f'"{name}"'))
    command = "scan", "new.jsonl", "--against", "old.jsonl", "-o", "out", "--quiet"
    subprocess.run([sys.executable, "-m", "dedup", *command], cwd=tmp_path, check=True, env={**os.environ, **HERE})
    section = REFERENCE[REFERENCE.index("## Files\n") : REFERENCE.index("## Tables")]
    assert not [name for name in _names(tmp_path / "out") if f"`{name}`" not in section and f'"{name}"' not in section]


def _names(folder):
    """Of a line of each file, and of what stands in it as an object or a list of them; of the summary, of itself."""
    for path in folder.glob("*.jsonl"):
        values = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
        yield from values
        for value in values.values():
            yield from value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else ()
    yield from json.loads((folder / "summary.json").read_text(encoding="utf-8"))


def test_readme__shows_what_its_commands_print(tmp_path):
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    text = README.read_text(encoding="utf-8")
    assert text == renewed(text, tmp_path)


def test_readme__python_example_prints_what_it_says():
    text = README.read_text(encoding="utf-8")
    code, printed = re.search(r"```python\n(.*?)```\n\nprints\n\n```text\n(.*?)```", text, re.DOTALL).groups()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == printed


def test_readme__its_two_commands_are_what_the_build_runs():
    text = README.read_text(encoding="utf-8")
    commands = re.findall(r"```sh\n(python3 -m venv.*?)\n```", text)
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert len(commands) == 2
    assert [line for line in script.splitlines() if line.startswith("python3")] == commands


def test_documents__link_to_files_that_exist():
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_changelog__has_the_version_of_the_package():
    import dedup

    assert f"## {dedup.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
