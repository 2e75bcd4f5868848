"""A data view says what a network will see of its data: each column of inputs, and the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netlang.compiler.ir import Program
from netlang.engine.threads import torch_threads
from netlang.runs.data_view.inputs import InputView, input_views
from netlang.runs.data_view.spread import Spread, as_numbers, spread
from netlang.runs.data_view.targets import target_views
from netlang.system.record import Record


class DataView(Record):
    """What a network will see: its ``inputs``, and of each part of the data what is predicted.

    ``counts`` says how many samples of each part have a class, or a label; where numbers are
    predicted, ``spreads`` has those of each target by part. Where samples count differently in the
    loss, ``weights`` has how much, by part. ``parts`` are the sizes, and ``unseen`` is as in
    ``Split``. Of a part that stays in its file, ``looked_at`` says how many samples all of this is
    of: those at the beginning of the file.
    """

    parts: Mapping[str, int]
    inputs: Sequence[InputView]
    counts: Mapping[str, Mapping[str, int]]
    spreads: Mapping[str, Mapping[str, Spread]]
    unseen: Mapping[tuple[str, str], int]
    weights: Mapping[str, Spread]
    looked_at: Mapping[str, int]

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
            **({"looked_at": dict(self.looked_at)} if self.looked_at else {}),
        }


def view(program: Program) -> DataView:
    """What the network of ``program`` will see of its data.

    Raises NetError for data that cannot be read.
    """
    data, found = program.data, program.description
    assert data
    assert found
    with torch_threads(1):  # as in training: a sum's bits depend on their number
        split = data.load(program.seed)
        named = {"train": split.train, "validation": split.validation, "test": split.test}
        whole = {part: samples for part, samples in named.items() if samples}
        parts = {part: samples.some() for part, samples in whole.items()}
        inputs = [*input_views(data, split.replace(train=parts["train"]))]
        spreads, counts = target_views(found, split, parts)
        weighed = {part: one.weights for part, one in parts.items() if one.weights is not None}
        weights = {part: spread(numbers).rounded() for part, numbers in weighed.items()}
    sizes = {part: len(samples) for part, samples in whole.items()}
    looked_at = {part: len(some) for part, some in parts.items() if len(some) < sizes[part]}
    return DataView(sizes, inputs, counts, spreads, split.unseen, weights, looked_at)
