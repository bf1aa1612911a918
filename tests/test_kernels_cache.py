import os
import subprocess
import sys
from pathlib import Path

import pytest

from dedup.kernels import cache

SIGN = """
from dedup.kernels import cache
import numpy as np
from dedup.kernels.minhash import agreement
out = np.zeros(1)
agreement(np.ones((2, 4), np.uint32), np.array([0]), np.array([1]), out)
print(out[0], cache.is_cold())
"""


@pytest.fixture(autouse=True)
def _fresh():
    cache.folder.cache_clear()
    yield
    cache.folder.cache_clear()


def test_folder__where_the_user_says(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "own"))
    path = cache.folder()
    assert path is not None
    assert path.parent == tmp_path / "own"
    assert cache.is_cold()
    (path / "kernel.nbi").touch()
    assert not cache.is_cold()


def test_folder__in_the_users_cache_and_private(monkeypatch, tmp_path):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = cache.folder()
    assert path is not None
    assert path.parent == tmp_path / "dedup"
    assert path.stat().st_mode & 0o077 == 0


def test_folder__elsewhere_when_the_cache_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    path = cache.folder()
    assert path is not None
    assert path.parent == tmp_path / f"dedup-{os.getuid()}"


def test_folder__none_that_others_can_write(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    path = cache.folder()
    assert path is not None
    path.chmod(0o777)
    cache.folder.cache_clear()
    assert cache.folder() is None
    assert cache.is_cold()


def test_kernels__several_processes_fill_one_cache(tmp_path):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "NUMBA_DISABLE_JIT": "0"}
    running = [
        subprocess.Popen([sys.executable, "-c", SIGN], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [process.communicate()[0] for process in running] == ["1.0 False\n"] * 3


def test_kernels__the_same_interpreted(tmp_path):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run([sys.executable, "-c", SIGN], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "1.0 True\n"


@pytest.mark.parametrize("command", [["scan", "seeds"], ["compare", "seeds/002*", "seeds/003*"]])
def test_commands__answer_a_handful_of_texts_without_compiling_anything(command, tmp_path):
    root = Path(__file__).parent.parent
    words = [str(found) for word in command for found in (sorted(root.glob(word)) if "seeds" in word else [word])]
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "NUMBA_DISABLE_JIT": "0"}
    done = subprocess.run([sys.executable, "-m", "dedup", *words], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.rglob("*.nbi"))


def test_kernels__one_that_was_loaded_is_part_of_one_that_is_compiled(tmp_path):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "NUMBA_DISABLE_JIT": "0"}
    first = "from dedup.kernels.slots import n_slots\nprint(n_slots(9))"
    second = "import numpy as np\nfrom dedup.kernels.profiles import count_slots\n"
    second += "out = np.zeros(2, int)\ncount_slots(np.array([0, 9]), out)\nprint(out[1])"
    for code in (first, second):
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert done.stdout == "32\n"
