"""Made sets in PyTorch, and what their texts share with those of others, in files of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from netlang.catalogue.data import XOR, Circles, Disc, Gauss, Moons, Pairs, Sine, Spiral
from netlang.catalogue.data.made.made_set import MadeSet
from netlang.catalogue.data.pipeline.encoders import shift_and_scale
from netlang.catalogue.randomness import digest, generator
from netlang.lowering.pytorch.counterparts import TorchData, TorchDefinition
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.python import literal, statement


def load_data(
    beginning: str,
    parts: Sequence[str],
    standardize: bool,
    *functions: Callable[..., Any],
    imports: tuple[str, ...] = (),
) -> TorchDefinition:
    """``load_data``, whose ``beginning`` makes lists ``inputs`` and ``targets`` of all parts.

    It calls ``generator`` and those ``functions``, which the file gets as netlang has them.
    """
    called: list[Callable[..., Any]] = [generator, digest, *functions]
    scaled = ""
    if standardize:
        called.append(shift_and_scale)
        scaled = """\
    shift, scale = shift_and_scale(inputs[0])
    inputs = [(part - shift) / scale for part in inputs]
"""
    end = f"""\
    dtype = torch.get_default_dtype()
    inputs = [part.to(dtype) for part in inputs]
    return dict(zip({literal(parts)}, zip(inputs, targets)))
"""
    return TorchDefinition(beginning + scaled + end, imports, (TorchDefinition.of(*called),))


@lowers(XOR)
@lowers(Circles)
@lowers(Disc)
@lowers(Gauss)
@lowers(Moons)
@lowers(Pairs)
@lowers(Sine)
@lowers(Spiral)
def made_set(data: MadeSet, folder: Path) -> TorchData:
    sizes = [size for size in (data.train, data.test, data.validation) if size]
    arguments = "".join(f", {name}={value!r}" for name, value in data.shaping.items())
    draw = f"{data.rule[0].__name__}(source, size{arguments})"
    targets = "" if data.classes else f"    targets = {_IN_DEFAULT_DTYPE}\n"
    beginning = f'''\
def load_data(seed):
    """The points of {data.name}, drawn from the seed."""
    source = generator(seed, {literal(data.name.lower())})
{statement(4, "drawn = ", f"[{draw} for size in {sizes}]")}
    inputs, targets = zip(*drawn)
{targets}\
'''
    parts = ("train", "test", "validation")[: len(sizes)]
    return TorchData(load_data(beginning, parts, data.standardize, *data.rule))


_IN_DEFAULT_DTYPE = "[part.to(torch.get_default_dtype()) for part in targets]"
