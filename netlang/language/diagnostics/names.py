"""E02xx: names, arguments and values."""

from __future__ import annotations

from typing import ClassVar

from netlang.language.diagnostics.diagnostic import Diagnostic, Fix, Label, listed
from netlang.language.source import Span

_OTHERS = 4  # spans of an unknown name that are shown, the first apart


class UnknownName(Diagnostic):
    """``meant`` is the name to write, which is ``sure`` or a guess, and a tap if it is ``made``
    somewhere; ``note`` says more about it, or what there is instead. ``misspelt`` is where
    ``meant`` is defined, if it is that name which seems to be wrong: nothing uses it. ``others``
    are the name's other spans in the file.
    """

    code: ClassVar = "E0201"
    name: str
    what: str
    meant: str | None
    note: str | None = None
    help: str | None = None
    made: Span | None = None
    misspelt: Span | None = None
    others: tuple[Span, ...] = ()
    sure: bool = False

    @property
    def labels(self) -> tuple[Label, ...]:
        if self.misspelt:
            return (Label(self.misspelt, f"nothing uses `{self.meant}`, defined here"),)
        made = [Label(self.made, f"`{self.meant}` is made here")] if self.made else []
        return (*made, *(Label(span, "and here") for span in self.others[:_OTHERS]))

    @property
    def title(self) -> str:
        return f"unknown {self.what} `{self.name}`"

    @property
    def label(self) -> str:
        return f"did you mean `{self.meant}`?" if self.meant else "not a name that is known here"

    @property
    def notes(self) -> tuple[str, ...]:
        return (self.note,) if self.note else ()

    @property
    def helps(self) -> tuple[str, ...]:
        if self.help:
            return (self.help,)
        if self.misspelt:
            return (f"write `{self.name} = ...` where `{self.meant}` is defined",)
        if self.meant:
            return (f"write `{self.meant}`",)
        if self.name[:1].isupper():
            return ("`netlang layers` lists what there is",)
        return (f"define it, `{self.name} = ...`, or run `netlang layers` for what there is",)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        if not (self.meant and self.sure and self.span):
            return ()
        if self.misspelt:
            return (Fix(self.misspelt, self.name),)
        return tuple(Fix(span, self.meant) for span in (self.span, *self.others))


class DefinedTwice(Diagnostic):
    code: ClassVar = "E0202"
    name: str
    first: Span
    bare: bool = False

    @property
    def title(self) -> str:
        return f"`{self.name}` is defined twice"

    @property
    def label(self) -> str:
        return "a chain without a name defines `net` again" if self.bare else "defined again"

    @property
    def labels(self) -> tuple[Label, ...]:
        return (Label(self.first, "first defined here"),)

    @property
    def helps(self) -> tuple[str, ...]:
        if self.bare:
            return ("begin the line with `->` to go on with the chain above, or give it a name",)
        return ("remove one of the two, or give it another name",)


class ReservedName(Diagnostic):
    """``first`` is where the library defines it, if it is a block of that."""

    code: ClassVar = "E0203"
    name: str
    kind: str
    first: Span | None = None

    @property
    def title(self) -> str:
        return f"`{self.name}` is the name of a {self.kind} already"

    @property
    def label(self) -> str:
        return "cannot be defined again"

    @property
    def labels(self) -> tuple[Label, ...]:
        return (Label(self.first, "every file may use this one"),) if self.first else ()

    @property
    def helps(self) -> tuple[str, ...]:
        return (f"choose another name, such as `my_{self.name.lower()}`",)


class UnknownArgument(Diagnostic):
    """``meant`` is the argument that seems to be meant, which is ``sure`` or a guess."""

    code: ClassVar = "E0204"
    item: str
    argument: str
    signature: str
    meant: str | None
    of_block: bool = False
    sure: bool = False

    @property
    def title(self) -> str:
        return f"`{self.item}` has no argument `{self.argument}`"

    @property
    def label(self) -> str:
        return f"did you mean `{self.meant}`?" if self.meant else "unknown argument"

    @property
    def notes(self) -> tuple[str, ...]:
        return (f"it is `{self.signature}`",)

    @property
    def helps(self) -> tuple[str, ...]:
        if self.meant:
            return (f"write `{self.meant}`",)
        if self.of_block:
            return ("remove it, or add it to the block's parameters",)
        return ("remove it",)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        return (Fix(self.span, self.meant),) if self.meant and self.sure and self.span else ()


