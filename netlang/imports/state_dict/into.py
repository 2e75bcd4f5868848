"""The weights of a state_dict become those of a network that somebody has written.

Modules are told by the shapes of their tensors. Of those with equal shapes, the first by name is
the first in the network, as code makes layers in the order in which it uses them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netlang.compiler.ir import Graph
from netlang.imports.state_dict.file import Module
from netlang.system.lazy import np, torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

Shapes = tuple[tuple[str, tuple[int, ...]], ...]
_QKV = ("q", "k", "v")


class Mapped(Record):
    """The ``tensors`` of the network by name; ``missing`` are its layers that no module fits, and
    ``surplus`` the modules that no layer has.
    """

    tensors: Mapping[str, Tensor]
    missing: tuple[str, ...]
    surplus: tuple[str, ...]
    layers: int


def mapped(modules: Sequence[Module], graph: Graph) -> Mapped:
    """The tensors of the modules by the names that they have in ``graph``."""
    theirs: dict[Shapes, list[Module]] = {}
    for module in _in_netlangs_words(modules):
        theirs.setdefault(_shapes(module.tensors), []).append(module)
    ours: dict[Shapes, list[str]] = {}
    for node in graph.layers:
        if not node.shares and (own := node.layer.tensors()):
            ours.setdefault(_shapes(own), []).append(node.name)
    tensors: dict[str, Tensor] = {}
    missing, surplus, count = list[str](), list[str](), 0
    for key in dict.fromkeys((*ours, *theirs)):
        names, found = ours.get(key, []), theirs.get(key, [])
        if len(names) != len(found) and names and found:
            by_name = {one.name: one for one in found}
            if all(name in by_name for name in names):  # they are called as here
                surplus += [one for one in by_name if one not in names]
                found = [by_name[name] for name in names]
        if len(names) != len(found):
            missing += names
            surplus += [one.name for one in found]
            continue
        for name, module in zip(names, found, strict=True):
            count += 1
            for own_name, array in module.tensors.items():
                tensors[f"{name}.{own_name}"] = torch.from_numpy(np.array(array, np.float32))
    return Mapped(tensors, tuple(missing), tuple(surplus), count)


def _shapes(tensors: Mapping[str, Any]) -> Shapes:
    return tuple(sorted((name, tuple(one.shape)) for name, one in tensors.items()))


def _in_netlangs_words(modules: Sequence[Module]) -> Iterator[Module]:
    """The modules, of which those of an attention are one."""
    by_name = {one.name: one for one in modules}
    attentions = {one.name for one in modules if one.kind == "Attention"}
    for module in modules:
        if module.name.removesuffix(".out_proj") in attentions and module.name not in attentions:
            continue
        out = by_name.get(f"{module.name}.out_proj")
        if module.name not in attentions or out is None:
            yield module
            continue
        tensors: dict[str, Any] = {}
        for kind in ("weight", "bias"):
            if f"in_proj_{kind}" in module.tensors:
                parts = np.split(module.tensors[f"in_proj_{kind}"], 3)
                tensors |= {f"{q}_{kind}": one for q, one in zip(_QKV, parts, strict=True)}
            if kind in out.tensors:
                tensors[f"out_{kind}"] = out.tensors[kind]
        yield Module(module.name, tensors)
