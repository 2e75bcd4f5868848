"""Names for blocks and parameters that were found.

They are what the foreign file calls them, or else what they are.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from netlang.catalogue.registry import NAMES
from netlang.catalogue.settings import SETTINGS
from netlang.imports.chains import Chain, Part
from netlang.imports.foreign_graph import Argument
from netlang.imports.places import Place

_SHORT = {
    "out_channels": "channels",
    "out_features": "width",
    "num_features": "features",
    "kernel_size": "kernel",
    "times": "depth",
    "negative_slope": "slope",
}
_OF_LAYER = {"Linear": "dense", "LeakyReLU": "leaky"}


def parameter_names(places: Sequence[Place]) -> tuple[str, ...]:
    """A name for each of the numbers that are parameters, no two of them the same."""
    bases = [_SHORT.get(place.argument, place.argument) for place in places]
    names: list[str] = []
    for place, base in zip(places, bases, strict=True):
        among = base == "channels" and bases.count(base) > 1
        names.append(_free(_among_channels(place) if among else base, names))
    return tuple(names)


def _among_channels(place: Place) -> str:
    """``c3`` for channels behind windows of 3 x 3, ``r3`` where these are made fewer before."""
    kernel = _kernel(place.part)
    if not isinstance(kernel, int):
        return "channels"
    if kernel == 1:
        behind = [_kernel(part) for part in place.chain[place.index + 1 :] if part.learns]
        if behind and isinstance(behind[0], int):
            return f"r{behind[0]}"
        if any("Pool" in part.name for part in place.chain[: place.index]):
            return "pool"
    return f"c{kernel}"


def _kernel(part: Part) -> Argument:
    return part.arguments.get("kernel_size", part.arguments.get("kernel"))


def block_name(chains: Sequence[Chain], taken: Container[str]) -> str:
    """What the foreign file calls all of these chains, or else what they are."""
    said = {_said(chain) for chain in chains}
    name = said.pop() if len(said) == 1 else ""
    return _free(name if name and name not in taken else _kind(chains[0]), taken)


def _said(chain: Chain) -> str:
    """The word that the names of all layers of a chain begin with."""
    names = telling([layer.name for part in chain for layer in part.layers])
    if len(names) < 2:
        return ""
    word = re.match(r"[A-Za-z]{4,}", re.split(r"[/.]", common_scope(names))[-1])
    return word[0].lower() if word else ""


def telling(names: Sequence[str]) -> Sequence[str]:
    """The names without those that PyTorch's exporter counts.

    >>> telling(["stem/conv", "node_conv2d_3"])
    ['stem/conv']
    """
    return [name for name in names if not name.startswith("node_")]


def common_scope(names: Sequence[str]) -> str:
    """What all names begin with: one of them, or a part up to a slash, a dot or an underscore.

    >>> common_scope(["inception_3a/1x1", "inception_3a/relu_1x1"])
    'inception_3a'
    """
    first, last = min(names), max(names)
    ends = (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    common = first[: next(ends, len(first))]
    return common if common in names else common[: max(0, *map(common.rfind, "/._"))]


def _kind(chain: Chain) -> str:
    """What a chain is, by its layers."""
    if any(part.kind == "repeat" for part in chain) or "Pool" in chain[-1].name:
        return "stage"
    joins = [part for part in chain if part.branches]
    if joins:
        return _kind_of_join(joins[0])
    learning = [part for part in chain if part.learns and part.family != "norm"] or [chain[0]]
    name, kernels = learning[0].name, [*map(_kernel, learning)]
    if len(kernels) == 3 and kernels[0] == kernels[2] == 1:
        return "bottleneck"
    if learning[0].kind == "use":
        if name == "depthwise":
            return "separable"
        return f"{name}s" if all(part.name == name for part in learning) else "stage"
    if name.startswith("Conv"):
        is_one = sum(part.name.startswith("Conv") for part in learning) == 1
        groups, channels = (learning[0].arguments.get(n) for n in ("groups", "out_channels"))
        if groups != 1:
            return "separable" if not is_one else "depthwise" if groups == channels else "grouped"
        return "conv" if is_one else "convs"
    return _OF_LAYER.get(name) or ("norm" if "Norm" in name else name.lower())


def _kind_of_join(join: Part) -> str:
    has_identity = any(not branch for branch in join.branches)
    kinds = {
        "Add": "residual" if has_identity else "down",
        "Concat": "grow" if has_identity else "mixed",
        "Mul": "gate",
    }
    return kinds.get(join.name, join.name.lower())


def _free(name: str, taken: Container[str]) -> str:
    """``name``, with a number if it is taken or a word of the language."""
    free, number = name, 2
    while free in taken or free in NAMES or free in SETTINGS:
        free, number = f"{name}{number}", number + 1
    return free
