"""A data view says what a network will see of its data: each column of inputs, and the target.

The inputs are those of the training samples, which alone teach how they are shifted and scaled, in
the data's own numbers. The targets of all parts stand beside each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.augment.augmentation import is_picture
from netlang.catalogue.data import (
    ArrayPipeline,
    Description,
    Pipeline,
    Samples,
    Split,
    Table,
    TextPipeline,
)
from netlang.catalogue.data.pipeline import SeveralArrays, Texts
from netlang.catalogue.data.pipeline.cells import tensor_of
from netlang.catalogue.targets import NO_CLASS
from netlang.compiler.ir import Program
from netlang.engine.augmenting import Augmenting
from netlang.engine.threads import torch_threads
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

_PIECE = 1 << 20  # numbers that are looked at together, in 64 bits


class Spread(Record):
    """How numbers are spread; all is NaN where there are none."""

    mean: float
    deviation: float
    least: float
    most: float

    def rounded(self) -> Spread:
        """With extremes as the data have them: standardised numbers of 32 bits have seven digits,
        counted from the mean.
        """
        reach = max(self.most - self.mean, self.mean - self.least)
        if not reach > 0:
            return self
        digits = 6 - math.floor(math.log10(reach))
        least, most = (round(one, digits) + 0.0 for one in (self.least, self.most))  # -0.0 is 0
        return self.replace(least=least, most=most)


class InputView(Record):
    """A column of inputs, or a channel of an array, in the training samples.

    ``kind`` is "number", "category" or "text", and ``inputs`` how many inputs it makes. ``missing``
    cells count to nothing else. ``categories`` are how many cells hold each, the most frequent
    first; of those with none, no input is learned. Of texts, they are the symbols in them.
    """

    name: str
    kind: str
    inputs: int
    missing: int = 0
    spread: Spread | None = None
    categories: Mapping[str, int] | None = None

    def as_data(self) -> dict[str, object]:
        """The column as JSON holds it."""
        about = {"name": self.name, "kind": self.kind, "inputs": self.inputs}
        found = {"missing": self.missing, **as_numbers(self.spread)}
        return {**about, **found} | ({"categories": {**self.categories}} if self.categories else {})


class DataView(Record):
    """What a network will see: its ``inputs``, and of each part of the data what is predicted.

    ``counts`` says how many samples of each part have a class, or a label; where numbers are
    predicted, ``spreads`` has those of each target by part. Where samples count differently in the
    loss, ``weights`` has how much, by part. ``parts`` are the sizes, and ``unseen`` is as in
    ``Split``.
    """

    parts: Mapping[str, int]
    inputs: Sequence[InputView]
    counts: Mapping[str, Mapping[str, int]]
    spreads: Mapping[str, Mapping[str, Spread]]
    unseen: Mapping[tuple[str, str], int]
    weights: Mapping[str, Spread]

    def as_data(self) -> dict[str, object]:
        """The view as JSON holds it."""
        named = ("column", "category", "samples")
        each = ((*where, count) for where, count in self.unseen.items())
        numbers = {
            name: {part: as_numbers(one) for part, one in parts.items()}
            for name, parts in self.spreads.items()
        }
        return {
            "parts": dict(self.parts),
            "inputs": [one.as_data() for one in self.inputs],
            "counts": {name: dict(parts) for name, parts in self.counts.items()} or None,
            "numbers": numbers or None,
            "weights": {part: as_numbers(one) for part, one in self.weights.items()} or None,
            "unseen": [dict(zip(named, one, strict=True)) for one in each],
        }


def as_numbers(spread: Spread | None) -> dict[str, float | None]:
    """The spread as JSON holds it, which has no number for what is none."""
    found = spread.as_dict() if spread else {}
    return {name: None if value != value else value for name, value in found.items()}


def view(program: Program) -> DataView:
    """What the network of ``program`` will see of its data.

    Raises DiagnosticError for data that cannot be read.
    """
    data, found = program.data, program.description
    assert data
    assert found
    with torch_threads(1):  # as in training: a sum's bits depend on their number
        split = data.load(program.seed)
        named = {"train": split.train, "validation": split.validation, "test": split.test}
        parts = {part: samples for part, samples in named.items() if samples}
        inputs = [*(_of_table(data, split) if isinstance(data, Table) else _of_samples(split))]
        spreads, counts = _of_targets(found, split, parts)
        weighed = {part: one.weights for part, one in parts.items() if one.weights is not None}
        weights = {part: spread(numbers).rounded() for part, numbers in weighed.items()}
    sizes = {part: len(samples) for part, samples in parts.items()}
    return DataView(sizes, inputs, counts, spreads, split.unseen, weights)


def seen_pictures(program: Program, count: int, epochs: int) -> Tensor | None:
    """The first training samples as the data have them, and then as each of so many epochs sees
    them, in the data's own numbers; None where they are no pictures that can be shown.

    Shape: [1 + epochs, count, 1 or 3, height, width].  Raises DiagnosticError.
    """
    data, found = program.data, program.description
    if data is None or found is None or not is_picture(found):
        return None
    *channels, height, width = found.input.sizes
    if channels not in ([], [1], [3]):
        return None
    with torch_threads(1):
        split = data.load(program.seed)
        augmenting, train = Augmenting.of(program, split), split.train
        some = torch.arange(min(count, len(train)))
        times = [train.inputs[some]]
        for epoch in range(1, 1 + epochs if augmenting else 1):
            assert augmenting
            times.append(augmenting.seen(train.inputs, train.targets, some, epoch).inputs)
        numbers = [split.pipeline.to_numbers(one) if split.pipeline else one for one in times]
    return torch.stack(numbers).view(len(times), len(some), *(channels or [1]), height, width)


_Spreads = dict[str, dict[str, Spread]]
_Counts = dict[str, dict[str, int]]


def _of_targets(
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


def _of_table(data: Table, split: Split) -> Iterator[InputView]:
    """The columns of a table as the file has them: 32-bit inputs would blur their numbers."""
    assert isinstance(split.pipeline, Pipeline)
    rows = data.places(split.rows["train"])
    for encoder, column in zip(split.pipeline.encoders, data.table.columns, strict=True):
        values, about = tensor_of(column)[rows], (column.name, column.kind)
        inputs = len(encoder.input_names)
        if isinstance(encoder, Texts):
            missing = int((values < 0).sum())
            held = [column.categories[code] for code in values[values >= 0].tolist()]
            yield InputView(*about, inputs, missing, categories=encoder.times(held))
            continue
        if column.kind == "number":
            present = values[~values.isnan()]
            yield InputView(*about, inputs, len(values) - len(present), spread(present))
            continue
        present = values[values >= 0].long()
        times = present.bincount(minlength=len(column.categories)).tolist()
        pairs = sorted(zip(column.categories, times, strict=True), key=lambda pair: -pair[1])
        missing = len(values) - len(present)
        yield InputView(*about, inputs, missing, categories=dict(pairs))


def _of_samples(split: Split) -> Iterator[InputView]:
    """The inputs of samples that no table holds: each feature, or each channel."""
    inputs, pipeline = split.train.inputs, split.pipeline
    if isinstance(pipeline, SeveralArrays):
        for one, own in zip(pipeline.arrays, pipeline.parts(inputs), strict=True):
            yield from _of_samples(split.replace(train=Samples(own, own), pipeline=one))
        return
    names: Sequence[str] = [f"x[{index}]" for index in range(inputs.shape[1])]
    scaling: Sequence[tuple[float, float]] = [(0.0, 1.0)] * len(names)
    if isinstance(pipeline, TextPipeline):
        yield _of_text(inputs, pipeline)
        return
    if isinstance(pipeline, ArrayPipeline):
        scaling = [*zip(pipeline.shift, pipeline.scale, strict=True)]
        if pipeline.lengths and pipeline.tokens is None:
            inputs = inputs.movedim(-1, 1)  # where it has its channels
        if pipeline.tokens is not None:
            yield _of_tokens(inputs, pipeline)
            return
        several = len(scaling) > 1
        names = [f"{pipeline.name}[{i}]" if several else pipeline.name for i in range(len(scaling))]
    elif pipeline:
        names = pipeline.input_names
        scaling = [pair for encoder in pipeline.encoders for pair in encoder.scaling]
    each = inputs.reshape(len(inputs), len(names), -1)
    for index, (name, (shift, scale)) in enumerate(zip(names, scaling, strict=True)):
        numbers = each[:, index]
        known = numbers[~numbers.isnan()].view(-1, 1)  # without padding
        found = spread(known if len(known) < numbers.numel() else numbers, shift, scale).rounded()
        yield InputView(name, "number", numbers.shape[1], spread=found)


def _of_tokens(inputs: Tensor, pipeline: ArrayPipeline) -> InputView:
    """How often each token is in the samples, without padding."""
    found = inputs[~inputs.isnan()].long()
    times = found.bincount(minlength=pipeline.tokens or 0).tolist()
    pairs = sorted(((str(token), n) for token, n in enumerate(times)), key=lambda pair: -pair[1])
    size = math.prod(pipeline.shape)
    return InputView(pipeline.name, "category", size, categories=dict(pairs))


def _of_text(inputs: Tensor, pipeline: TextPipeline) -> InputView:
    """How often each symbol is in the samples."""
    times = inputs.long().flatten().bincount(minlength=len(pipeline.symbols)).tolist()
    pairs = sorted(zip(pipeline.classes, times, strict=True), key=lambda pair: -pair[1])
    return InputView("text", "category", pipeline.context, categories=dict(pairs))


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


def spread(numbers: Tensor, shift: float = 0.0, scale: float = 1.0) -> Spread:
    """The spread of all ``numbers`` times ``scale`` plus ``shift``, a piece at a time in 64 bits.

    Source: Chan, Golub and LeVeque 1979, for the deviation of pieces together.
    """
    count, mean, squares, least, most = 0, 0.0, 0.0, math.inf, -math.inf
    rows = max(1, _PIECE // max(1, numbers[:1].numel()))
    for first in range(0, len(numbers), rows):
        found = numbers[first : first + rows].double()
        size, middle = found.numel(), float(found.mean())
        apart = middle - mean
        squares += float((found - middle).square().sum())
        squares += apart * apart * count * size / (count + size)
        mean += apart * size / (count + size)
        count += size
        least, most = min(least, float(found.min())), max(most, float(found.max()))
    if not count:
        return Spread(math.nan, math.nan, math.nan, math.nan)
    deviation = math.sqrt(squares / count) * scale
    return Spread(mean * scale + shift, deviation, least * scale + shift, most * scale + shift)
