"""The definition of ``penalty``: what is made small beside the loss, of which weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netlang.catalogue.penalties import Penalty
from netlang.lowering.python.text import literal, statement
from netlang.lowering.pytorch.counterparts import TorchDefinition
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.model import Model


def penalty(penalties: Sequence[Penalty], model: Model) -> TorchDefinition:
    lines: list[str] = []
    for one in penalties:
        names = f"[{', '.join(map(literal, _penalized(one, model)))}]"
        text = lowers.lowered(one).format(names=names)
        lines.append(f"{statement(4, 'found += ' if lines else 'found = ', text)}\n")
    return TorchDefinition(_PENALTY.format(lines="".join(lines)))


def _penalized(penalty: Penalty, model: Model) -> Iterator[str]:
    """The names of the parameters that a penalty is of."""
    for number, path in model.paths.items():
        node = model.graph.nodes[number]
        is_on = not penalty.parts or any(part in node.parts for part in penalty.parts)
        if is_on and not node.frozen and not node.shares:
            for name, weight in node.layer.declared_weights().items():
                if weight.decay or penalty.biases:
                    yield f"{path}.{name}"


_PENALTY = '''\
def penalty(model):
    """What is made small beside the loss."""
    weights = dict(model.named_parameters())
{lines}    return found
'''
