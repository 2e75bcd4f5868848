"""Made sets in PyTorch: netlang's own functions draw their samples."""

from __future__ import annotations

from pathlib import Path

from netlang.catalogue.data import XOR, Circles, Disc, Gauss, Moons, Pairs, Shapes, Sine, Spiral
from netlang.catalogue.data.made.made_set import MadeSet
from netlang.lowering.python.text import literal, statement
from netlang.lowering.pytorch.counterparts import TorchData
from netlang.lowering.pytorch.data.rows import load_data
from netlang.lowering.pytorch.lowerings import lowers


@lowers(XOR)
@lowers(Circles)
@lowers(Disc)
@lowers(Gauss)
@lowers(Moons)
@lowers(Pairs)
@lowers(Sine)
@lowers(Spiral)
def made_set(data: MadeSet, folder: Path) -> TorchData:
    return _made(data, "points")


@lowers(Shapes)
def shapes(data: Shapes, folder: Path) -> TorchData:
    return _made(data, "pictures", learned_from="inputs[0].reshape(-1, 1)")


def _made(data: MadeSet, drawn: str, learned_from: str = "inputs[0]") -> TorchData:
    """A function that draws samples, which are called what is ``drawn``."""
    sizes = [size for size in (data.train, data.test, data.validation) if size]
    arguments = "".join(f", {name}={literal(value)}" for name, value in data.shaping.items())
    draw = f"{data.rule[0].__name__}(source, count{arguments})"
    targets = "" if data.classes else f"    targets = {_IN_DEFAULT_DTYPE}\n"
    beginning = f'''\
def load_data(seed):
    """The {drawn} of {data.name}, drawn from the seed."""
    source = generator(seed, {literal(data.name.lower())})
    drawn = []
    for count in {sizes}:
{statement(8, "", f"drawn.append({draw})")}
    inputs, targets = zip(*drawn)
{targets}\
'''
    parts = ("train", "test", "validation")[: len(sizes)]
    plain, scaling = (
        load_data(
            beginning,
            parts,
            data.standardize,
            *data.rule,
            learned_from=learned_from,
            keeps_scaling=keeps_scaling,
        )
        for keeps_scaling in (False, True)
    )
    return TorchData(plain, scaling=scaling)


_IN_DEFAULT_DTYPE = "[part.to(torch.get_default_dtype()) for part in targets]"
