"""E03xx: shapes that do not fit, between layers and at the network's two ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from netlang.language.diagnostics.diagnostic import Diagnostic, Fix, Label, listed
from netlang.language.shapes import Shape
from netlang.language.source import Span


class LayerMismatch(Diagnostic):
    """``made`` is where the shape ``got`` comes from, ``trail`` leads to the layer.

    ``at_input`` says that it is the network's input. ``fixed`` is the layer as it would fit, and
    ``swapped`` as it would with two of its sizes exchanged. ``hole`` is where the ``argument``, a
    hole, was found to be another size. ``parameter`` says what to do if ``argument`` is a
    parameter of a block; ``shared`` weights take one size at every use. What a repeat ``repeats``
    takes that shape.
    """

    code: ClassVar = "E0301"
    got: Shape
    takes: Shape
    made: Span | None
    fixed: str | None
    swapped: str | None
    trail: tuple[Label, ...] = ()
    made_in: tuple[Label, ...] = ()
    hole: Span | None = None
    argument: str | None = None
    at_input: bool = False
    at_least: bool = False
    shared: bool = False
    repeats: Shape | None = None
    parameter: str | None = None

    @property
    def title(self) -> str:
        return "layer input does not fit"

    @property
    def label(self) -> str:
        return f"takes {'at least ' * self.at_least}{self.takes}"

    @property
    def labels(self) -> tuple[Label, ...]:
        what = "says that the input is" if self.at_input else "this produces"
        made = [Label(self.made, f"{what} {self.got}")] if self.made else []
        hole = [Label(self.hole, f"`{self.argument}` was found here")] if self.hole else []
        return (*made, *self.made_in, *hole, *self.trail)

    @property
    def notes(self) -> tuple[str, ...]:
        return () if self.made else (f"the network's input is {self.got}",)

    @property
    def helps(self) -> tuple[str, ...]:
        if self.hole or not (self.fixed or self.swapped):
            return ("change this layer, or what comes before it",)
        if self.repeats:
            return (
                f"what is repeated has to give what it takes: this takes {self.repeats} first, and "
                f"gives {self.got} to the next copy",
                "write the copy that changes the shape apart, before the repeat",
            )
        if self.shared:
            return ("its weights are shared, and take one size at every use: change what it gets",)
        if self.parameter and self.fixed:
            return (f"{self.parameter}, or put a layer between that gives {self.takes}",)
        if not self.fixed:
            return (f"its sizes seem to be swapped: write `{self.swapped}`",)
        if self.swapped:
            return (f"write `{self.fixed}`, or `{self.swapped}` if its sizes are swapped",)
        if "_" in self.fixed:
            return (f"write `{self.fixed}` to let netlang find the size",)
        return (f"write `{self.fixed}`, or change what comes before it",)


class DataMismatch(LayerMismatch):
    code: ClassVar = "E0302"

    @property
    def title(self) -> str:
        return "the data does not fit the first layer"

    @property
    def labels(self) -> tuple[Label, ...]:
        return (Label(self.made, f"a sample is {self.got}"), *self.trail) if self.made else ()

    @property
    def helps(self) -> tuple[str, ...]:
        if self.swapped or self.shared or "_" in (self.fixed or "_"):
            return super().helps
        return (f"write `{self.fixed}`, or `_` for the size to let netlang find it",)


# Where a branch's shape was made, that shape, and where the branch is written.
Branch = tuple[Span | None, Shape, Span | None]


_SHORT = 40  # characters of a branch that is named by its text


def _given(branches: Sequence[Branch]) -> Iterator[Label]:
    """What each branch gives, and where that was made, if it was not in the branch itself."""
    for made, shape, branch in branches[:6]:
        if made and (not branch or branch.holds(made)):
            yield Label(made, f"this branch gives {shape}")
        elif branch:
            yield Label(branch, f"this branch gives {shape}")
            yield from [Label(made, f"gives {shape}")] if made else []


class BranchesMismatch(Diagnostic):
    """The inputs of a join, which ``takes`` that shape for the ``odd`` one; ``fixed`` is a layer as
    it would make them fit, and where it is.

    If there is a ``rank``, it is the dimension to join along that is wrong: it is ``rank`` at most.
    """

    code: ClassVar = "E0306"
    join: str
    branches: tuple[Branch, ...]
    odd: int
    takes: Shape
    fixed: tuple[Span, str] | None
    trail: tuple[Label, ...]
    rank: int | None = None

    @property
    def title(self) -> str:
        return f"the branches do not fit into `{self.join}`"

    @property
    def label(self) -> str:
        return "gets " + listed([str(shape) for _, shape, _ in self.branches[:6]])

    @property
    def labels(self) -> tuple[Label, ...]:
        return (*_given(self.branches), *self.trail)

    @property
    def helps(self) -> tuple[str, ...]:
        if self.fixed:
            return (f"write `{self.fixed[1]}` in place of `{self.fixed[0].text}`",)
        if self.rank is not None:
            return (f"`dim` is {self.rank} at most here: a sample's dimensions start at 1",)
        branch = self.branches[self.odd][2]
        short = branch and len(branch.text) <= _SHORT and "\n" not in branch.text
        if branch and short and self._ends_alike:
            fitted = f"{branch.text} -> Linear(_, {self.takes.last})"
            return (f"make the branches fit: `{fitted}` would give {self.takes}",)
        which = f"`{branch.text}`" if branch and short else f"branch {self.odd + 1}"
        return (f"make the branches fit: {which} would, if it gave {self.takes}",)

    @property
    def _ends_alike(self) -> bool:
        """Whether the odd branch lacks nothing but another last size."""
        got, last = self.branches[self.odd][1].sample, self.takes.last
        return isinstance(last, int) and got[:-1] == self.takes.sample[:-1] and got != ()


class SeveralInputs(Diagnostic):
    """A layer of one input behind a fan-out; ``joins`` would take it, each giving some shape."""

    code: ClassVar = "E0307"
    layer: str
    branches: tuple[Branch, ...]
    joins: Mapping[str, Shape]
    trail: tuple[Label, ...]

    @property
    def title(self) -> str:
        return f"`{self.layer}` takes one input, and gets {len(self.branches)}"

    @property
    def label(self) -> str:
        return "takes one input"

    @property
    def labels(self) -> tuple[Label, ...]:
        return (*_given(self.branches), *self.trail)

    @property
    def helps(self) -> tuple[str, ...]:
        if not self.joins:
            return ("join the branches first, or take one of them by `-> Select(0)`",)
        joins = ", ".join(f"`-> {join}` (gives {shape})" for join, shape in self.joins.items())
        return (f"join the branches first: {joins}, or take one by `-> Select(0)`",)


class JoinOfOne(Diagnostic):
    code: ClassVar = "E0308"
    join: str
    trail: tuple[Label, ...]

    @property
    def title(self) -> str:
        return f"`{self.join}` joins several inputs, and gets one"

    @property
    def label(self) -> str:
        return "gets one input"

    @property
    def labels(self) -> tuple[Label, ...]:
        return self.trail

    @property
    def helps(self) -> tuple[str, ...]:
        return (f"give it a fan-out of several branches: `[Identity, ...] -> {self.join}`",)


class HoleUnsolved(Diagnostic):
    """``span`` is a hole that nothing tells the size of, ``others`` those of the same size."""

    code: ClassVar = "E0309"
    argument: str
    layer: str
    takes: Shape | None
    gives: Shape | None
    others: tuple[Span, ...]

    @property
    def title(self) -> str:
        return "nothing tells the size of this hole"

    @property
    def label(self) -> str:
        return f"`{self.argument}` of `{self.layer}`"

    @property
    def labels(self) -> tuple[Label, ...]:
        return tuple(Label(span, "has to be the same size") for span in self.others[:5])

    @property
    def notes(self) -> tuple[str, ...]:
        known = [f"`{self.layer}` takes {self.takes}"] if self.takes else []
        known += [f"gives {self.gives}"] if self.gives else []
        return (f"what is known: {' and '.join(known)}",) if known else ()

    @property
    def helps(self) -> tuple[str, ...]:
        if self.argument.startswith("in"):
            return ("write a number, or tell the input's shape by `data` or `input = [...]`",)
        return (f"write a number{' for one of the holes' if self.others else ''}",)


class SeveralOutputs(Diagnostic):
    code: ClassVar = "E0310"
    count: int

    @property
    def title(self) -> str:
        return f"the network ends in {self.count} outputs"

    @property
    def label(self) -> str:
        return "has to end in one"

    @property
    def helps(self) -> tuple[str, ...]:
        joins = "join them: end with `-> Add`, `-> Concat` or `-> Select(0)`"
        if self.span and self.span.text.startswith("["):
            return (
                "brackets put layers side by side; for a chain, join them by `->`",
                f"or {joins}",
            )
        return (joins,)


class NothingSelected(Diagnostic):
    code: ClassVar = "E0311"
    count: int
    origins: tuple[Label, ...] = ()

    @property
    def labels(self) -> tuple[Label, ...]:
        return self.origins

    @property
    def title(self) -> str:
        return "`Select` takes an input that is not there"

    @property
    def label(self) -> str:
        return f"gets {f'{self.count} inputs' if self.count > 1 else 'one input'}"

    @property
    def helps(self) -> tuple[str, ...]:
        if self.count == 1:
            return ("remove it: it selects one of several inputs",)
        return (f"counting starts at 0: the last is `Select({self.count - 1})`",)


class OutputMismatch(Diagnostic):
    """The last shape against the number of classes, or of numbers to predict.

    ``more`` is another way out.
    """

    code: ClassVar = "E0303"
    got: Shape
    takes: Shape
    data: Span
    target: str
    fixed: tuple[Span, str] | None
    more: str | None = None
    made: tuple[Label, ...] = ()

    @property
    def title(self) -> str:
        return "the network's output does not fit the data"

    @property
    def label(self) -> str:
        return f"the output is {self.got}"

    @property
    def labels(self) -> tuple[Label, ...]:
        return (Label(self.data, self.target), *self.made)

    @property
    def helps(self) -> tuple[str, ...]:
        first = (
            f"write `{self.fixed[1]}` in place of `{self.fixed[0].text}`"
            if self.fixed
            else f"make the last layer give {self.takes}"
        )
        return (first, self.more) if self.more else (first,)


class InputsDisagree(Diagnostic):
    code: ClassVar = "E0304"
    stated: str
    data: Span
    sample: str

    @property
    def title(self) -> str:
        return "`input` and `data` say different shapes"

    @property
    def label(self) -> str:
        return f"says {self.stated}"

    @property
    def labels(self) -> tuple[Label, ...]:
        return (Label(self.data, f"a sample is {self.sample}"),)

    @property
    def helps(self) -> tuple[str, ...]:
        return ("remove `input`: the data knows its own shape",)


class InputUnknown(Diagnostic):
    """``misspelt`` is the setting that the definition at ``span`` was meant to be, which is
    ``sure`` or a guess.
    """

    code: ClassVar = "E0305"
    misspelt: str = ""
    sure: bool = False

    @property
    def title(self) -> str:
        if self.misspelt == "data":
            return "the network's data, which tell its sizes, are not known"
        return "the network's input shape is not known"

    @property
    def label(self) -> str:
        if self.misspelt:
            return f"did you mean the setting `{self.misspelt}`?"
        return "takes any shape"

    @property
    def fixes(self) -> tuple[Fix, ...]:
        return (Fix(self.span, self.misspelt),) if self.misspelt and self.sure and self.span else ()

    @property
    def helps(self) -> tuple[str, ...]:
        if self.misspelt:
            return (f"write `{self.misspelt} = ...`",)
        return ("say one sample's shape, such as `input = [25]`, or give the file its `data`",)
