"""What decides the bits of a training, as texts: a checkpoint is of the same or of another one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from netlang.catalogue.arguments import as_source
from netlang.catalogue.data import Table
from netlang.catalogue.items import Item
from netlang.catalogue.optimizers import SeveralOptimizers
from netlang.compiler.ir import Node, Program
from netlang.system.record import Record

_CALL = re.compile(r"(?P<name>\w+)\((?P<inside>.*?)\)(?P<behind>( of .*)?)")
_ARGUMENT = re.compile(r'(?:"[^"]*"|\([^()]*\)|\[[^][]*\]|[^,])+')
_CHANGEABLE = ("optimizer", "schedule", "penalty", "clip", "average", "stop")


class Difference(Record):
    """Something of a program that ``was`` otherwise when a checkpoint was made than it ``is`` now,
    as texts; None where it was not there, or is not there any more.
    """

    what: str
    was: str | None
    now: str | None

    @property
    def apart(self) -> tuple[str | None, str | None]:
        """Both texts; of a layer or an item that only has other arguments, with these alone."""
        was, now = (_CALL.fullmatch(text or "") for text in (self.was, self.now))
        if not (was and now and was["name"] == now["name"]):
            return self.was, self.now
        alike = {*_arguments(was["inside"])} & {*_arguments(now["inside"])}
        return _without(alike, was), _without(alike, now)


def identity_of(program: Program) -> dict[str, str]:
    """All that decides the bits of a training, as texts by name: each layer, and each setting.

    The number of epochs does not, and neither do the numbers among the arguments of what a step
    does with its gradients, and of the stopping rule: they may change from one step to the next.
    """
    assert program.optimizer
    assert program.data
    nodes = program.graph.nodes
    named = {name: repr(value) for name, value in program.settings.items() if name != "epochs"}
    if isinstance(program.data, Table):
        named["data"] = repr(program.data.as_read)
    named |= {f"layer {node.name}": _wired(node, nodes) for node in nodes[1:]}
    named |= {
        "input": str(nodes[0].shape),
        "output": nodes[program.graph.result].name,
        "batch": str(program.batch_size),
        **{
            name: _but_numbers(program.settings[name])
            for name in _CHANGEABLE
            if program.settings.get(name)
        },
    }
    if program.beginning:
        named["start"] = f"SHA-256 {program.beginning.file.sha256}"
    for number, file in enumerate(program.data.files, 1):
        named[f"data file {number} ({file.path.name})"] = f"SHA-256 {file.sha256}"
    return named


def _but_numbers(items: Item | Sequence[Item]) -> str:
    """The items and those of their arguments that are no numbers."""
    if isinstance(items, SeveralOptimizers):
        return items.text(_but_numbers)
    if not isinstance(items, Item):
        return ", ".join(map(_but_numbers, items))
    item = items
    numbers = {one.name for one in item.arguments if one.type.python in (int, float)}
    fixed = {name: value for name, value in item.values.items() if name not in numbers}
    texts = ", ".join(f"{name}={as_source(value)}" for name, value in fixed.items())
    return f"{item.name}({texts})" if texts else item.name


def _wired(node: Node, nodes: Sequence[Node]) -> str:
    """What a node computes of which others, such as ``Linear(2, 25) of input``."""
    inputs = ", ".join(nodes[number].name for number in node.inputs)
    shared = f" with the weights of {nodes[node.shares].name}" if node.shares else ""
    frozen = ", frozen" if node.frozen and node.layer.size else ""
    return f"{node.layer!r} of {inputs}: {node.shape}{shared}{frozen}"


def _arguments(inside: str) -> list[str]:
    """The arguments between the brackets of a call, as the text has them."""
    return [one.strip() for one in _ARGUMENT.findall(inside)]


def _without(alike: Collection[str], call: re.Match[str]) -> str:
    """The ``call`` without the arguments that are ``alike``."""
    left = ", ".join(one for one in _arguments(call["inside"]) if one not in alike)
    return f"{call['name']}({left}){call['behind']}" if left else f"{call['name']}{call['behind']}"


def differences(was: Mapping[str, str], now: Mapping[str, str]) -> list[Difference]:
    """Those that are not alike, in the order of ``now``."""
    return [
        Difference(name, was.get(name), now.get(name))
        for name in dict.fromkeys((*now, *was))
        if was.get(name) != now.get(name)
    ]
