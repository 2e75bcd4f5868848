"""What runs together, and what is kept: elementwise layers in a row become one loop."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate

from netlang.catalogue.layers.members import MeanOfMembers
from netlang.compiler.ir import Graph, Node
from netlang.language.shapes import Shape
from netlang.lowering.c.generator.arrays import Arrays
from netlang.lowering.c.generator.buffers import Buffer
from netlang.lowering.c.generator.checks import check_layer
from netlang.lowering.c.generator.layouts import layouts
from netlang.lowering.c.generator.lone import OF_ONE_LANE, can_be_alone, is_whole, of_one_kernel
from netlang.lowering.c.generator.texts import number as text
from netlang.lowering.c.generator.texts import of_members, substituted
from netlang.lowering.c.kernels import (
    BLOCKS,
    FLAT,
    ROWS,
    Elementwise,
    LayerKernel,
    Layout,
    Routine,
)
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import length as length_of
from netlang.lowering.lowerings import Unsupported, described, input_names
from netlang.system.record import Record

_MOST_LAYERS = 4000  # which take some 5 s and 300 MB to compile
_MOST_INPUTS = 500  # of a layer: the gradients of a product are as long as their square
_TEXTS = "measure", "forward", "inward", "measure_back", "gradients", "backward"  # of a routine
_LONGEST_LOOP = 64  # layers: to compile longer ones takes more time for each of them


class Stage(Record):
    """Nodes that run together: one layer, or elementwise layers fused into one loop."""

    numbers: tuple[int, ...]

    @property
    def result(self) -> int:
        return self.numbers[-1]


class Plan:
    """Which layers run together and when, and what is kept for their backward passes.

    To evaluate, nothing is drawn, and nothing is kept; a lone sample, ``of_one``, may go through it
    in other ways than many.  Raises Unsupported if a layer has no kernel, or a wrong one.
    """

    def __init__(self, graph: Graph, to_evaluate: bool = False, of_one: bool = False) -> None:
        self.graph = graph
        self.live = sorted(graph.live - {0})
        self._check_size()
        self.kernels = {number: _kernel(graph, graph.nodes[number]) for number in self.live}
        for number in self.live:
            if graph.nodes[number].frozen:
                self.kernels[number] = _frozen(self.kernels[number])
        self.wanted = graph.behind_weights & graph.live
        if graph.result not in self.wanted and not to_evaluate:
            raise Unsupported("the network has no weights to train")
        if to_evaluate:
            self.kernels = {number: _evaluated(one) for number, one in self.kernels.items()}
            self.wanted = frozenset()
        self.readers = self._readers()
        self.kernels |= {number: self._of_dense(number) for number in self.wanted}
        self.layouts = layouts(graph, self.kernels)
        if of_one:
            alone = {number: of_one_kernel(kernel) for number, kernel in self.kernels.items()}
            if all(map(can_be_alone, alone.values())):
                self.kernels, self.layouts = alone, layouts(graph, alone, FLAT)
        drawing = (number for number in self.live if self.kernels[number].draws)
        self.random = {number: index for index, number in enumerate(drawing)}
        self.arrays = self._arrays()
        # Where the weights of each node begin in the flat vector.
        self.offsets = [*accumulate((node.own_weights for node in graph.nodes), initial=0)]
        self.statistics = [*accumulate((one.own_statistics for one in graph.nodes), initial=0)]
        self.calls_blas = any(kernel.calls_blas for kernel in self.kernels.values())
        self.stages = self._stages()
        self._results = {stage.result for stage in self.stages}

    def _check_size(self) -> None:
        """Raises Unsupported for a network that would take the compiler too long."""
        if len(self.live) > _MOST_LAYERS:
            layers = f"the network has {len(self.live):,} layers"
            raise Unsupported(f"{layers}, and C is written for up to {_MOST_LAYERS:,}")
        for node in (self.graph.nodes[number] for number in self.live):
            if len(node.inputs) > _MOST_INPUTS:
                joins = f"{described(node)} joins {len(node.inputs):,} values"
                raise Unsupported(f"{joins}, and C is written for up to {_MOST_INPUTS:,}")

    def inputs(self, number: int) -> tuple[int, ...]:
        return self.graph.nodes[number].inputs

    def input_names(self, number: int) -> dict[str, int]:
        """What a kernel calls its inputs."""
        inputs = self.inputs(number)
        return dict(zip(input_names(len(inputs)), inputs, strict=True))

    def outside(self, stage: Stage) -> tuple[int, ...]:
        """The values that a stage takes from others, each once, in the order of their use."""
        taken = (source for number in stage.numbers for source in self.inputs(number))
        return tuple(dict.fromkeys(source for source in taken if source not in stage.numbers))

    def is_read_backwards(self, number: int) -> bool:
        """Whether a backward pass needs the value of node ``number``."""
        own = number in self.wanted and "y" in self.kernels[number].reads
        return own or any(
            reader in self.wanted and name in self.kernels[reader].reads
            for reader in self.readers.get(number, ())
            for name, source in self.input_names(reader).items()
            if source == number
        )

    def is_stored(self, number: int) -> bool:
        """Whether a loop has to write the value of this node of it to memory."""
        return number in self._results or self.is_read_backwards(number)

    def _arrays(self) -> dict[int, Arrays]:
        """Those of each vector of weights, by the number of the node that owns it."""
        uses: dict[int, list[Routine]] = {}
        for number, kernel in self.kernels.items():
            if isinstance(kernel, Routine) and (kernel.prepared or kernel.sums):
                owner, members = self.graph.owner(number), self.graph.nodes[number].members
                uses.setdefault(owner, []).append(_arrays_of_members(kernel, members))
        return {
            owner: Arrays.of(described(self.graph.nodes[owner]), kernels)
            for owner, kernels in uses.items()
        }

    def is_used_in_part(self, owner: int) -> bool:
        """Whether a layer shares some of the weights of a node, and not all."""
        own = {*self.graph.nodes[owner].layer.declared_weights()}
        return any(
            {*self.graph.nodes[number].layer.declared_weights()} != own
            for number in self.live
            if self.graph.owner(number) == owner
        )

    def value(self, number: int, layout: Layout | None = None) -> Buffer:
        """Where the value of a node lies, in the node's own layout or in another. What lies flat in
        whole vectors lies in rows, too.
        """
        layout = layout or self.layouts[number]
        if layout == FLAT and is_whole(self.graph.nodes[number].shape):
            layout = ROWS
        return Buffer("value", number, layout)

    def gradient(self, number: int, layout: Layout | None = None) -> Buffer:
        return Buffer("gradient", number, layout or self.layouts[number])

    @property
    def is_in_blocks(self) -> bool:
        """Whether any value is."""
        return BLOCKS in self.layouts.values()

    def kept(self, number: int) -> dict[str, tuple[Buffer, str]]:
        """The arrays that a routine keeps, by name, with the length of each."""
        kernel = self.kernels[number]
        own = kernel.keeps if isinstance(kernel, Routine) else {}
        return self._buffers("kept", number, own)

    def scratch(self, number: int, text: str) -> dict[str, tuple[Buffer, str]]:
        """The arrays in which a text of a routine works, by name, with the length of each. They
        are others than those of its other texts: in between, their memory is used for other things.
        """
        kernel = self.kernels[number]
        own = kernel.scratch if isinstance(kernel, Routine) else {}
        return self._buffers(f"scratch of {text}", number, own)

    def _buffers(
        self, what: str, number: int, lengths: Mapping[str, str]
    ) -> dict[str, tuple[Buffer, str]]:
        """A buffer for each name, with its length, which has numbers instead of constants."""
        known = {name: text(value) for name, value in self.kernels[number].constants.items()}
        if self.layouts[number] == FLAT:
            known |= OF_ONE_LANE
        members = self.graph.nodes[number].members
        return {
            name: (Buffer(f"{what} {name}", number), of_members(substituted(each, known), members))
            for name, each in lengths.items()
        }

    @property
    def members(self) -> int:
        """How many members the network has: each is judged by the loss."""
        last = self.graph.nodes[self.graph.result].layer
        return last.members if isinstance(last, MeanOfMembers) else 1

    @property
    def judged(self) -> int:
        """The node whose value the loss takes: of a mean of members, what they say."""
        return self.inputs(self.graph.result)[0] if self.members > 1 else self.graph.result

    def batch_sums(self, number: int) -> dict[str, tuple[str, str]]:
        """The arrays in which slices measure the batch, by name: each one's own name, and how long
        a slice's part of it is.
        """
        kernel = self.kernels[number]
        own = kernel.batch_sums if isinstance(kernel, Routine) else {}
        lengths = self._buffers("sums", number, own)
        return {name: (f"{name}_{number}", length) for name, (_, length) in lengths.items()}

    @property
    def measures(self) -> bool:
        """Whether a layer measures the whole batch, so that slices have to meet."""
        return any(self.batch_sums(number) for number in self.live)

    @property
    def lengths(self) -> dict[Buffer, str]:
        """The lengths of the buffers of a chunk that are not as long as a node's value."""
        found = {
            buffer: length
            for number in self.live
            for own in (self.kept(number), *(self.scratch(number, text) for text in _TEXTS))
            for buffer, length in own.values()
        }
        if self.members > 1:  # the loss is that of each
            dy = self.gradient(self.graph.result)
            of_all = of_members(f"N * {length_of(self.graph.output)}", self.members)
            found |= dict.fromkeys((dy, dy._replace(what="part of gradient")), of_all)
        return found

    def units(self, number: int) -> Shape:
        """The shape of what a node draws for a sample."""
        kernel = self.kernels[number]
        if isinstance(kernel, Routine):
            return Shape((kernel.draws,))
        return self.graph.nodes[number].shape

    def _of_dense(self, number: int) -> LayerKernel:
        """The kernel of a node, or another one where its only reader leaves it a dense gradient."""
        kernel, readers = self.kernels[number], self.readers.get(number, [])
        if len(readers) != 1 or not isinstance(kernel, Routine) or not kernel.of_dense:
            return kernel
        reader = self.kernels[readers[0]]
        is_dense = isinstance(reader, Routine) and reader.centres_dx
        return kernel.of_dense if is_dense and kernel.gradients else kernel

    def _readers(self) -> Mapping[int, list[int]]:
        """For each value, the live nodes that take it; one that takes it twice counts twice."""
        readers: dict[int, list[int]] = {}
        for number in self.live:
            for source in self.inputs(number):
                readers.setdefault(source, []).append(number)
        return readers

    def _stages(self) -> list[Stage]:
        """In the order of their run: a stage runs when it is its last node's turn."""
        members: dict[int, list[int]] = {}
        for number in self.live:
            members[number] = [number]
            if not isinstance(self.kernels[number], Elementwise):
                continue
            for source in dict.fromkeys(self.inputs(number)):
                if not self._is_absorbed(source, number) or source not in members:
                    continue
                if len(members[source]) + len(members[number]) <= _LONGEST_LOOP:
                    members[number] = [*members.pop(source), *members[number]]
        return [Stage(tuple(sorted(numbers))) for numbers in members.values()]

    def _is_absorbed(self, source: int, reader: int) -> bool:
        """Whether a loop may go on from ``source`` to ``reader``: nobody else reads the value."""
        return (
            source != self.graph.result
            and isinstance(self.kernels.get(source), Elementwise)
            and self.layouts[source] == self.layouts[reader]
            and set(self.readers[source]) == {reader}
        )


