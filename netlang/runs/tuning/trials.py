"""What is known of a trial, as a record, and of all of them as a table."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence

from netlang.system.record import Record


class Trial(Record):
    """Trial ``number``, from 1, with ``values`` by path.

    Its ``state`` is "running", "done", "pruned" or "failed". ``value`` is that of the metric, of a
    pruned trial in its last epoch. ``reason`` says why it failed.
    """

    number: int
    state: str
    values: Mapping[str, str]
    value: float | None
    epochs: int
    seconds: float
    reason: str = ""

    def as_data(self) -> dict[str, object]:
        """The trial as JSON holds it."""
        is_finite = self.value is not None and math.isfinite(self.value)
        return {
            "number": self.number,
            "state": self.state,
            "value": self.value if is_finite else None,
            "values": dict(self.values),
            "epochs": self.epochs,
            "seconds": self.seconds,
            **({"reason": self.reason} if self.reason else {}),
        }


def as_table(trials: Sequence[Trial], paths: Sequence[str], metric: str) -> str:
    """A row for each trial, as CSV."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["trial", "state", metric, *paths, "epochs", "seconds", "reason"])
    for one in trials:
        values = (one.values.get(path, "") for path in paths)
        value = "" if one.value is None else one.value
        row = one.number, one.state, value, *values, one.epochs, one.seconds, one.reason
        table.writerow(row)
    return text.getvalue()
