"""What the folder of a study keeps, read without Optuna; nothing in it is trusted."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from netlang.runs.folders.kept_run import is_better_higher
from netlang.runs.run_names import STUDY
from netlang.system.record import Record

TABLE = "trials.csv"


class KeptStudy(Record):
    """The study in ``folder`` of a ``file``, whose trials are compared by ``metric``: how many
    there are of each of the ``states``, and the ``best`` value that one came to.
    """

    folder: Path
    file: str
    metric: str
    states: Counter[str]
    best: float | None


def kept_study(folder: Path) -> KeptStudy | None:
    """The study that ``folder`` keeps; None where it keeps none that can be read."""
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        about = json.loads((folder / STUDY).read_text(encoding="utf-8"))
        file, metric = str(about["file"]), str(about["metric"])
        states, values = Counter[str](), list[float]()
        for row in _rows(folder / TABLE):
            states[row["state"]] += 1
            if row["state"] == "done":
                values.append(float(row[metric]))
        choose = max if is_better_higher(metric) else min
        return KeptStudy(folder, file, metric, states, choose(values, default=None))
    return None


def studies_in(root: Path) -> list[KeptStudy]:
    """The studies in the folder ``root``, by their names."""
    found = map(kept_study, sorted(one.parent for one in root.glob(f"*/{STUDY}")))
    return [one for one in found if one]


def _rows(table: Path) -> Iterator[dict[str, str]]:
    if table.is_file():  # after the first trial
        with table.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)
