"""E02xx: names, arguments and values."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Fix, Label, Message, Worded
from netlang.language.diagnostics.suggest import Guess
from netlang.language.diagnostics.wording import (
    SHOWN,
    circle,
    counted,
    in_code,
    listed,
    with_article,
)
from netlang.language.source import Span


class UnknownName(Diagnostic):
    """``meant`` is the name to write, and ``note`` says more about it, or what there is instead.

    If that is a tap, it is ``made`` there. If nothing uses that name, its definition, at
    ``misspelt``, seems to be wrong. ``others`` are the other uses of the unknown name in the file.
    A ``call`` of another framework becomes another one; ``also`` says what else may be meant by it.
    """

    code = "E0201"
    meant: Guess | None
    note: str | None = None
    help: str | None = None
    made: Span | None = None
    misspelt: Span | None = None
    others: tuple[Span, ...] = ()
    what: str = "name"
    call: tuple[Span, Guess] | None = None
    also: str | None = None

    def message(self) -> Message:
        return Message(
            title=f"unknown {self.what} `{self.written}`",
            label=self.meant.question if self.meant else "not a name that is known here",
            labels=self._labels(),
            notes=self.note,
            helps=(self.help or self._help(), self.also),
            fixes=self._fixes(),
        )

    def _labels(self) -> tuple[Label | None, ...]:
        meant = self.meant.text if self.meant else ""
        if self.misspelt:
            return (Label(self.misspelt, f"nothing uses `{meant}`, defined here"),)
        made = Label.at(self.made, f"`{meant}` is made here")
        return (made, *(Label(span, "and here") for span in self.others[:SHOWN]))

    def _help(self) -> str:
        if self.call:
            return f"write `{self.call[1].text}`"
        if self.meant and self.misspelt:
            return f"write `{self.written} = ...` where `{self.meant.text}` is defined"
        if self.meant:
            return f"write `{self.meant.text}`"
        if self.written[:1].isupper():
            return "`netlang layers` lists what there is"
        return f"define it, `{self.written} = ...`, or run `netlang layers` for what there is"

    def _fixes(self) -> tuple[Fix, ...]:
        if not (self.meant and self.meant.sure and self.span):
            return ()
        if self.misspelt:
            return (Fix(self.misspelt, self.written),)
        if self.call and self.call[1].sure:
            return (Fix(self.call[0], self.call[1].text),)
        return tuple(Fix(span, self.meant.text) for span in (self.span, *self.others))


class DefinedTwice(Diagnostic):
    """``bare`` says that the second definition is a chain without a name."""

    code = "E0202"
    name: str
    first: Span
    bare: bool = False

    def message(self) -> Message:
        label, help = "defined again", "remove one of the two, or give it another name"
        if self.bare:
            label = "a chain without a name defines `net` again"
            help = "begin the line with `->` to go on with the chain above, or give it a name"
        first = Label(self.first, "first defined here")
        return Message(f"`{self.name}` is defined twice", label, first, helps=help)


class ImportedTwice(Diagnostic):
    """The file ``path`` is imported twice, so all of its names would be defined twice."""

    code = "E0202"
    path: str
    first: Span

    def message(self) -> Message:
        first = Label(self.first, "first imported here")
        title = f"`{self.path}` is imported twice"
        return Message(title, "imported already", first, helps="remove this line")


class ReservedName(Diagnostic):
    """``first`` is where the library defines it, if it is one of the library's blocks. ``help``
    says what to do if it was to be a setting.
    """

    code = "E0203"
    kind: str
    first: Span | None = None
    help: str | None = None

    def message(self) -> Message:
        return Message(
            title=f"`{self.written}` is the name of {with_article(self.kind)} already",
            label="cannot be defined again",
            labels=Label.at(self.first, "every file may use this one"),
            helps=self.help or f"choose another name, such as `my_{self.written.lower()}`",
        )


class UnknownArgument(Diagnostic):
    """``whole`` is where the call stands, and what is meant by it, if that is known."""

    code = "E0204"
    item: str
    signature: str
    meant: Guess | None
    of_block: bool
    help: str | None = None
    whole: tuple[Span, Guess] | None = None

    def message(self) -> Message:
        fix = self.replaced_by(self.meant)
        if self.whole:
            span, call = self.whole
            fix = Fix(span, call.text) if call.sure else None
        return Message(
            title=f"`{self.item}` has no argument `{self.written}`",
            label=self.meant.question if self.meant else "unknown argument",
            notes=f"it is `{self.signature}`",
            helps=(self._help(), f"the call is `{self.whole[1].text}`" if self.whole else None),
            fixes=fix,
        )

    def _help(self) -> str:
        if self.meant:
            return f"write `{self.meant.text}`"
        if self.help:
            return self.help
        if self.of_block:
            return "remove it, or add it to the block's parameters"
        return "remove it"


class MissingArgument(Diagnostic):
    """``or_hole`` is the call with a hole for the size, if that can be meant. ``instead`` says what
    else can be.
    """

    code = "E0205"
    item: str
    missing: tuple[str, ...]
    docs: tuple[str, ...]
    signature: str
    example: str
    or_hole: str = ""
    instead: str = ""

    def message(self) -> Message:
        names = in_code(self.missing)
        own = "value" if len(self.missing) == 1 else "values"
        example, hole = f"`{self.example}`, with your own {own}", self.or_hole
        by_hole = f"write `{hole}`, where netlang finds the size `_`"
        return Message(
            title=f"`{self.item}` needs {listed(names)}",
            label="; ".join(f"{name}: {doc}" for name, doc in zip(names, self.docs, strict=True)),
            notes=f"it is `{self.signature}`",
            helps=(by_hole, f"or {example}")
            if hole
            else (f"write {example}", self.instead and f"or {self.instead}"),
        )


class RepeatedArgument(Diagnostic):
    code = "E0206"
    item: str
    argument: str
    first: Span

    def message(self) -> Message:
        return Message(
            title=f"`{self.item}` gets `{self.argument}` twice",
            label="given again",
            labels=Label(self.first, "first given here"),
            helps="remove one of the two",
        )


class UnnamedAfterNamed(Diagnostic):
    """``decimal`` is the number that a comma may have broken into the two arguments."""

    code = "E0217"
    item: str
    named: Span
    signature: str
    decimal: str = ""

    def message(self) -> Message:
        help = "write the argument's name before it, or put it before those with names"
        return Message(
            title=f"`{self.item}` gets an argument without a name after one that has a name",
            label="its position does not say which argument it is",
            labels=Label(self.named, "an argument with a name"),
            notes=f"it is `{self.signature}`",
            helps=(_decimal_point(self.decimal), help),
        )


class RequiredAfterDefault(Diagnostic):
    """A parameter of a block without a default stands behind ``default``, which has one. ``head``
    is how the block would begin without that.
    """

    code = "E0217"
    block: str
    default: Span
    head: str

    def message(self) -> Message:
        return Message(
            title=f"`{self.written}` of `{self.block}` has no default, and stands behind a "
            "parameter that has one",
            label="has to be given at each use",
            labels=Label(self.default, "may be left out"),
            helps=f"those without a default come first: `block {self.head}`; or give "
            f"`{self.written}` a default, too",
        )


def _decimal_point(number: str) -> str | None:
    return f"a decimal number has a point: write `{number}`" if number else None


class TooManyArguments(Diagnostic):
    """``decimal`` is the number that a comma may have broken into two arguments.

    ``inner`` is a layer or chain that is the argument, as in libraries where layers are called.
    """

    code = "E0207"
    item: str
    takes: int
    signature: str
    of_block: bool = False
    decimal: str = ""
    inner: str = ""

    def message(self) -> Message:
        most = f"{counted(self.takes, 'argument')} at most"
        return Message(
            title=f"`{self.item}` takes {most if self.takes else 'no arguments'}",
            label="one too many" if self.takes else "remove this",
            notes=f"it is `{self.signature}`" if self.takes else None,
            helps=(_decimal_point(self.decimal), self._help()),
        )

    def _help(self) -> str:
        if self.inner:
            return f"layers are joined by `->`: `{self.inner} -> {self.item}`"
        if self.of_block:
            return "remove the extra argument, or add a parameter to the block"
        return "remove the extra argument" if self.takes else f"write `{self.item}`"


class _BadValue(Diagnostic):
    """``what`` takes ``expects``, and got a value that comes from ``origins``."""

    what: str
    expects: str
    got: str
    help: str | None = None
    origins: tuple[Label, ...] = ()
    meant: Guess | None = None

    def _bad_value(self, title: str, label: str) -> Message:
        write = f"write `{self.meant.text}`" if self.meant else f"give {self.expects}"
        fix = self.replaced_by(self.meant)
        return Message(title, label, self.origins, helps=self.help or write, fixes=fix)


class WrongType(_BadValue):
    code = "E0208"

    def message(self) -> Message:
        return self._bad_value(f"{self.what} takes {self.expects}", f"this is {self.got}")


class OutOfRange(_BadValue):
    code = "E0209"

    def message(self) -> Message:
        return self._bad_value(f"{self.what} cannot be {self.got}", f"takes {self.expects}")


class DoubtfulValue(Diagnostic):
    """``what`` is seldom so; ``help`` says what else may be meant."""

    code = "W0674"
    what: str
    value: str
    help: str

    def message(self) -> Message:
        return Message(f"{self.what} is seldom {self.value}", "taken as it is", helps=self.help)


class Cycle(Diagnostic):
    code = "E0210"
    names: tuple[str, ...]
    others: tuple[Span, ...]
    blocks: bool = False

    def message(self) -> Message:
        count = len(self.names)
        uses = [f"uses `{self.names[(index + 1) % count]}`" for index in range(count)]
        return Message(
            title=self._title(),
            label=uses[0],
            labels=tuple(map(Label, self.others[:SHOWN], uses[1:])),
            helps=self._help(),
        )

    def _title(self) -> str:
        if len(self.names) > 1:
            return f"definitions go in a circle: {circle(self.names)}"
        if self.blocks:
            return f"the block `{self.names[0]}` uses itself"
        return f"`{self.names[0]}` is defined by itself"

    def _help(self) -> str:
        if self.blocks:
            return "a block cannot use itself; `A * n` repeats a network"
        if len(self.names) == 1:
            return f"write out what `{self.names[0]}` is, or use another name in it"
        return "write out the value of one of them"


class NothingToTie(Diagnostic):
    """A layer takes the weight of the shared network ``name``, which has so many ``layers`` with
    weights, and not one; or which the network does not have before it, and so is not ``used``.
    """

    code = "E0218"
    name: str
    layers: int
    used: bool

    def message(self) -> Message:
        if not self.used:
            return Message(
                title=f"`{self.name}` has no weights yet",
                label="not used before this layer",
                helps=f"use `{self.name}` in the network first: a tied layer takes the weight of "
                "an earlier one",
            )
        count = counted(self.layers, "layer") if self.layers else "no layer"
        return Message(
            title=f"`{self.name}` has {count} with weights, and one gives its weight",
            label=f"has {count} with weights",
            helps="make the layer whose weight is meant a `shared` network of its own",
        )


class WrongKind(Worded):
    code = "E0211"


class BadArithmetic(Worded):
    code = "E0212"


class NetworkTooLarge(Diagnostic):
    """``what`` is counted: layers, parts of the network's description, or connections.

    ``count`` is None if they were not counted to the end.
    """

    code = "E0213"
    count: int | None
    limit: int
    what: str

    def message(self) -> Message:
        if self.count is None:
            count = f"more than {self.limit:,}"
        else:
            count = f"{self.count:,}" if self.count < 10**15 else "more than 10^15"
        return Message(
            title=f"a network of {count} {self.what} is more than netlang takes",
            label=f"the limit is {self.limit:,} {self.what}",
            helps=f"use fewer {self.what}",
        )


class ExpandsTooFar(Diagnostic):
    code = "E0214"
    block: str
    limit: int

    def message(self) -> Message:
        return Message(
            title="blocks that use blocks expand to more than netlang takes",
            label=f"the limit is passed in `{self.block}`",
            notes=f"the limit is {self.limit:,} expressions",
            helps="use fewer layers; `A * n` repeats a network without expanding it again",
        )


class TapNotMade(Diagnostic):
    code = "E0215"

    def message(self) -> Message:
        return Message(
            title=f"the tap `{self.written}` is used before it is made",
            label="nothing has come through it yet",
            helps=f"put `... as {self.written}` earlier in the chain than its use",
        )


class TapDropsInput(Diagnostic):
    code = "E0216"

    def message(self) -> Message:
        return Message(
            title=f"the tap `{self.written}` throws away what comes before it",
            label="gives its own value, whatever its input is",
            helps=f"make it a branch, and join the two: `[Identity, {self.written}] -> Concat`",
        )


class InputDropsInput(Diagnostic):
    code = "E0216"

    def message(self) -> Message:
        return Message(
            title=f"`{self.written}` throws away what comes before it",
            label="begins with the data, whatever its input is",
            helps="begin a branch with it, and join the two: "
            f"`[Identity, {self.written}] -> Concat`",
        )
