"""The definition of ``load_data`` where samples are rows, each feature a column of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from netlang.catalogue.data.pipeline.scales import shift_and_scale
from netlang.catalogue.randomness import digest, generator
from netlang.lowering.python.text import literal
from netlang.lowering.pytorch.counterparts import TorchDefinition


def load_data(
    beginning: str,
    parts: Sequence[str],
    standardize: bool,
    *functions: Callable[..., Any],
    imports: tuple[str, ...] = (),
    learned_from: str = "inputs[0]",
    keeps_scaling: bool = False,
) -> TorchDefinition:
    """``load_data``, whose ``beginning`` makes lists ``inputs`` and ``targets`` of all parts.

    Inputs are standardised by what is ``learned_from`` those of the first part, in columns.

    It calls ``generator`` and those ``functions``, which the file gets as netlang has them.
    """
    called: list[Callable[..., Any]] = [generator, digest, *functions]
    scaled = ""
    if standardize:
        called.append(shift_and_scale)
        scaled = f"""\
    shift, scale = shift_and_scale({learned_from})
    inputs = [(part - shift) / scale for part in inputs]
"""
    if standardize and keeps_scaling:
        first, doc, rest = beginning.split("\n", 2)
        beginning = f"{first}\n{doc}\n    global SCALING\n{rest}"
        scaled += "    SCALING = shift, scale\n"
    end = f"""\
    dtype = torch.get_default_dtype()
    inputs = [part.to(dtype) for part in inputs]
    return dict(zip({literal(parts)}, zip(inputs, targets)))
"""
    return TorchDefinition(beginning + scaled + end, imports, (TorchDefinition.of(*called),))
