"""Each target of ``netlang export`` is asked about samples where netlang is not installed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netlang.compiler.answers import Answers, ClassAnswers, LabelAnswers, SeveralAnswers
from netlang.lowering.languages import EXPORTS
from tests.exports.environments import environment
from tests.exports.trained import Said, Trained

HERE = Path(__file__).parent
STEM = "exported"


@dataclass(frozen=True)
class Target:
    """``packages`` are what its files need, and ``ask`` runs them in a folder."""

    name: str
    packages: tuple[str, ...]
    ask: Callable[[Path, Path, Trained], Said]


class Environments:
    """An environment for each target, below a ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made: dict[str, Path] = {}

    def python(self, target: Target) -> Path:
        if target.name not in self._made:
            folder = self.folder / target.name
            packages = target.packages
            self._made[target.name] = environment(folder, *packages) if packages else Path()
        return self._made[target.name]


def difference(target: Target, trained: Trained, environments: Environments, folder: Path) -> float:
    """The largest difference of what the target says, where netlang says numbers.

    Raises AssertionError where it says other labels, or other numbers than there are.
    """
    export = EXPORTS[target.name].network
    assert export
    folder.mkdir(parents=True)
    for name, content in export(trained.program, STEM).items():
        (folder / name).write_bytes(content)
    found = target.ask(environments.python(target), folder, trained)
    wanted = trained.said
    assert found.numbers.shape == wanted.numbers.shape, (found.numbers.shape, wanted.numbers.shape)
    for ours, theirs in zip(wanted.labels, found.labels, strict=False):
        differing = (ours != theirs).reshape(-1).mean()
        assert differing < 1e-3, "other classes are predicted"  # but of two alike
    return float((np.abs(found.numbers - wanted.numbers) / wanted.scale).max())


def _asked(python: Path, script: str, file: str, folder: Path, samples: Mapping[str, Any]) -> Any:
    """The arrays that a script of this folder has answered."""
    np.savez(folder / "question.npz", **samples)
    command = [python, "-I", HERE / script, file, "question.npz", "answer.npz"]
    _run(command, folder)
    return np.load(folder / "answer.npz", allow_pickle=False)


def _run(command: list[Any], folder: Path, text: str = "") -> str:
    environ = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, input=text, env=environ, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _of_python(python: Path, folder: Path, trained: Trained) -> Said:
    found = _asked(python, "ask_python.py", f"{STEM}.py", folder, trained.question)
    return said_by_python(found, trained)


def said_by_python(found: Mapping[str, Any], trained: Trained) -> Said:
    """What an exported file of Python has said, in the form of ``Said``."""
    numbers, labels = [], []
    for one in _each(trained.program.answers):
        match one:
            case ClassAnswers() if "p" in found or "output" in found:  # at places of samples
                values = found["p" if "p" in found else "output"]
                numbers.append(values)
                labels.append(np.array(one.classes)[found["prediction"]])
            case ClassAnswers(names=(prediction, *names)):
                numbers.append(np.stack([found[name] for name in names], 1))
                labels.append(found[prediction])
            case LabelAnswers():
                numbers.append(np.stack([found[name] for name in one.names[1::2]], 1))
            case _ if np.ndim(found.get("prediction")) > 1:
                numbers.append(found["prediction"])
            case _:
                numbers.append(np.stack([found[name] for name in one.names], 1))
    return _said(numbers, labels)


def _of_onnx(python: Path, folder: Path, trained: Trained) -> Said:
    found = _asked(python, "ask_onnx.py", f"{STEM}.onnx", folder, trained.feed)
    numbers = [found[name] for name in found if found[name].dtype.kind == "f"]
    labels = [found[name] for name in found if found[name].dtype.kind == "U"]
    return _said(numbers, labels)


def _of_c(python: Path, folder: Path, trained: Trained) -> Said:
    flags = ["-std=c11", "-O2", "-Wall", "-Werror", f"-D{STEM.upper()}_MAIN"]
    _run(["cc", *flags, f"{STEM}.c", "-lm", "-o", "asked"], folder)
    lines = (",".join(map(str, row)) for row in trained.rows)
    said = _run([folder / "asked"], folder, "\n".join(lines) + "\n")
    rows = [[float(cell) for cell in line.split(",")] for line in said.split()]
    return _said([np.array(rows)], [])


def _each(answers: Answers) -> Iterator[Answers]:
    if isinstance(answers, SeveralAnswers):
        yield from (one for _, one in answers.outputs)
    else:
        yield answers


def _said(numbers: list[Any], labels: list[Any]) -> Said:
    rows = [one.reshape(len(one), -1).astype(float) for one in numbers]
    return Said(np.concatenate(rows, 1), np.ones(1), labels)


TARGETS = [
    Target("onnx", ("onnxruntime",), _of_onnx),
    Target("numpy", ("numpy",), _of_python),
    Target("torch", ("torch", "safetensors", "numpy"), _of_python),
    Target("c", (), _of_c),
]
