"""The definition of ``loss``, with weights of samples, members and classes where there are some."""

from __future__ import annotations

from netlang.catalogue.outputs import SumOfLosses
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.python.text import statement
from netlang.lowering.pytorch.counterparts import TorchDefinition
from netlang.lowering.pytorch.program.parts import Parts


def loss(parts: Parts) -> TorchDefinition:
    """The definition of ``loss``.  Raises Unsupported if it takes no weights of samples."""
    said, own = parts.loss, parts.program.loss
    assert own
    if _mixes(parts) and said.of_classes and not said.of_shares:
        raise Unsupported(f"the PyTorch of {own.name} takes no mixtures of classes")
    lines, text = [f"def loss(y, t{parts.weights('w')}):"], said.text
    if parts.data.weighted:
        if not said.each:
            raise Unsupported(f"the PyTorch of {own.name} takes no weights of samples")
        text = f"({said.each} * w).{'mean' if own.is_mean else 'sum'}()"
    if (parts.program.settings.get("members") or 1) > 1:
        terms = own.terms if isinstance(own, SumOfLosses) else ()
        if len({term.loss.is_mean for term in terms}) > 1:
            raise Unsupported("the PyTorch of `members` has no loss that is part mean and part sum")
        lines += _OF_MEMBERS
        lines += ["    w = w.repeat_interleave(each, 0)"] if parts.data.weighted else []
        text = text if own.is_mean else f"({text}) / each"
    lines += _values_of_classes(parts)
    return TorchDefinition("\n".join([*lines, statement(4, "return ", text), ""]))


def _mixes(parts: Parts) -> bool:
    """Whether targets may be mixtures."""
    return any(one.mixes for one in parts.program.augment)


def _values_of_classes(parts: Parts) -> list[str]:
    """Lines that make values of class numbers, for a loss that takes values."""
    program = parts.program
    if not (program.description and program.description.classes) or parts.loss.of_classes:
        return []
    *positions, outputs = program.graph.output.sizes
    one = "t.unsqueeze(-1)" if positions else "t.unsqueeze(1)"
    values = one if outputs == 1 else f"F.one_hot(t, {outputs})"
    if _mixes(parts):
        return ["    if not t.is_floating_point():", f"        t = {values}.to(y.dtype)"]
    return [f"    t = {values}.to(y.dtype)"]


_OF_MEMBERS = [
    '    y = getattr(y, "of_members", y)  # in training, each has a loss of its own',
    "    each = len(y) // len(t)",
    "    t = t.repeat_interleave(each, 0)",
]
