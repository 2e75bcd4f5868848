"""What to say of a call that lacks arguments: an example, and where it may have holes instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netlang.catalogue.arguments import Argument
from netlang.catalogue.items import Item
from netlang.catalogue.modules import Layer
from netlang.compiler.passes.bind.holes import may_be_a_hole
from netlang.compiler.passes.values import ItemCall
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.names import MissingArgument
from netlang.language.shapes import Shape, ShapeError, Unknown, solved

_SOME_SIZE = 12  # for a size of a layer that is tried


def report_missing(call: ItemCall, missing: list[Argument], sink: Sink) -> None:
    texts = [argument.span.text for argument in call.arguments]
    texts += (f"{one.name}={'25' if one.type.at_least else '...'}" for one in missing)
    example = f"{call.item.name}({', '.join(texts)})"
    names = tuple(argument.name for argument in missing)
    docs = tuple(argument.doc for argument in missing)
    signature, or_hole = call.item.signature(), _with_holes(call, missing)
    instead = next((one.instead for one in missing if one.instead), "")
    about = docs, signature, example, or_hole, instead
    sink.report(MissingArgument(call.span, call.item.name, names, *about))


def _with_holes(call: ItemCall, missing: Sequence[Argument]) -> str:
    """The call of a layer with a hole for each size that is missing."""
    written, needed = call.arguments, call.item.required_arguments()
    texts = [one.span.text for one in written]
    names = [one.name for one in written if one.name]
    if len(names) == len(written) > 0:
        if not all(may_be_a_hole(call.item, one) for one in missing):
            return ""
        texts += [f"{one.name}=_" for one in missing]
    elif written and _input_tells(call.item, missing):
        texts += [f"{one.name}=_" if names else "_" for one in missing]
    else:  # people leave out the first, which other frameworks find
        sizes = needed[:1] if len(missing) == 1 else needed
        if not all(may_be_a_hole(call.item, one) for one in sizes):
            return ""
        if not written and not _input_tells(call.item, missing):
            return ""
        texts = ["_"] * len(missing) + texts
    return f"{call.item.name}({', '.join(texts)})"


def _input_tells(item: type[Item], missing: Sequence[Argument]) -> bool:
    """Whether the shape of its input tells the sizes that are ``missing`` in a layer's call."""
    if not issubclass(item, Layer) or not all(may_be_a_hole(item, one) for one in missing):
        return False
    holes: dict[str, Any] = {one.name: Unknown() for one in missing}
    written = {one.name: _SOME_SIZE for one in item.required_arguments()}
    for rank in (1, 2, 3):
        try:
            item.declared({**written, **holes}).infer(Shape((_SOME_SIZE,) * rank))
        except ShapeError:
            continue
        if all(isinstance(solved(hole), int) for hole in holes.values()):
            return True
    return False
