"""The confusion matrices that a file asks for, of the samples that its run is judged on."""

from __future__ import annotations

from collections.abc import Iterator

from netlang.catalogue.metrics import Confusion
from netlang.catalogue.outputs import loss_of
from netlang.runs.training.training import Training
from netlang.system.record import Record


class Matrix(Record):
    """How many samples of each of the ``classes`` (row) are taken for which (column). Of several
    outputs, it is that of ``output``.
    """

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    output: str = ""


def matrices(training: Training) -> Iterator[Matrix]:
    """That of each output that has classes, if the file asks for them."""
    program, samples = training.program, training.split.judged
    assert program.description
    assert program.loss
    if not any(isinstance(metric, Confusion) for metric in program.metrics):
        return
    parts = program.outputs or (None,)
    targets = program.description.for_outputs(len(parts)) or ()
    each = [
        (part, described, Confusion())
        for part, (_, described) in zip(parts, targets, strict=True)
        if described.classes
    ]
    for piece in samples.pieces():
        outputs = training.outputs(piece.inputs)
        for part, _, confusion in each:
            y, t = outputs, piece.targets
            if part:
                y, t = part.of_outputs(y), part.of_targets(t)
            confusion.add(loss_of(program.loss, part).prediction(y), t)
    for part, described, confusion in each:
        if not confusion.count:  # a few samples may have no class at any place
            continue
        assert described.classes
        counts = tuple(tuple(map(int, row)) for row in confusion.table().tolist())
        yield Matrix(tuple(described.classes), counts, part.name if part else "")
