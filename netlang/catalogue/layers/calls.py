"""What a layer is given when Python calls it: looked at, and refused in a sentence.

A layer that Python made looks at shapes before it computes, as torch would tell of them in words of
its own, or broadcast in silence. Those of a compiled network, whose shapes were inferred, do not.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from types import MethodType
from typing import TYPE_CHECKING, Any

from netlang.language.shapes import Shape, ShapeError
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.catalogue.layers.module import Layer

Method = Callable[..., Any]


def look_at_calls(cls: type[Layer]) -> None:
    """Let ``forward``, ``backward`` and ``accumulate`` of ``cls`` look at what they are given."""
    forward = _forward_of_several if cls.joins else _forward
    ways = {"forward": forward, "backward": _backward, "accumulate": _backward}
    for name, looking in ways.items():
        method = vars(cls).get(name)
        if method is not None and not getattr(method, "__isabstractmethod__", False):
            look = looking(method)
            setattr(look, "unchecked", method)  # noqa: B010 - mypy knows no such attribute
            setattr(cls, name, look)


def unchecked(method: Method) -> Method:
    """A bound ``method`` that looks at nothing, for callers who know that it fits."""
    plain = getattr(method, "unchecked", None)
    return method if plain is None else MethodType(plain, getattr(method, "__self__", None))


# In training, a look is a comparison with the call before: it costs a fraction of a microsecond.


def _forward(method: Method) -> Method:
    @functools.wraps(method)
    def forward(self: Layer, x: Tensor, *others: Any) -> Any:
        try:
            known = x.shape == self._looked_at and x.dtype == self._dtype and not others
        except AttributeError:
            known = False
        if not known:
            _look(self, (x, *others))
            self._looked_at, self._dtype = x.shape, x.dtype
        try:
            y = method(self, x, *others)
        except (RuntimeError, TypeError) as error:
            _explain(self, (x, *others), error)
            raise
        self._came_out = getattr(y, "shape", _ANY)
        return y

    return forward


def _forward_of_several(method: Method) -> Method:
    @functools.wraps(method)
    def forward(self: Layer, *x: Tensor) -> Any:
        looked_at = [(getattr(one, "shape", _ANY), getattr(one, "dtype", _ANY)) for one in x]
        if looked_at != self._looked_at:
            _look(self, x)
            self._looked_at = looked_at
        try:
            y = method(self, *x)
        except (RuntimeError, TypeError) as error:
            _explain(self, x, error)
            raise
        self._came_out = getattr(y, "shape", _ANY)
        return y

    return forward


def _backward(method: Method) -> Method:
    @functools.wraps(method)
    def backward(self: Layer, dy: Tensor) -> Any:
        if getattr(dy, "shape", _ANY) != self._came_out:
            _look_back(self, dy)
        try:
            return method(self, dy)
        except (RuntimeError, TypeError) as error:
            _explain_back(self, dy, error)
            raise

    return backward


_ANY = object()  # the shape of an output that is no tensor


def _look(layer: Layer, x: Sequence[Any]) -> None:
    """Raises TypeError or ValueError for inputs that ``layer`` does not take."""
    if layer._looks and (wrong := _wrong(layer, x)):
        raise wrong


def _look_back(layer: Layer, dy: Any) -> None:
    """Raises RuntimeError before a ``forward``, and TypeError or ValueError for a wrong ``dy``."""
    if not layer._looks or layer._came_out is _ANY:
        return
    if layer._came_out is None:
        raise RuntimeError(
            f"{layer!r}: backward comes after forward, as it goes back from the last one's output"
        )
    takes = f"{layer!r}: backward takes the gradient at its output"
    if not isinstance(dy, torch.Tensor):
        raise TypeError(f"{takes} in a tensor, not a {type(dy).__name__}")
    raise ValueError(f"{takes}, of shape {[*layer._came_out]}, not {[*dy.shape]}")


def _wrong(layer: Layer, x: Sequence[Any]) -> Exception | None:
    """What is wrong with inputs ``x``, as an error to be raised; None if nothing is."""
    if layer.joins and len(x) < 2:
        given = f"a {type(x[0]).__name__} alone" if x else "none"
        return TypeError(f"{layer!r} takes two inputs or more, each by itself, not {given}")
    if not layer.joins and len(x) > 1:
        return TypeError(f"{layer!r} takes one input, not {len(x)}")
    for one in x:
        if not isinstance(one, torch.Tensor):
            return TypeError(f"{layer!r} takes inputs in tensors, not a {type(one).__name__}")
        if one.is_complex():
            return TypeError(f"{layer!r} takes real numbers, not {one.dtype}")
        if not one.dim():
            return ValueError(f"{layer!r} takes inputs of shape [N, *], not a single number")
    return _shape_error(layer, x)


def _shape_error(layer: Layer, x: Sequence[Tensor]) -> ValueError | None:
    given = " and ".join(str([*one.shape]) for one in x)
    if any(len(one) != len(x[0]) for one in x):
        return ValueError(f"{layer!r} takes inputs of as many samples each, not of shapes {given}")
    try:
        layer.infer(*(Shape(tuple(one.shape[1:])) for one in x))
    except ShapeError as error:
        got = x[error.input].shape
        if error.takes.sample == got[1:]:  # it is not that input's shape
            return ValueError(f"{layer!r} does not take inputs of shape {given}")
        which = f" as input {error.input + 1}" if len(x) > 1 else ""
        more = " or more" if error.at_least else ""
        takes = f"{layer!r} takes shape {error.takes}{more}{which}, not {[*got]}"
        alone = len(x) == 1 and error.takes.sample == tuple(got)
        help = ": `x.unsqueeze(0)` makes it a batch of one sample" if alone else ""
        return ValueError(takes + help)
    return None


def _explain(layer: Layer, x: Sequence[Any], error: Exception) -> None:
    """Say what torch raised ``error`` for, where it is the type of the inputs ``x``."""
    if not layer._looks:
        return
    if wrong := _wrong(layer, x):
        raise wrong from None
    for one in x:
        _explain_type(f"{layer!r}: forward takes", layer, one, error)


def _explain_back(layer: Layer, dy: Any, error: Exception) -> None:
    if not layer._looks:
        return
    if not isinstance(dy, torch.Tensor):
        _look_back(layer, dy)
    _explain_type(f"{layer!r}: backward takes", layer, dy, error)


def _explain_type(takes: str, layer: Layer, given: Tensor, error: Exception) -> None:
    """Raises TypeError from ``error`` if numbers of another type or device were ``given``."""
    weights = layer.parameters
    if len(weights) and given.dtype != weights.dtype:
        raise TypeError(
            f"{takes} {weights.dtype}, as its weights are, not {given.dtype}: "
            "`.to(...)` of a tensor or of the whole model changes that"
        ) from error
    if len(weights) and given.device != weights.device:
        raise TypeError(
            f"{takes} what is on {weights.device}, as its weights are, not on {given.device}"
        ) from error
    if not given.is_floating_point():
        raise TypeError(f"{takes} floating-point numbers, not {given.dtype}") from error
