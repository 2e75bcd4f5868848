"""The definition of ``show_tables``: which class is taken for which, where a file asks for it."""

from __future__ import annotations

from collections.abc import Iterator

from netlang.catalogue.metrics import Confusion
from netlang.catalogue.outputs import Measure
from netlang.lowering.python.text import block, literal, statement
from netlang.lowering.pytorch.counterparts import TorchDefinition
from netlang.lowering.pytorch.program.measure import metric_of
from netlang.lowering.pytorch.program.parts import Parts
from netlang.system.terminal import visible


def tables(parts: Parts) -> TorchDefinition | None:
    """It shows the table of each output that has classes; None if the file asks for none."""
    measures = [*_measures(parts)]
    if not measures:
        return None
    uses, source = [_SHOW_TABLE], _HEAD
    for one in measures:
        said = metric_of(parts, one)
        uses.extend(said.uses)
        if one.part:
            source += block(4, [f"print({literal(f'{one.part.name}:')})"])
        classes = literal([visible(name) for name in one.names])
        source += statement(4, "", f"show_table({classes}, {said.text}.tolist())") + "\n"
    return TorchDefinition(source, uses=tuple(uses))


def shown(parts: Parts, model: str) -> list[str]:
    """The lines that show the tables of a ``model``, of the samples that it is judged on."""
    description = parts.program.description
    assert description
    if not [*_measures(parts)]:
        return []
    taken = f"inputs, targets{parts.weights('_')}"
    return [
        f"{taken} = data[{literal(description.judged)}]",
        f"show_tables(evaluate({model}, inputs), targets)",
    ]


def _measures(parts: Parts) -> Iterator[Measure]:
    program = parts.program
    outputs = program.outputs or (None,)
    targets = program.description.for_outputs(len(outputs)) if program.description else None
    for metric in program.metrics:
        for part, (_, described) in zip(outputs, targets or (), strict=False):
            if isinstance(metric, Confusion) and described.classes:
                yield Measure(metric, part, described.classes)


_SHOW_TABLE = TorchDefinition(
    '''\
def show_table(classes, counts):
    """A row for each class, and a column for each that its samples are taken for."""
    print("true \\\\ predicted", *classes, sep="\\t")
    for name, row in zip(classes, counts):
        print(name, *row, sep="\\t", flush=True)
'''
)

_HEAD = '''\
def show_tables(y, t):
    """How many samples of each class are taken for which."""
'''
