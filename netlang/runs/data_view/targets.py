"""What is predicted in each part of the data: how often each class is, how numbers are spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.data import Description, Samples, Split
from netlang.catalogue.targets import NO_CLASS
from netlang.runs.data_view.spread import Spread, spread

if TYPE_CHECKING:
    from torch import Tensor

_Spreads = dict[str, dict[str, Spread]]
_Counts = dict[str, dict[str, int]]


def target_views(
    found: Description, split: Split, parts: Mapping[str, Samples]
) -> tuple[_Spreads, _Counts]:
    """The spread of each number to predict by part, and how many samples are of each class or have
    each label. Of several targets, a class is called by its target, too: ``kind=a``.
    """
    if not found.tasks:
        labels = found.target if found.labels else found.classes or ()
        spreads = _spreads(split, parts) if found.task == "regression" else {}
        return spreads, _counts(labels, parts)
    spreads, counts, begin = {}, {}, 0
    units = split.units(len(found.tasks))
    for (name, one), to_values in zip(found.tasks, units, strict=True):
        end = begin + one.targets
        rows = {part: samples.targets[:, begin:end] for part, samples in parts.items()}
        begin = end
        if one.classes:
            classes = {part: row.long().squeeze(1) for part, row in rows.items()}
            for number, label in enumerate(one.classes):
                own = {part: int((row == number).sum()) for part, row in classes.items()}
                counts[f"{name}={label}"] = own
        else:
            each = {part: to_values(row) for part, row in rows.items()}
            for index in range(one.targets):
                called = name if one.targets == 1 else f"{name}[{index}]"
                column = {part: spread(row[:, index]).rounded() for part, row in each.items()}
                spreads[called] = column
    return spreads, counts


def _counts(names: Sequence[str], parts: Mapping[str, Samples]) -> dict[str, dict[str, int]]:
    """How many samples of each part, or their positions, are of each class, or have each label."""
    found = {part: _times(samples.targets, len(names)) for part, samples in parts.items()}
    return {
        name: {part: times[index] for part, times in found.items()}
        for index, name in enumerate(names)
    }


def _times(targets: Tensor, count: int) -> list[int]:
    """How often each class is among ``targets`` [N, *], or each label in [N, count]."""
    if targets.is_floating_point():
        return [int(one) for one in targets.flatten(1).sum(0)][:count]
    times: list[int] = targets[targets != NO_CLASS].bincount(minlength=count).tolist()
    return times


def _spreads(split: Split, parts: Mapping[str, Samples]) -> dict[str, dict[str, Spread]]:
    """The spread of each number to predict, by part."""
    numbers = {part: split.to_values(one.targets).flatten(1) for part, one in parts.items()}
    count = numbers["train"].shape[1]
    names = split.pipeline.target if split.pipeline else [f"y[{index}]" for index in range(count)]
    if len(names) < count:  # one name for all that a sample has
        numbers = {part: values.reshape(-1, 1) for part, values in numbers.items()}
    return {
        name: {part: spread(values[:, index]).rounded() for part, values in numbers.items()}
        for index, name in enumerate(names)
    }