class MissingArgument(Diagnostic):
    """``or_hole`` is how it is written with a size for netlang to find, if that can be meant."""

    code: ClassVar = "E0205"
    item: str
    missing: tuple[str, ...]
    docs: tuple[str, ...]
    signature: str
    example: str
    or_hole: str = ""

    @property
    def title(self) -> str:
        return f"`{self.item}` needs {listed([f'`{name}`' for name in self.missing])}"

    @property
    def label(self) -> str:
        return "; ".join(
            f"`{name}`: {doc}" for name, doc in zip(self.missing, self.docs, strict=True)
        )

    @property
    def notes(self) -> tuple[str, ...]:
        return (f"it is `{self.signature}`",)

    @property
    def helps(self) -> tuple[str, ...]:
        write = f"write `{self.example}`, with your own value"
        if not self.or_hole:
            return (write,)
        return (write, f"or `{self.or_hole}`, where netlang finds the size `_`")


class RepeatedArgument(Diagnostic):
    code: ClassVar = "E0206"
    item: str
    argument: str
    first: Span

    @property
    def title(self) -> str:
        return f"`{self.item}` gets `{self.argument}` twice"

    @property
    def label(self) -> str:
        return "given again"

    @property
    def labels(self) -> tuple[Label, ...]:
        return (Label(self.first, "first given here"),)

    @property
    def helps(self) -> tuple[str, ...]:
        return ("remove one of the two",)


class UnnamedBehindNamed(Diagnostic):
    """``decimal`` is the number that a comma may have broken into the two arguments."""

    code: ClassVar = "E0217"
    item: str
    named: Span
    signature: str
    decimal: str = ""

    @property
    def title(self) -> str:
        return f"`{self.item}` gets an argument without a name behind one that has a name"

    @property
    def label(self) -> str:
        return "which argument this is cannot be told by its place"

    @property
    def labels(self) -> tuple[Label, ...]:
        return (Label(self.named, "an argument with a name"),)

    @property
    def notes(self) -> tuple[str, ...]:
        return (f"it is `{self.signature}`",)

    @property
    def helps(self) -> tuple[str, ...]:
        help = "write the argument's name before it, or put it before those with names"
        return (*_decimal_point(self.decimal), help)


def _decimal_point(number: str) -> tuple[str, ...]:
    return (f"a decimal number has a point: write `{number}`",) if number else ()


class TooManyArguments(Diagnostic):
    """``decimal`` is the number that a comma may have broken into two arguments. ``inner`` is the
    layer or chain that is given to another, as in libraries that call layers.
    """

    code: ClassVar = "E0207"
    item: str
    takes: int
    signature: str
    of_block: bool = False
    decimal: str = ""
    inner: str = ""

    @property
    def title(self) -> str:
        if not self.takes:
            return f"`{self.item}` takes no arguments"
        return f"`{self.item}` takes {self.takes} argument{'s' * (self.takes > 1)} at most"

    @property
    def label(self) -> str:
        return "one too many" if self.takes else "remove this"

    @property
    def notes(self) -> tuple[str, ...]:
        return (f"it is `{self.signature}`",) if self.takes else ()

    @property
    def helps(self) -> tuple[str, ...]:
        if self.inner:
            help = f"layers are joined by `->`: `{self.inner} -> {self.item}`"
        elif self.of_block:
            help = "remove what is too many, or add a parameter to the block"
        else:
            help = f"write `{self.item}`" if not self.takes else "remove what is too many"
        return (*_decimal_point(self.decimal), help)


class _BadValue(Diagnostic):
    """``what`` takes ``expects`` and got something else, which comes from ``origins``. ``fix`` is
    what to write in its place, if that is sure.
    """

    what: str
    expects: str
    got: str
    help: str | None = None
    origins: tuple[Label, ...] = ()
    fix: str | None = None

    @property
    def labels(self) -> tuple[Label, ...]:
        return self.origins

    @property
    def helps(self) -> tuple[str, ...]:
        return (self.help or f"give {self.expects}",)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        return (Fix(self.span, self.fix),) if self.span and self.fix else ()


