"""A call in C as data: the function, what is passed to it, and what that reads and writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from netlang.compiler.ir import Graph
from netlang.lowering.c.generator.buffers import Access, Buffer
from netlang.lowering.c.generator.texts import mentions
from netlang.system.record import Record


class Parameter(Record):
    """A parameter of a function, and what a call passes for it: a buffer, or C.

    ``reads`` and ``writes`` say what the function does with a buffer, and ``gives_way`` that it may
    write others over it, as it reads each number before it writes one there.
    """

    name: str
    argument: Buffer | str
    kind: str = "real *restrict"
    reads: bool = True
    writes: bool = False
    gives_way: bool = False


def output(name: str, buffer: Buffer, adds: bool = False) -> Parameter:
    """A buffer that a function fills, or ``adds`` to."""
    return Parameter(name, buffer, reads=adds, writes=True)


class Call(Record):
    """A call of the function that ``body`` makes, with a parameter for each name that it uses.

    ``scope`` is what it can name, ``numbers`` are the nodes that it computes, none for the loss.
    """

    stem: str
    body: str
    scope: Sequence[Parameter]
    numbers: tuple[int, ...] = ()
    condition: str = ""  # of the call, if it has one

    @cached_property
    def parameters(self) -> list[Parameter]:
        return [one for one in self.scope if mentions(self.body, one.name)]

    @property
    def access(self) -> Access:
        buffers = [(p, p.argument) for p in self.parameters if isinstance(p.argument, Buffer)]
        reads = (buffer for one, buffer in buffers if one.reads)
        writes = (buffer for one, buffer in buffers if one.writes)
        gives_way = (buffer for one, buffer in buffers if one.gives_way)
        return Access(tuple(reads), tuple(writes), tuple(gives_way))


class Meeting(Call):
    """Where all slices of a batch meet, as each needs the ``arrays`` that the others measured."""

    arrays: tuple[str, ...] = ()


def meeting(arrays: Iterable[str]) -> Meeting:
    return Meeting("meet", "", (), arrays=tuple(arrays))


def stem(graph: Graph, numbers: Sequence[int], what: str) -> str:
    """How a function's name begins: ``linear_forward``."""
    layers = "_".join(graph.nodes[number].layer.name.lower() for number in numbers)
    return f"{layers if len(layers) < 40 else 'loop'}_{what}"
