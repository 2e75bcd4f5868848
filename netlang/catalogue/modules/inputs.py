"""Layers that Python makes check their inputs, and say in a sentence what is wrong with them.

Torch's own errors do not speak of layers, and it broadcasts wrong shapes in silence. The layers of
a compiled network check nothing, as their shapes were inferred.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from netlang.language.diagnostics.wording import listed, no_tensor
from netlang.language.shapes import Shape, ShapeError
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.catalogue.modules.layer import Layer

# In training, a check only compares shapes with those of the last call, in less than a microsecond.


def checked_forward(layer: Layer, forward: Callable[..., Any], *inputs: Tensor) -> Any:
    """The output for ``inputs``.  Raises TypeError or ValueError for what the layer cannot take."""
    took = [getattr(layer.parameters, name) for name in _KIND]
    took += [getattr(one, name, _ANY) for one in inputs for name in ("shape", *_KIND)]
    numbers, _ = _apart(layer, inputs)
    if took != layer._took:
        wrong, tokens = _wrong(layer, inputs), layer.takes == "tokens"
        for one in numbers:
            wrong = wrong or _unlike_weights(f"{layer!r}: forward takes", layer, one, tokens)
        if wrong:
            raise wrong
        layer._took = took
    try:
        y = forward(layer, *inputs)
    except (RuntimeError, TypeError, IndexError) as error:
        if wrong := _wrong(layer, inputs) or _unlike_others(layer, numbers):
            raise wrong from None
        for one in numbers:
            _explain(f"{layer!r}: forward takes", one, error)
        raise
    layer._gave = getattr(y, "shape", _ANY)
    return y


def checked_backward(layer: Layer, backward: Callable[..., Any], dy: Tensor) -> Any:
    """The result of ``backward``.  Raises an error if ``dy`` has not the last output's shape."""
    if getattr(dy, "shape", _ANY) != layer._gave and layer._gave is not _ANY:
        raise _wrong_gradient(layer, dy)
    if wrong := _unlike_weights(f"{layer!r}: backward takes", layer, dy):
        raise wrong
    try:
        return backward(layer, dy)
    except (RuntimeError, TypeError) as error:
        _explain(f"{layer!r}: backward takes", dy, error)
        raise


_ANY = object()  # the shape of what is no tensor
_KIND = "dtype", "device"


def _wrong_gradient(layer: Layer, dy: Any) -> Exception:
    """The error to raise for ``dy``, which has not the last output's shape."""
    if layer._gave is None:
        return RuntimeError(f"{layer!r}: call forward before backward")
    takes = f"{layer!r}: backward takes the gradient at its output"
    if not isinstance(dy, torch.Tensor):
        return TypeError(f"{takes} in a tensor, not {no_tensor(dy)}")
    return ValueError(f"{takes}, of shape {[*layer._gave]}, not {[*dy.shape]}")


def _wrong(layer: Layer, x: Sequence[Any]) -> Exception | None:
    """The error to raise for the inputs ``x``; None if they are right."""
    (least, most), (x, lengths) = layer.arity, _apart(layer, x)
    if len(x) < least and least > 1:
        alone = f"a {type(x[0]).__name__} alone" if x else "none"
        return TypeError(
            f"{layer!r} takes {takes_inputs(layer.arity)}, each by itself, not {alone}"
        )
    if len(x) < least or (most is not None and len(x) > most):
        return TypeError(f"{layer!r} takes {takes_inputs(layer.arity)}, not {len(x)}")
    for one in x:
        if not isinstance(one, torch.Tensor):
            return TypeError(f"{layer!r} takes inputs in tensors, not {no_tensor(one)}")
        if one.is_complex():
            return TypeError(f"{layer!r} takes real numbers, not {one.dtype}")
        if not one.dim():
            return ValueError(f"{layer!r} takes inputs of shape [N, *], not a single number")
    return _shape_error(layer, x) or (None if lengths is None else _wrong_lengths(x[-1], lengths))


