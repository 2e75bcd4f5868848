"""The inputs of arrays in PyTorch: the samples of each have their shape, and are standardised."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from netlang.catalogue.data.arrays.arranged import Arranged
from netlang.catalogue.data.arrays.array_data import ArrayData
from netlang.catalogue.data.pipeline.array_scaling import (
    channel_scaling,
    channels_of,
    scaling_of_steps,
)
from netlang.lowering.python.text import block, statement


def numbered(variable: str, number: int, count: int) -> str:
    """The name of one of so many variables, which is numbered where there are several."""
    return variable if count == 1 else f"{variable}{number}"


def shaped(data: ArrayData) -> str:
    """Lines that give samples the shape that inputs have."""
    names, inputs = ["samples", *(["tested"] if data.arranged.tested else [])], data.arranged.inputs
    lines = list[str]()
    for number, one in enumerate(inputs, 1):
        sizes = ", ".join(map(str, one.samples.shape[1:]))
        for variable in names:
            name = numbered(variable, number, len(inputs))
            lines.append(f"{name} = {name}.reshape(len({name}), {sizes})")
    return block(4, lines)


def scaling(data: ArrayData) -> str:
    """Lines that learn by what each input is standardised: ``shift`` and ``scale``, or ``by1``,
    ``by2``, ... of several inputs, which they list with their samples as ``arrays``.
    """
    inputs, lines = data.arranged.inputs, ""
    for number, one in enumerate(inputs, 1):
        samples, by = (numbered(name, number, len(inputs)) for name in ("samples", "by"))
        name = by if data.arranged.beside else "shift, scale"
        lines += statement(4, f"{name} = ", _learned(one, samples, _is_scaled(data, one))) + "\n"
        if _is_scaled(data, one) and one.lengths:
            steps = one.samples.shape[1]
            tiled = ", ".join(f"np.tile({each}, {steps})" for each in ("shift", "scale"))
            if data.arranged.beside:
                tiled = f"[np.tile(one, {steps}) for one in {by}]"
            lines += f"    {name} = {tiled}\n"
    if data.arranged.beside:
        lines += statement(4, "arrays = ", f"[{arrays(data, 'samples')}]") + "\n"
    return lines


def arrays(data: ArrayData, variable: str) -> str:
    """The samples of each of several inputs, which such variables hold, and what scales them."""
    numbers = range(1, len(data.arranged.inputs) + 1)
    return ", ".join(f"({variable}{number}, by{number})" for number in numbers)


def functions(data: ArrayData) -> Iterator[Callable[..., Any]]:
    """Those that ``scaling`` calls."""
    scaled = [one for one in data.arranged.inputs if _is_scaled(data, one)]
    yield from [channel_scaling] if scaled else []
    yield from [scaling_of_steps] if any(one.lengths for one in scaled) else []


def _is_scaled(data: ArrayData, one: Arranged) -> bool:
    return one.tokens is None and bool(data.values["standardize"])


def _learned(one: Arranged, samples: str, is_scaled: bool) -> str:
    """What standardises an input: the shift and the scale of each of its channels."""
    channels = channels_of(one.samples.shape[1:])
    if not is_scaled:
        return f"np.zeros({channels}), np.ones({channels})"
    if one.lengths:
        return f"scaling_of_steps({samples}[parts[0].numpy()])"
    return f"channel_scaling({samples}, parts[0].numpy(), {channels})"
