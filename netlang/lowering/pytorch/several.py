"""Several outputs in PyTorch: what losses and metrics say of each of them."""

from __future__ import annotations

import math
import re

from netlang.catalogue.outputs import Term
from netlang.catalogue.targets import OutputPart
from netlang.language.shapes import Shape
from netlang.lowering.python.text import literal, operand
from netlang.lowering.pytorch.counterparts import TorchLoss


def of_part(
    text: str,
    part: OutputPart,
    one_hot: bool = False,
    column: int | None = None,
    prediction: str = "y",
) -> str:
    """``text`` of outputs ``y`` and targets ``t`` for those of one ``part`` of the rows of all, or
    of their ``prediction``.

    Class numbers become values if it takes them ``one_hot``. With the ``column`` of a target that
    is standardised, both are in units.
    """
    y = re.sub(r"\by\b", _of("y", part.begin, part.shape), operand(prediction))
    t = _of("t", part.target_begin, part.target_shape)
    if part.classes:
        t = f"{t}.long()"
        if one_hot:
            outputs = part.shape[-1]
            t = f"{t}.unsqueeze(-1)" if outputs == 1 else f"F.one_hot({t}, {outputs})"
            t = f"{t}.to(y.dtype)"
    if column is not None:
        y, t = f"in_units({y}, {column})", f"in_units({t}, {column})"
    values = {"y": y, "t": t}
    return re.sub(r"\b[yt]\b", lambda found: values[found[0]], text)


def _of(row: str, begin: int, shape: tuple[int, ...]) -> str:
    """The part of a row of that ``shape``, which begins there."""
    if not shape:
        return f"{row}[:, {begin}]"
    part = f"{row}[:, {begin}:{begin + math.prod(shape)}]"
    return part if len(shape) == 1 else f"{part}.unflatten(1, {shape})"


def as_classes(said: TorchLoss, y: Shape) -> TorchLoss:
    """The same of class numbers, where it is said of values."""
    values = "t.unsqueeze(-1)" if y.last == 1 else f"F.one_hot(t, {y.last})"
    texts = (
        re.sub(r"(?<!\bloss\(y, )\bt\b", f"{values}.to(y.dtype)", one)
        for one in (said.text, said.each, said.per_sample)
    )
    text, each, per_sample = texts
    return said.replace(text=text, each=each, per_sample=per_sample, of_classes=True)


def summand(term: Term, said: TorchLoss) -> TorchLoss:
    """The PyTorch of a term of the sum, where that of its loss is ``said``."""
    weight = "" if term.weight == 1 else f"{literal(term.weight)} * "
    own = said.text if said.per_sample == "loss(y, t)" else f"({said.text})"
    texts = [said.text, said.each, said.per_sample.replace("loss(y, t)", own)]
    if term.part:
        one_hot = not said.of_classes
        texts = [of_part(one, term.part, one_hot) for one in texts]
    text, each, per_sample = (weight + operand(one) if weight and one else one for one in texts)
    of_classes = said.of_classes and not term.part
    return said.replace(text=text, each=each, per_sample=per_sample, of_classes=of_classes)


def shape_of(part: OutputPart | None, row: Shape) -> Shape:
    """The shape of one output, or of the only one."""
    return Shape(part.shape) if part else row
