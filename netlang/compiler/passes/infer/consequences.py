"""What may follow from a mismatch that was reported, and is not reported in turn."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from netlang.compiler.passes.infer.state import InferenceState
from netlang.compiler.passes.wiring import WiredLayer
from netlang.language.shapes import Shape, ShapeError
from netlang.language.source import Span


class Consequences:
    """Knows what was blamed, and which shapes come through it. The layers behind a wrong one are
    not reported until one asks for a shape of its own, nor are others that get the same shape.
    """

    def __init__(self, state: InferenceState) -> None:
        self.state = state
        self.blamed: set[tuple[Span | None, Shape | None]] = set()
        # The last wrong layer on each way that a layer's shape comes, which stands for those before
        # it; and the layers whose shapes may have another number of dimensions, as what they come
        # through had to be guessed.
        self.through: dict[int, frozenset[int]] = {}
        self.guessed: set[int] = set()

    def blame(self, numbers: Iterable[int]) -> None:
        """Note that a report blames the shapes of these layers."""
        self.blamed.update(map(self.state.source, numbers))

    def in_doubt(self, *numbers: int) -> bool:
        """Whether one of the shapes of these layers may follow from a reported mismatch."""
        doubtful, blamed, source = self.state.doubtful, self.blamed, self.state.source
        return any(n in doubtful or (blamed and source(n) in blamed) for n in numbers)

    def follow(self, wired: WiredLayer, *, wrong: bool, guessed: bool) -> None:
        """Note what the shape of a layer comes through, which is known by now for its inputs."""
        before = (self.through.get(n, ()) for n in wired.inputs)
        self.through[wired.number] = frozenset([wired.number] if wrong else chain(*before))
        if guessed or not self.guessed.isdisjoint(wired.inputs):
            self.guessed.add(wired.number)

    def may_follow(self, wired: WiredLayer, inputs: list[Shape], mismatch: ShapeError) -> bool:
        """Whether the mismatch may follow from one that was reported: a wrong layer is in some of
        the branches alone, or a number of dimensions was guessed.
        """
        if len({self.through.get(n, frozenset()) for n in wired.inputs}) > 1:
            return True
        rank, takes = len(inputs[mismatch.input].sample), len(mismatch.takes.sample)
        guessed = not self.guessed.isdisjoint(wired.inputs)
        return guessed and (bool(mismatch.reason) or rank != takes)

    def output_may_follow(self, number: int, got: Shape, wanted: Shape) -> bool:
        """Whether the output at ``number`` may differ from what is ``wanted`` as it comes through a
        layer that was reported: in its number of dimensions, or in others than the last.
        """
        if len(got.sample) != len(wanted.sample):
            return number in self.guessed
        return bool(self.through.get(number)) and got.last == wanted.last