class WrongType(_BadValue):
    code: ClassVar = "E0208"

    @property
    def title(self) -> str:
        return f"{self.what} takes {self.expects}"

    @property
    def label(self) -> str:
        return f"this is {self.got}"


class OutOfRange(_BadValue):
    code: ClassVar = "E0209"

    @property
    def title(self) -> str:
        return f"{self.what} cannot be {self.got}"

    @property
    def label(self) -> str:
        return f"takes {self.expects}"


class Cycle(Diagnostic):
    code: ClassVar = "E0210"
    names: tuple[str, ...]
    others: tuple[Span, ...]
    blocks: bool = False

    @property
    def title(self) -> str:
        if len(self.names) == 1 and self.blocks:
            return f"the block `{self.names[0]}` uses itself"
        if len(self.names) == 1:
            return f"`{self.names[0]}` is defined by itself"
        return "definitions go in a circle: " + " -> ".join((*self.names[:8], self.names[0]))

    @property
    def label(self) -> str:
        return f"uses `{self.names[1 % len(self.names)]}`"

    @property
    def labels(self) -> tuple[Label, ...]:
        return tuple(
            Label(span, f"uses `{self.names[(index + 2) % len(self.names)]}`")
            for index, span in enumerate(self.others[:3])
        )

    @property
    def helps(self) -> tuple[str, ...]:
        if self.blocks:
            return ("a block cannot use itself; `A * n` repeats a network",)
        if len(self.names) == 1:
            return (f"write out what `{self.names[0]}` is, or use another name in it",)
        return ("write out the value of one of them",)


class WrongKind(Diagnostic):
    code: ClassVar = "E0211"
    problem: str
    label_text: str
    help: str
    origins: tuple[Label, ...] = ()

    @property
    def labels(self) -> tuple[Label, ...]:
        return self.origins

    @property
    def title(self) -> str:
        return self.problem

    @property
    def label(self) -> str:
        return self.label_text

    @property
    def helps(self) -> tuple[str, ...]:
        return (self.help,)


class BadArithmetic(Diagnostic):
    code: ClassVar = "E0212"
    problem: str
    help: str
    origins: tuple[Label, ...] = ()

    @property
    def labels(self) -> tuple[Label, ...]:
        return self.origins

    @property
    def title(self) -> str:
        return self.problem

    @property
    def helps(self) -> tuple[str, ...]:
        return (self.help,)


class NetworkTooLarge(Diagnostic):
    """``what`` are the layers, or the parts of the network's description, of which there are
    ``count``.
    """

    code: ClassVar = "E0213"
    count: int
    limit: int
    what: str

    @property
    def title(self) -> str:
        return f"a network of {_large(self.count)} {self.what} is more than netlang takes"

    @property
    def label(self) -> str:
        return f"the limit is {self.limit:,} {self.what}"

    @property
    def helps(self) -> tuple[str, ...]:
        return ("use fewer layers",)


class ExpandsTooFar(Diagnostic):
    code: ClassVar = "E0214"
    block: str
    limit: int

    @property
    def title(self) -> str:
        return "blocks that use blocks expand to more than netlang takes"

    @property
    def label(self) -> str:
        return f"the limit is passed in `{self.block}`"

    @property
    def notes(self) -> tuple[str, ...]:
        return (f"the limit is {self.limit:,} expressions",)

    @property
    def helps(self) -> tuple[str, ...]:
        return ("use fewer layers; `A * n` repeats a network without expanding it again",)


class TapNotMade(Diagnostic):
    code: ClassVar = "E0215"
    name: str

    @property
    def title(self) -> str:
        return f"the tap `{self.name}` is used before it is made"

    @property
    def label(self) -> str:
        return "nothing has come through it yet"

    @property
    def helps(self) -> tuple[str, ...]:
        return (f"put `... as {self.name}` earlier in the chain than its use",)


class TapDropsInput(Diagnostic):
    code: ClassVar = "E0216"
    name: str

    @property
    def title(self) -> str:
        return f"the tap `{self.name}` throws away what comes before it"

    @property
    def label(self) -> str:
        return "gives its own value, whatever it is given"

    @property
    def helps(self) -> tuple[str, ...]:
        return (f"make it a branch, and join the two: `[Identity, {self.name}] -> Concat`",)


def _large(count: int) -> str:
    return f"{count:,}" if count < 10**15 else "more than 10^15"
