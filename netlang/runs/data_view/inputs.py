"""What a network will see of the inputs of training samples: each column, or channel of an array.

These alone teach how inputs are shifted and scaled; they are said in the data's own numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.data import (
    ArrayPipeline,
    DataSet,
    Pipeline,
    Samples,
    Split,
    Table,
    TextPipeline,
)
from netlang.catalogue.data.pipeline import SeveralArrays, Texts
from netlang.catalogue.data.pipeline.cells import tensor_of
from netlang.runs.data_view.spread import Spread, as_numbers, spread
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor


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


def input_views(data: DataSet, split: Split) -> Iterator[InputView]:
    """The inputs of the training samples."""
    if isinstance(data, Table) and not data.is_streamed:
        return _of_table(data, split)
    return _of_samples(split)


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
