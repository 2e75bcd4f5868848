"""E03xx: shapes that do not fit, between layers and at the network's two ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message, Texts
from netlang.language.diagnostics.suggest import Guess
from netlang.language.diagnostics.wording import SHOWN, counted, listed
from netlang.language.shapes import Dim, Shape, Unknown
from netlang.language.source import Span
from netlang.system.record import Record


class Changes(Record):
    """How a layer could be written to fit.

    ``resized`` has another size, or, with ``by_hole``, a hole for it. ``swapped`` has two of its
    sizes exchanged. If a block's parameter is the size, ``parameter`` says what to do where the
    block is used.
    """

    resized: str | None = None
    by_hole: bool = False
    swapped: str | None = None
    parameter: str | None = None


class LayerMismatch(Diagnostic):
    """A layer takes another shape than it ``got``.

    ``made`` is where that shape comes from, and ``trail`` leads from there to the layer. If the
    size is a hole, ``found`` is where it was found to be another. With ``shared``, the weights take
    one size at every use. With ``between_copies``, a copy of a repeat made the shape for the next.
    It ``takes_rows`` if a sample that is one row could fit.
    """

    code = "E0301"
    what: ClassVar = "layer input does not fit"
    otherwise: ClassVar = "change what comes before it"
    rows_from: ClassVar = 3  # dimensions of a sample, it may have to be one row
    got: Shape
    takes: Shape
    made: Label | None
    changes: Changes
    trail: tuple[Label, ...] = ()
    made_in: tuple[Label, ...] = ()
    found: Label | None = None
    at_least: bool = False
    shared: bool = False
    takes_rows: bool = True
    between_copies: bool = False

    def message(self) -> Message:
        return Message(
            title=self.what,
            label=f"takes at least {self.takes}" if self.at_least else f"takes {self.takes}",
            labels=(self.made, *self.made_in, self.found, *self.trail),
            notes=None if self.made else f"the network's input is {self.got}",
            helps=self._with_row(),
        )

    def _with_row(self) -> Texts:
        """The helps, and that a sample may have to be made one row, where it is a picture, or where
        its row would fit.
        """
        got, takes, others = self.got, self.takes.solved(), self._helps()
        fits_last = got.sample[:-1] == takes.sample[:-1]
        if len(got.sample) < 2 or got.unknowns or not (fits_last and self.takes_rows):
            return others
        row = f"put `Flatten ->` in front: it makes one row of a sample, of {got.size} numbers"
        if got.size == takes.last:
            return row
        if len(got.sample) < self.rows_from:
            return others
        if len(got.sample) > 2:  # one dimension of a picture says nothing
            return row, "or change what comes before it"
        several = others if isinstance(others, tuple) else (others,)
        return *several, f"or {row}"

    def _helps(self) -> Texts:
        resized, swapped = self.changes.resized, self.changes.swapped
        if self.made and not self.got.sample:
            return f"leave `{self.made.span.text}` out: it makes one number of each sample"
        if self.found or not (resized or swapped):
            return "change this layer, or what comes before it"
        if self.shared:
            return "its weights are shared, and take one size at every use: change what it gets"
        if self.between_copies:
            return (
                f"what is repeated has to give what it takes: this takes {self.takes} first, and "
                f"gives {self.got} to the next copy",
                "write the copy that changes the shape apart, before the repeat",
            )
        if self.changes.parameter and resized:
            return f"{self.changes.parameter}, or put a layer between that gives {self.takes}"
        if not resized:
            return f"its sizes seem to be swapped: write `{swapped}`"
        if swapped:
            return f"write `{resized}`, or `{swapped}` if its sizes are swapped"
        if self.changes.by_hole:
            return f"write `{resized}` to let netlang find the size"
        return f"write `{resized}`, or {self.otherwise}"


class DataMismatch(LayerMismatch):
    code = "E0302"
    what = "the data does not fit the first layer"
    otherwise = "`_` for the size to let netlang find it"
    rows_from = 2


# Where a branch's shape was made, that shape, and where the branch is written.
Branch = tuple[Span | None, Shape, Span | None]

_SHORT = 40  # characters of a branch that is named by its text


def _outputs(branches: Sequence[Branch]) -> Iterator[Label]:
    """What each branch gives, and where that was made, if it was not in the branch itself."""
    for made, shape, branch in branches[:SHOWN]:
        if made and (not branch or branch.holds(made)):
            yield Label(made, f"this branch gives {shape}")
        elif branch:
            yield Label(branch, f"this branch gives {shape}")
            yield from [Label(made, f"gives {shape}")] if made else []


class BranchesMismatch(Diagnostic):
    """The inputs of a join do not fit together.

    They would if the ``odd`` one had the shape that the join ``takes``. ``fixed`` is the span of a
    layer, and how it would make them fit. If one branch is a ``shortcut`` around the other, that
    says how it would fit. If there is a ``rank``, the dimension to join along is wrong: it can be
    ``rank`` at most.
    """

    code = "E0306"
    join: str
    branches: tuple[Branch, ...]
    odd: int
    takes: Shape
    fixed: tuple[Span, str] | None
    trail: tuple[Label, ...]
    rank: int | None = None
    shortcut: str | None = None

    def message(self) -> Message:
        or_fixed = f"or {_written(*self.fixed)}" if self.fixed else None
        return Message(
            title=f"the branches do not fit into `{self.join}`",
            label="gets " + listed((str(shape) for _, shape, _ in self.branches), SHOWN),
            labels=(*_outputs(self.branches), *self.trail),
            helps=(self.shortcut, or_fixed) if self.shortcut else self._help(),
        )

    def _help(self) -> str:
        if self.fixed:
            return _written(*self.fixed)
        if self.rank is not None:
            return f"`dim` is {self.rank} at most here: a sample's dimensions start at 1"
        branch = self.branches[self.odd][2]
        short = branch and len(branch.text) <= _SHORT and "\n" not in branch.text
        got, last = self.branches[self.odd][1].sample, self.takes.last
        lacks_its_last_size = got and got[:-1] == self.takes.sample[:-1] and isinstance(last, int)
        if branch and short and lacks_its_last_size:
            fitted = f"{branch.text} -> Linear(_, {last})"
            return f"make the branches fit: `{fitted}` would give {self.takes}"
        which = f"`{branch.text}`" if branch and short else f"branch {self.odd + 1}"
        return f"make the branches fit: {which} would, if it gave {self.takes}"


def _written(span: Span, layer: str) -> str:
    return f"write `{layer}` in place of `{span.text}`"


class SeveralInputs(Diagnostic):
    """A layer stands after a fan-out that gives more inputs than it ``takes``. ``joins`` would take
    them, each for a shape.
    """

    code = "E0307"
    layer: str
    branches: tuple[Branch, ...]
    joins: Mapping[str, Shape]
    trail: tuple[Label, ...]
    takes: str = "one input"

    def message(self) -> Message:
        joins = ", ".join(f"`-> {join}` (gives {shape})" for join, shape in self.joins.items())
        return Message(
            title=f"`{self.layer}` takes {self.takes}, and gets {len(self.branches):,}",
            label=f"takes {self.takes}",
            labels=(*_outputs(self.branches), *self.trail),
            helps=f"join the branches first: {joins}, or take one by `-> Select(0)`"
            if joins
            else "join the branches first, or take one of them by `-> Select(0)`",
        )


class JoinOfOne(Diagnostic):
    code = "E0308"
    join: str
    trail: tuple[Label, ...]

    def message(self) -> Message:
        return Message(
            title=f"`{self.join}` joins several inputs, and gets one",
            label="gets one input",
            labels=self.trail,
            helps=f"give it a fan-out of several branches: `[Identity, ...] -> {self.join}`",
        )


class LayerRefuses(Diagnostic):
    """A layer cannot take what it ``got``, for a ``reason`` that goes on after its name."""

    code = "E0312"
    layer: str
    reason: str
    help: str
    got: Shape
    made: Label | None
    trail: tuple[Label, ...] = ()

    def message(self) -> Message:
        return Message(
            title=f"`{self.layer}` {self.reason}",
            label=f"gets {self.got}",
            labels=(self.made, *self.trail),
            helps=self.help or "change this layer, or what comes before it",
        )


class WrongInputs(Diagnostic):
    """A layer that ``takes`` numbers gets tokens, or the other way around. ``as_tokens`` is the
    `Input` that would give it tokens, and ``in_data`` the argument of the data that would.
    """

    code = "E0313"
    layer: str
    got: Shape
    takes: str
    made: Label | None
    trail: tuple[Label, ...] = ()
    as_tokens: str = ""
    in_data: str = ""

    def message(self) -> Message:
        are = "numbers" if self.takes == "tokens" else "tokens"
        what = "whole numbers that stand for something, such as characters"
        return Message(
            title=f"`{self.layer}` takes {self.takes}, and gets {are}",
            label=f"takes {self.takes}",
            labels=(self.made, *self.trail),
            notes=f"tokens are {what}",
            helps=self._help(),
        )

    def _help(self) -> Texts:
        if self.in_data:
            tokens = f"if they are tokens or texts, say so in the data: `{self.in_data}`"
            return tokens, f"or leave `{self.layer}` out: numbers are computed with as they are"
        if self.as_tokens:
            return f"say how many tokens there are: `{self.as_tokens}`"
        if self.takes == "tokens":
            return "leave it out: numbers are computed with as they are"
        return "put `Embedding(_, 32) ->` in front: it gives a row of numbers for each token"


class TiedMismatch(Diagnostic):
    """A layer ``needs`` weights of these shapes, and is tied to one that ``owner`` made, which
    ``has`` others. ``unbiased`` is the layer without its bias, if that is too many.
    """

    code = "E0317"
    layer: str
    name: str
    needs: Mapping[str, tuple[Dim, ...]]
    has: Mapping[str, tuple[Dim, ...]]
    owner: Span
    unbiased: str = ""

    def message(self) -> Message:
        return Message(
            title=f"`{self.layer}` cannot take the weight of `{self.name}`",
            label=f"needs {_tensors(self.needs)}",
            labels=Label(self.owner, f"has {_tensors(self.has)}"),
            helps=self._help(),
        )

    def _help(self) -> str:
        if self.unbiased:
            return f"a tied layer has one weight, and no bias: write `{self.unbiased}`"
        needed, had = ([*one.values()][:1] for one in (self.needs, self.has))
        if needed == [one[::-1] for one in had]:
            return "it is the other way around: a `Linear` has a row of weights for each output"
        return "write `_` for the sizes of a tied layer: they are those of the weight"


def _tensors(shapes: Mapping[str, tuple[Dim, ...]]) -> str:
    """``a weight of [10, 3] and a bias of [10]``."""
    return listed(f"a {name} of [{', '.join(map(str, one))}]" for name, one in shapes.items())


class HoleUnsolved(Diagnostic):
    """Nothing determines the size of the hole at ``span``; ``others`` have the same size."""

    code = "E0309"
    argument: str
    layer: str
    takes: Shape | None
    gives: Shape | None
    others: tuple[Span, ...]

    def message(self) -> Message:
        known = [f"`{self.layer}` takes {self.takes}"] if self.takes else []
        known += [f"gives {self.gives}"] if self.gives else []
        return Message(
            title="nothing determines the size of this hole",
            label=f"`{self.argument}` of `{self.layer}`",
            labels=tuple(Label(span, "has to be the same size") for span in self.others[:SHOWN]),
            notes=f"what is known: {' and '.join(known)}" if known else None,
            helps="write a number, or say the input's shape by `data` or `input = [...]`"
            if self.argument.startswith("in")
            else f"write a number{' for one of the holes' if self.others else ''}",
        )


class SeveralOutputs(Diagnostic):
    code = "E0310"
    count: int

    def message(self) -> Message:
        each = ", ".join(["MSE"] * min(self.count, 3))
        losses = f"or give each output a loss of its own: `loss = [{each}]`"
        joins = "join them: end with `-> Add`, `-> Concat` or `-> Select(0)`"
        brackets = "brackets put layers side by side; for a chain, join them by `->`"
        in_brackets = self.span and self.span.text.startswith("[")
        return Message(
            title=f"the network ends in {counted(self.count, 'output')}",
            label="has to end in one",
            helps=(brackets, f"or {joins}", losses) if in_brackets else (joins, losses),
        )


class TargetsMismatch(Diagnostic):
    """The network ends in ``count`` outputs, and the data have others to predict: their ``targets``
    by name, each in words and with the shape of an output for it.
    """

    code = "E0316"
    count: int
    targets: tuple[tuple[str, str, Shape], ...]
    data: Span

    def message(self) -> Message:
        named = [f"`{name}`, {what}" if name else what for name, what, _ in self.targets]
        ends = ", ".join(f"Linear(_, {shape.last}) as {name}" for name, _, shape in self.targets)
        one = len(self.targets) == 1
        target = "the data has one target" if one else f"the data has {len(self.targets)} targets"
        return Message(
            title=f"the network ends in {counted(self.count, 'output')}, and {target}",
            label="the first output" if self.count > 1 else "the only output",
            labels=Label(self.data, "; ".join(named[:SHOWN])),
            helps="let it end in one output"
            if one
            else f"let it end in one output for each: `-> [{ends}]`",
        )


class OutputsOutOfOrder(Diagnostic):
    """The output at the span is called ``name``, as a target of the data that has another place
    among the ``targets``.
    """

    code = "E0316"
    name: str
    targets: tuple[str, ...]
    data: Span

    def message(self) -> Message:
        order = listed(f"`{name}`" for name in self.targets)
        return Message(
            title="the network's outputs stand in another order than the targets of the data",
            label=f"gives `{self.name}`",
            labels=Label(self.data, f"the targets are {order}"),
            helps="put outputs and targets into one order, and the losses, too",
        )


class NothingSelected(Diagnostic):
    code = "E0311"
    count: int
    origins: tuple[Label, ...] = ()

    def message(self) -> Message:
        return Message(
            title="`Select` takes an input that is not there",
            label=f"gets {counted(self.count, 'input')}",
            labels=self.origins,
            helps="remove it: it selects one of several inputs"
            if self.count == 1
            else f"counting starts at 0: the last is `Select({self.count - 1})`",
        )


class OutputMismatch(Diagnostic):
    """The network's output does not have the shape that the classes or numbers to predict need.

    ``fixed`` is the span of a layer, and how it would fit. ``more`` is another help. A sample may
    have to be one row in front of ``flattened``, or if that is empty, in front of all. ``in_steps``
    says that the output has something for each step of a sequence, and ``kept`` how the steps that
    it lacks would come to it.
    """

    code = "E0303"
    got: Shape
    takes: Shape
    data: Span
    target: str
    fixed: tuple[Span, str] | None
    more: str | None = None
    made: tuple[Label, ...] = ()
    flattened: str = ""
    in_steps: bool = False
    kept: str | None = None

    def message(self) -> Message:
        last = f"make the last layer give {self.takes}"
        (first, *places), rank = self.got.sample or [None], len(self.got.sample)
        if rank > 1 and Shape((*places, first)) == self.takes:  # type: ignore[arg-type]
            last = f"what tells the classes apart comes last: `-> Permute({[*range(1, rank), 0]})`"
        if len(self.got.sample) > len(self.takes.sample) == 1 and self.in_steps:
            last += "; `-> Last` behind it keeps the last step of each sequence, `-> Mean` the mean"
        elif len(self.got.sample) > len(self.takes.sample):
            where = f"`{self.flattened}`" if self.flattened else "all"
            last += f"; `Flatten ->` in front of {where} makes one row of a sample"
        return Message(
            title="the network's output does not fit the data",
            label=f"the output is {self.got}",
            labels=(Label(self.data, self.target), *self.made),
            helps=(_written(*self.fixed) if self.fixed else self.kept or last, self.more),
        )


class InputsDisagree(Diagnostic):
    code = "E0304"
    stated: str
    data: Span
    sample: str

    def message(self) -> Message:
        return Message(
            title="`input` and `data` say different shapes",
            label=f"says {self.stated}",
            labels=Label(self.data, f"a sample is {self.sample}"),
            helps="remove `input`: the data knows its own shape",
        )


class InputUnknown(Diagnostic):
    """``meant`` is the setting that the definition at ``span`` was meant to be; ``takes`` is the
    shape that the network takes, as far as it is known.
    """

    code = "E0305"
    meant: Guess | None = None
    takes: Shape | None = None

    def message(self) -> Message:
        title, label, example = "the network's input shape is not known", "takes any shape", "25"
        if self.takes and len(self.takes.sample) > 1:
            channels, *places = self.takes.solved().sample
            label = f"takes {self.takes}"
            known = [1 if isinstance(channels, Unknown) else channels]
            known += [28 if isinstance(size, Unknown) else size for size in places]
            example = ", ".join(map(str, known))
        help = f"say one sample's shape, such as `input = [{example}]`, or give the file its `data`"
        if self.meant:
            label = f"did you mean the setting `{self.meant.text}`?"
            help = f"write `{self.meant.text} = ...`"
            if self.meant.text == "data":
                title = "the network's sizes come from its data, which is not known"
        return Message(title, label, helps=help, fixes=self.replaced_by(self.meant))
