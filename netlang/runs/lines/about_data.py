"""What the columns of a table become, in lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netlang.catalogue.data import Description
from netlang.language.diagnostics.wording import counted, listed
from netlang.system.terminal import visible

_MOST_NAMED = 8  # columns or classes


def about_data(found: Description, unseen: Mapping[tuple[str, str], int]) -> list[str]:
    """Which columns are inputs, what is predicted, and what is left out; none for no table."""
    if not found.columns:
        return []
    targets = [_target(one) for _, one in found.tasks] or [_target(found)]
    return [visible(line) for line in (_inputs(found), *targets, *gaps(found, unseen))]


def _inputs(found: Description) -> str:
    numbers = [name for name, kind, _ in found.columns if kind == "number"]
    others, texts = (
        [
            f"{name} ({counted(inputs, each)})"
            for name, kind, inputs in found.columns
            if kind == wanted
        ]
        for wanted, each in (("category", "input"), ("text", "token"))
    )
    parts = [f"{listed(numbers, _MOST_NAMED)} ({_plural('number', numbers)})"] if numbers else []
    parts += [f"{listed(others, _MOST_NAMED)} of categories"] if others else []
    parts += [f"{listed(texts, _MOST_NAMED)} of text"] if texts else []
    return f"inputs: {'; '.join(parts)}"


def _target(found: Description) -> str:
    name = listed(found.target, _MOST_NAMED)
    if found.classes is None:
        what = "labels, 0 or 1" if found.labels else "a number to predict"
        what = "numbers to predict" if found.targets > 1 and not found.labels else what
    else:
        counts = [f" {count:,}" for count in found.counts] or [""] * len(found.classes)
        each = listed(map("".join, zip(found.classes, counts, strict=True)), _MOST_NAMED)
        what = f"{counted(len(found.classes), 'class', 'classes')} ({each})"
    other = f'; task="{found.other_task}" takes it otherwise' if found.other_task else ""
    return f"target: {name}, {what}{other}"


def gaps(found: Description, unseen: Mapping[tuple[str, str], int]) -> Iterator[str]:
    """Which rows are left out, which cells are filled in, and which categories training does not
    know.
    """
    if found.dropped:
        yield f"left out: {_left_out(found)}"
    if found.filled:
        each = (f"{column} {cells:,}" for column, cells in found.filled)
        yield f"cells filled in: {listed(each, _MOST_NAMED)}"
    if unseen:
        each = (f"{column} `{name}` in {counted(rows, 'row')}"
                for (column, name), rows in unseen.items())  # fmt: skip
        yield f"unknown to the training rows: {listed(each, _MOST_NAMED)}; their inputs are 0"


def _left_out(found: Description) -> str:
    without, others = found.without_target, found.dropped - found.without_target
    no_target = f"{counted(without, 'row')} without a target" if without else ""
    lack = f"{counted(others, 'row')} that {'lacks' if others == 1 else 'lack'} cells"
    return listed([one for one in (lack if others else "", no_target) if one], last_by="and")


def _plural(word: str, names: list[str]) -> str:
    return f"a {word}" if len(names) == 1 else f"{word}s"
