"""E0304, E0314, E0315, E0318, W0626: the inputs of a network that has several."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message
from netlang.language.diagnostics.suggest import Guess
from netlang.language.diagnostics.wording import SHOWN, counted, in_code, listed
from netlang.language.source import Span


class UnknownInput(Diagnostic):
    """The data at ``data`` have no input of the ``name`` at the span, but those of ``known``."""

    code = "E0314"
    name: str
    known: tuple[str, ...]
    data: Span
    meant: Guess | None = None

    def message(self) -> Message:
        help = "leave `Input` out: the network then takes a whole sample"
        if self.known:
            help = f"its inputs are {listed(in_code(self.known), SHOWN)}"
        return Message(
            title=f"the data has no input `{self.name}`",
            label=self.meant.question if self.meant else "not one of its inputs",
            labels=Label(self.data, "the data" if self.known else "its inputs have no names"),
            helps=help,
        )


class InputShapeUnknown(Diagnostic):
    """No data and no other place in the file say the shape of the input called ``name``."""

    code = "E0315"
    name: str

    def message(self) -> Message:
        return Message(
            title=f"nothing says the shape of the input `{self.name}`",
            label="has no shape here",
            helps=f"say that of one sample, `{self._call}`, or give the file its `data`",
        )

    @property
    def _call(self) -> str:
        inside = self.written.removeprefix("Input").strip().removeprefix("(").removesuffix(")")
        return f"Input({inside}, shape=[8])"


class InputShapesDisagree(Diagnostic):
    """The shape ``stated`` for an input at the span is another than at ``elsewhere``."""

    code = "E0304"
    name: str
    stated: str
    elsewhere: Span
    other: str

    def message(self) -> Message:
        return Message(
            title=f"the input `{self.name}` has two shapes",
            label=f"says {self.stated}",
            labels=Label(self.elsewhere, f"says {self.other}"),
            helps="say its shape once, or the same shape each time",
        )


class RowsDisagree(Diagnostic):
    """``input`` at the span says another shape than the ``row`` of all inputs has."""

    code = "E0304"
    stated: str
    first: Span
    row: str

    def message(self) -> Message:
        return Message(
            title="`input` says another shape than the inputs have together",
            label=f"says {self.stated}",
            labels=Label(self.first, f"side by side, the inputs are {self.row}"),
            helps="remove `input`: each `Input` says its own shape",
        )


class RowOfSequences(Diagnostic):
    """A layer at the span takes a row of several inputs as it is, and ``sequences`` among them are
    tokens or have padding. With ``together``, it is an ``Input`` that names several of them;
    ``are_tokens`` says that each is a token, and no sequence of them.
    """

    code = "E0318"
    sequences: tuple[str, ...]
    others: tuple[str, ...]
    data: Span
    together: bool = False
    are_tokens: bool = False

    def message(self) -> Message:
        them = in_code((*self.sequences, *self.others)[:SHOWN])
        inputs = ", ".join(f"Input({name.replace('`', chr(34))}) -> ..." for name in them)
        sequences = listed(in_code(self.sequences), SHOWN)
        what = "token" if self.are_tokens else "sequence"
        is_what = f"is a {what}" if len(self.sequences) == 1 else f"are {what}s"
        return Message(
            title=f"{sequences} {is_what}, and cannot lie in a row with other inputs",
            label="names several inputs" if self.together else "takes all inputs as one row",
            labels=Label(self.data, "the data"),
            helps=f"begin a branch with each, and join them: `[{inputs}] -> Concat`",
        )


class InputsUnused(Diagnostic):
    """The network takes some inputs of the data at the span, and leaves out those of ``names``."""

    code = "W0626"
    names: Sequence[str]
    ignorable: bool  # whether the data set has the argument `ignore`

    def message(self) -> Message:
        names = listed(in_code(self.names), SHOWN)
        count = counted(len(self.names), "input")
        ignored = ", ".join(f'"{name}"' for name in self.names[:SHOWN])
        return Message(
            title=f"the network does not take {count} of the data: {names}",
            label=f"has {names}",
            helps=f'take them, as by `Input("{self.names[0]}")`'
            + (f", or leave them out: `ignore=[{ignored}]`" if self.ignorable else ""),
        )
