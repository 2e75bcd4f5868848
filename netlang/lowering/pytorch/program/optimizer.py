"""What makes the optimizers of an export: which of them has which weights, and which decay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netlang.catalogue.modules import Weight
from netlang.catalogue.optimizers import Optimizer, SeveralOptimizers
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.python.text import literal, statement
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchOptimizer
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.model import Model
from netlang.lowering.pytorch.optimizers import OPTIMIZERS
from netlang.system.record import Record


class _Named(Record):
    """A parameter of the model by its name, and the parts of the file that it belongs to."""

    name: str
    own: str  # the last part of its name
    weight: Weight
    parts: Sequence[str]


def make_optimizer(optimizer: Optimizer, model: Model) -> TorchDefinition:
    """The definition of ``make_optimizer(model)``.  Raises Unsupported."""
    if not model.has_weights:  # optimizers refuse such a model
        return _NONE
    made: TorchOptimizer
    if not isinstance(optimizer, SeveralOptimizers) and not optimizer.spares(frozen=False):
        made = lowers.lowered(optimizer)
        _check_shapes(made, _parameters(model))
        text = statement(4, "return ", made.of("model.parameters()"))
        return TorchDefinition(f"def make_optimizer(model):\n{text}\n", uses=made.uses)
    lines = ["def make_optimizer(model):", "    weights = dict(model.named_parameters())"]
    texts: list[str] = []
    uses: list[TorchDefinition] = []
    several = _with_weights(optimizer, [*_parameters(model)])
    # The first one has what the others leave, so that theirs are popped before.
    for number, (one, named) in reversed([*enumerate(several, 1)]):
        made = lowers.lowered(one)
        _check_shapes(made, named)
        end = f"_{number}" if len(several) > 1 else ""
        kept = [each.name for each in named if each.weight.decay or not one.spares(frozen=False)]
        spared = [each.name for each in named if each.name not in kept]
        groups, uses = f"weights{end}", [*made.uses, *uses]
        if spared:
            lines.append(_popped(f"spared{end}", spared))
        if number > 1:
            lines.append(_popped(groups, kept))
        else:
            lines.append(f"    {groups} = [*weights.values()]")
        if spared:
            pairs = f'{{"params": spared{end}, "weight_decay": 0.0}}'
            pairs = f'{{"params": {groups}}}, {pairs}' if kept else pairs
            lines.append(statement(4, f"groups{end} = ", f"[{pairs}]"))
            groups = f"groups{end}"
        texts.insert(0, made.of(groups))
    if len(texts) > 1:
        uses.append(OPTIMIZERS)
    text = f"Optimizers({', '.join(texts)})" if len(texts) > 1 else texts[0]
    source = "\n".join([*lines, statement(4, "return ", text), ""])
    return TorchDefinition(source, uses=tuple(uses))


def _check_shapes(made: TorchOptimizer, named: Iterable[_Named]) -> None:
    """Raises Unsupported for a weight of which a shape does not tell whether it is a matrix."""
    for one in named if made.by_shape else ():
        if one.weight.is_matrix != (len(one.weight.shape) == 2):
            shape = list(one.weight.shape)
            other = "stacks matrices" if one.weight.is_matrix else "is no matrix"
            raise Unsupported(
                f"in PyTorch, {made.maker} goes by shapes, and `{one.name}` {shape} {other}"
            )


def _with_weights(
    optimizer: Optimizer, named: Sequence[_Named]
) -> list[tuple[Optimizer, list[_Named]]]:
    """Each optimizer and its parameters; PyTorch has none without any."""
    if not isinstance(optimizer, SeveralOptimizers):
        return [(optimizer, [*named])]
    chosen = [optimizer.chosen(one.parts, one.own, one.weight) for one in named]
    found = [
        (own, [one for one, owner in zip(named, chosen, strict=True) if owner == number])
        for number, own in enumerate(optimizer.optimizers)
    ]
    return [(own, taken) for own, taken in found if taken]


def _parameters(model: Model) -> Iterator[_Named]:
    seen = set[str]()
    for number, path in model.paths.items():
        node = model.graph.nodes[number]
        if node.shares or path in seen:
            continue
        seen.add(path)
        for name, weight in node.layer.declared_weights().items():
            if f"{path}.{name}" not in model.tied_weights:
                yield _Named(f"{path}.{name}", name, weight, node.parts)


def _popped(variable: str, names: Sequence[str]) -> str:
    listed = statement(4, "names = ", literal(list(names)))
    return f"{listed}\n    {variable} = [weights.pop(name) for name in names]"


_NONE = TorchDefinition('''\
def make_optimizer(model):
    """None: the model has no weights to train."""
    return None
''')
