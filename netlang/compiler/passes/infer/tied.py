"""A tied layer has the weight of another, so that the two have one shape."""

from __future__ import annotations

from netlang.catalogue.modules import Layer
from netlang.compiler.passes.wiring import WiredLayer
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.shapes import TiedMismatch
from netlang.language.shapes import Dim, unify


def tie(tied: WiredLayer, owner: WiredLayer, sink: Sink) -> bool:
    """Make the sizes of the two weights one. False if they differ, which is reported."""
    argument = tied.bound.tied if tied.bound else None
    assert argument
    assert tied.layer
    assert owner.layer
    needs, has = _shapes(tied.layer), _shapes(owner.layer)
    if [*needs] == [*has][:1] == ["weight"] and _unify(needs["weight"], has["weight"]):
        return True
    has_bias = "bias" in needs and "bias" in tied.layer.values
    unbiased = tied.bound.written_with({"bias": "false"}) if tied.bound and has_bias else ""
    name, span = argument.value.span.text, owner.origin.span
    found = TiedMismatch(argument.span, tied.layer.name, name, needs, has, span, unbiased)
    sink.report(found)
    return False


def _shapes(layer: Layer) -> dict[str, tuple[Dim, ...]]:
    return {name: one.shape for name, one in layer.declared_weights().items()}


def _unify(one: tuple[Dim, ...], other: tuple[Dim, ...]) -> bool:
    return len(one) == len(other) and all([*map(unify, one, other)])
