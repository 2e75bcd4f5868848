"""An evaluation as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from netlang.runs.lines.display import number
from netlang.runs.models.evaluation import ClassScore, Evaluation, Mistake
from netlang.system.terminal import aligned, visible

_IN_A_LINE = 4  # metrics
_MOST_CLASSES = 12  # of more, the matrix is too wide for a terminal
_MOST_CONFUSED = 10  # pairs of classes that are listed then


def lines_of(evaluation: Evaluation, unit: str) -> Iterator[str]:
    """What is to be known of it; a sample is called ``unit``, such as ``row``."""
    yield from _measures(evaluation.metrics)
    for name, one in evaluation.outputs.items():
        yield ""
        yield visible(name)
        yield from (f"  {line}" if line else "" for line in lines_of(one, unit))
    names = [visible(score.name) for score in evaluation.scores]
    if evaluation.confusion:
        yield ""
        yield from lines_of_confusion(names, evaluation.confusion)
    if evaluation.macro:
        yield ""
        yield from _scores([*evaluation.scores, evaluation.macro])
    if evaluation.mistakes:
        yield ""
        wrong = "the worst mistakes, with what the network gave the wrong class"
        yield wrong if evaluation.scores else "the largest errors"
        yield from aligned(_mistake(one, unit) for one in evaluation.mistakes)


def _measures(metrics: Mapping[str, float]) -> Iterator[str]:
    """A few in a line, one below the other."""
    texts = [f"{visible(name)} {number(value)}" for name, value in metrics.items()]
    rows = [texts[begin : begin + _IN_A_LINE] for begin in range(0, len(texts), _IN_A_LINE)]
    yield from aligned([row + [""] * (len(rows[0]) - len(row)) for row in rows])


def lines_of_confusion(names: Sequence[str], counts: Sequence[Sequence[int]]) -> Iterator[str]:
    """A row for each class, and a column for each that is predicted; of many classes, the pairs
    that are confused most often.
    """
    if len(names) <= _MOST_CLASSES:
        head = ("true \\ predicted", *names)
        rows = [(name, *map(str, row)) for name, row in zip(names, counts, strict=True)]
        yield from aligned([head, *rows], right=range(1, len(head)))
        return
    pairs = [
        (count, names[true], names[taken])
        for true, row in enumerate(counts)
        for taken, count in enumerate(row)
        if count and true != taken
    ]
    pairs.sort(key=lambda pair: -pair[0])
    yield "confused most often" if pairs else "no class is taken for another"
    rows = [(name, "taken for", taken, f"{count:,}") for count, name, taken in pairs]
    yield from aligned(rows[:_MOST_CONFUSED], right=[3])


def _scores(scores: Sequence[ClassScore]) -> list[str]:
    rows: list[tuple[str, ...]] = [("", "precision", "recall", "f1", "samples")]
    for one in scores:
        shares = (f"{share:.4f}" for share in (one.precision, one.recall, one.f1))
        rows.append((visible(one.name), *shares, f"{one.support:,}"))
    return aligned(rows, right=range(1, 5))


def _mistake(one: Mistake, unit: str) -> tuple[str, ...]:
    where = f"{unit} {one.row}", visible(one.target)
    if isinstance(one.true, float) and isinstance(one.predicted, float):
        off = f"off by {number(abs(one.predicted - one.true))}"
        return *where, f"is {number(one.true)}", f"predicted {number(one.predicted)}", off
    both = f"is {visible(str(one.true))}", f"predicted {visible(str(one.predicted))}"
    return *where, *both, number(one.size)