def _arrays_of_members(kernel: Routine, members: int) -> Routine:
    """The same where arrays are there for so many rows of a sample."""
    both = (
        {name: one.replace(when=of_members(one.when, members)) for name, one in own.items()}
        for own in (kernel.prepared, kernel.sums)
    )
    prepared, sums = both
    return kernel.replace(prepared=prepared, sums=sums)


def _kernel(graph: Graph, node: Node) -> LayerKernel:
    takes = (graph.nodes[source].shape for source in node.inputs)  # and how long sequences are
    kernel: LayerKernel = lowers.lowered(node.layer, *takes, name=described(node))
    check_layer(node, kernel)
    return kernel


def _frozen(kernel: LayerKernel) -> LayerKernel:
    """The kernel of a layer whose weights get no gradient."""
    if isinstance(kernel, Routine) and kernel.frozen:
        kernel = kernel.frozen
    if isinstance(kernel, Elementwise):
        return kernel.replace(gradients={})
    return kernel.replace(gradients="", **({"sums": {}} if isinstance(kernel, Routine) else {}))


def _evaluated(kernel: LayerKernel) -> LayerKernel:
    """The kernel of a forward pass that draws and measures nothing, and need not keep anything."""
    if isinstance(kernel, Routine) and kernel.frozen:
        return kernel.frozen
    if not kernel.evaluated:
        return kernel
    changed = {"forward": kernel.evaluated, "draws": 0}
    if isinstance(kernel, Elementwise):
        changed["keeps"] = {}
    return kernel.replace(**changed)
