"""A disk that is full, or a limit on the size of files, while something is kept."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.forked import PROGRAM, Forks
from tests.program import DISC, about, only

pytestmark = pytest.mark.slow  # as programs that train are started


@pytest.fixture(autouse=True)
def _model() -> None:
    Path("a.net").write_text(f"{DISC}epochs = 20\n")


Limited = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def netlang(forks: Forks) -> Limited:
    """The program, where no file may have more than ``limit`` bytes."""

    def limited(limit: int, *arguments: str) -> subprocess.CompletedProcess[str]:
        limits = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))"
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        return forks.run(f"{limits}\n{PROGRAM}", arguments, environment)

    return limited


@pytest.mark.parametrize("limit", [1000, 2500])
def test_a_run_that_can_be_kept_no_longer_ends_failed_with_whole_lines(
    limit: int, netlang: Limited
) -> None:
    done = netlang(limit, "run", "a.net", "--no-plots", "--backend", "tensor")
    folder = only()
    assert done.returncode == 1
    (told,) = done.stderr.splitlines()
    assert told.startswith(f"nothing more is kept of this run: cannot write {folder}/")
    assert about(folder)["status"] == "failed"
    text = (folder / "history.jsonl").read_text()
    assert text.endswith("\n")
    epochs = [json.loads(line)["epoch"] for line in text.splitlines()]
    assert epochs == list(range(1, len(epochs) + 1))
    assert 0 < len(text) <= limit
    assert "epoch 20/20" in done.stdout  # it is trained to its end all the same
    assert not [one for one in folder.iterdir() if one.name.startswith(".")]


def test_a_run_whose_record_is_too_large_with_its_result_says_failed_without_it(
    netlang: Limited,
) -> None:
    once = netlang(1 << 20, "run", "a.net", "--no-plots", "--set", "epochs=1", "-o", "whole")
    assert once.returncode == 0
    folder = only("whole")
    size = (folder / "run.json").stat().st_size
    done = netlang(size - 60, "run", "a.net", "--no-plots", "--set", "epochs=1")
    folder = only()
    found = about(folder)
    assert (done.returncode, found["status"]) == (1, "failed")
    assert "result" not in found


@pytest.mark.parametrize("limit", [3000, 6000, 30000])
def test_a_comparison_that_can_be_kept_no_longer_ends_failed(limit: int, netlang: Limited) -> None:
    done = netlang(limit, "compare", "a.net", "--runs", "1", "--backend", "tensor")
    folder = only()
    assert done.returncode == 1
    assert f"Error: cannot write {folder}" in done.stderr
    assert about(folder)["status"] == "failed"


def test_what_writes_a_file_leaves_it_as_it_was_where_it_does_not_fit(netlang: Limited) -> None:
    Path("a.net").write_text(text := f"net=Linear(2, 2)  # {'x' * 2000}\n")
    Path("out.py").write_text("# by netlang, before")
    for command in ("fmt a.net", "export a.net -o out.py", "graph a.net -o out.svg"):
        done = netlang(1000, *command.split())
        assert done.returncode == 1
        assert "File too large" in done.stderr
        assert "of its own" not in done.stderr
    assert Path("a.net").read_text() == text
    assert Path("out.py").read_text() == "# by netlang, before"
    assert sorted(path.name for path in Path().iterdir()) == ["a.net", "out.py"]


def test_a_checkpoint_that_does_not_fit_is_told_once_and_the_run_goes_on(netlang: Limited) -> None:
    whole = netlang(1 << 20, "run", "a.net", "--no-plots", "--set", "epochs=3", "-o", "whole")
    assert whole.returncode == 0
    sizes = {file.name: file.stat().st_size for file in only("whole").iterdir()}
    limit = max(size for name, size in sizes.items() if name != "checkpoint.safetensors")
    assert limit < sizes["checkpoint.safetensors"]
    done = netlang(limit + 100, "run", "a.net", "--no-plots", "--set", "epochs=3")
    folder = only()
    assert done.returncode == 1
    (told,) = done.stderr.splitlines()
    assert told.startswith("the run goes on without a new checkpoint: cannot write ")
    assert about(folder)["status"] == "finished"
    assert {file.name for file in folder.iterdir()} == sizes.keys() - {"checkpoint.safetensors"}