def _apart(layer: Layer, x: Sequence[Any]) -> tuple[Sequence[Any], Tensor | None]:
    """The inputs, and the lengths [N] of the sequences behind them, if these are given."""
    if len(x) <= layer.arity[0] or getattr(x[-1], "ndim", 0) != 1:
        return x, None
    given = (Shape(tuple(one.shape[1:])) for one in x[:-1])
    return (x[:-1], x[-1]) if layer.honours_lengths(*given) else (x, None)


def _wrong_lengths(x: Tensor, lengths: Tensor) -> ValueError | None:
    count, steps = x.shape[:2]
    if len(lengths) != count:
        return ValueError(f"{count} sequences have as many lengths, and not {len(lengths)}")
    if not lengths.is_meta and not ((lengths >= 1) & (lengths <= steps)).all():
        return ValueError(f"the lengths of these sequences are from 1 to {steps}")
    return None


def takes_inputs(arity: tuple[int, int | None]) -> str:
    """How many inputs a layer takes, in words: ``two inputs or more``."""
    least, most = arity
    words = "no", "one", "two", "three"
    if most is None:
        return f"{words[least]} inputs or more"
    if least != most:
        return f"{words[least]} or {words[most]} inputs"
    return f"{words[least]} input{'s' * (least != 1)}"


def _shape_error(layer: Layer, x: Sequence[Tensor]) -> ValueError | None:
    shapes = " and ".join(str([*one.shape]) for one in x)
    if any(len(one) != len(x[0]) for one in x):
        return ValueError(f"{layer!r} takes inputs of as many samples each, not of shapes {shapes}")
    try:
        layer.infer(*(Shape(tuple(one.shape[1:])) for one in x))
    except ShapeError as error:
        if error.reason:
            return ValueError(f"{layer!r} {error.reason}".replace("`", ""))
        got = x[error.input].shape
        if error.takes.sample == got[1:]:  # it is not that input's shape
            return ValueError(f"{layer!r} does not take inputs of shape {shapes}")
        which = f" as input {error.input + 1}" if len(x) > 1 else ""
        more = " or more" if error.at_least else ""
        takes = f"{layer!r} takes shape {error.takes}{more}{which}, not {[*got]}"
        alone = len(x) == 1 and error.takes.sample == tuple(got)
        help = ": `x.unsqueeze(0)` makes it a batch of one sample" if alone else ""
        return ValueError(takes + help)
    return None


def _unlike_weights(
    takes: str, layer: Layer, tensor: Tensor, any_dtype: bool = False
) -> TypeError | None:
    """The error to raise for a ``tensor`` of another dtype or device than the weights have, which
    torch would promote, or take, in silence where it can; None if it is like them.
    """
    weights = layer.parameters
    if not len(weights) or not isinstance(tensor, torch.Tensor):
        return None
    if tensor.dtype != weights.dtype and not any_dtype:
        return TypeError(
            f"{takes} {weights.dtype}, as its weights are, not {tensor.dtype}: "
            "`.to(...)` of a tensor or of the whole model changes that"
        )
    if tensor.device != weights.device:
        return TypeError(
            f"{takes} what is on {weights.device}, as its weights are, not on {tensor.device}"
        )
    return None


def _unlike_others(layer: Layer, x: Sequence[Tensor]) -> Exception | None:
    """The error to raise for inputs ``x`` of which torch makes nothing together, or with what the
    layer keeps: they are of different kinds, or have no numbers.
    """
    kept = [layer.statistics] if len(layer.statistics) else []
    for name in _KIND:
        kinds = dict.fromkeys(str(getattr(one, name)) for one in (*x, *kept))
        if len(kinds) > 1:
            takes = "as its statistics are" if kept else "that are alike"
            return TypeError(
                f"{layer!r}: forward takes inputs {takes}, of one {name}, not {listed(kinds)}"
            )
    for one in x:
        if not one.numel():
            return ValueError(f"{layer!r} takes inputs with numbers, not shape {[*one.shape]}")
    return None


def _explain(takes: str, tensor: Any, error: Exception) -> None:
    """Raises TypeError from ``error`` if ``tensor`` has no floating-point numbers."""
    if isinstance(tensor, torch.Tensor) and not tensor.is_floating_point():
        raise TypeError(f"{takes} floating-point numbers, not {tensor.dtype}") from error
