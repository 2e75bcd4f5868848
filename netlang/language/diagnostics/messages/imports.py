"""E0580 to E0582 and E0590 to E0596: files of other frameworks that cannot be read as a network."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Message
from netlang.language.diagnostics.messages.files import AboutAFile
from netlang.language.diagnostics.wording import SHOWN, in_code, listed


class ForeignSyntax(Diagnostic):
    """A text of another framework is not written as it writes its own."""

    code = "E0590"
    format: str
    expected: str

    def message(self) -> Message:
        what = f"unexpected `{self.written}`" if self.written.strip() else "it ends too early"
        return Message(
            title=f"this is not {self.format}: {what}",
            label=f"expected {self.expected} here",
            helps="mend the file, or export it anew: netlang reads it as its own framework does",
        )


class ForeignValue(Diagnostic):
    """A value of a foreign file is missing, or is none that its framework would take."""

    code = "E0591"
    problem: str
    expected: str

    def message(self) -> Message:
        return Message(
            title=self.problem,
            label=f"expected {self.expected}",
            helps="mend it in the file, or export the network anew",
        )


class ForeignRefused(AboutAFile):
    """A file of a ``framework`` cannot be read; the reason goes on from the path."""

    code = "E0580"
    framework: str
    reason: str
    help: str

    def message(self) -> Message:
        return Message(
            title=f"cannot read `{self.path}` as a file of {self.framework}: {self.reason}",
            helps=self.help or "export the network anew",
        )


class ComputesOtherwise(AboutAFile):
    """What is written of a file gives other numbers than it, up to ``difference`` from these."""

    code = "E0581"
    difference: float
    runner: str

    def message(self) -> Message:
        return Message(
            title=f"what is written of `{self.path}` gives other numbers than it: up to "
            f"{self.difference:.2g} apart from those of {self.runner}",
            notes="both were given the same random samples",
            helps="do not trust the weights; please report it, with the file if you can",
        )


class NotMapped(AboutAFile):
    """The tensors of a file are not those of the ``network``: no module fits its layers that are
    ``missing``, and no layer the modules that are ``surplus``.
    """

    code = "E0582"
    network: str
    missing: tuple[str, ...]
    surplus: tuple[str, ...]

    def message(self) -> Message:
        left = (
            f"of `{self.path}`, no layer has the shapes of {listed(in_code(self.surplus), SHOWN)}"
        )
        return Message(
            title=f"`{self.path}` has no weights for {listed(in_code(self.missing), SHOWN)} of "
            f"`{self.network}`",
            notes=left if self.surplus else None,
            helps="as many layers as modules have to have the same shapes: `netlang summary` shows "
            "those of the network",
        )


class NoSuchLayer(Diagnostic):
    """The catalogue has no layer for one of a foreign ``kind``, as the reason says: of a file of
    bytes, it goes on from "it ...".
    """

    code = "E0592"
    kind: str
    layer: str
    reason: str

    def message(self) -> Message:
        name = f" (`{self.layer}`)" if self.layer else ""
        return Message(
            title=f"netlang has nothing for `{self.kind}`{name}",
            label=self.reason,
            notes=f"it {self.reason}" if self.reason and self.span is None else None,
            helps="put layers of netlang in its place in the written file, which `netlang check` "
            "refuses until then; or write the layer yourself, as a plugin",
        )


class UnknownFormat(AboutAFile):
    """Nothing tells which framework a file is of; ``help`` says what to do, if that is plain."""

    code = "E0593"
    formats: tuple[str, ...]
    help: str = ""

    def message(self) -> Message:
        return Message(
            title=f"`{self.path}` is no network that netlang can read",
            notes=f"it reads {listed(self.formats)}",
            helps=self.help or "say what it is by `--from`, if its ending does not",
        )


class NothingGives(Diagnostic):
    """A layer takes ``what``, which no input or earlier layer gives; it may mean ``near``."""

    code = "E0594"
    what: str
    near: str | None

    def message(self) -> Message:
        near = self.near and f"did you mean `{self.near}`?"
        return Message(
            title=f"nothing gives `{self.what}`",
            label="no input and no layer above has this name",
            helps=near or "a layer stands below all that it takes from",
        )


class NoInputShape(AboutAFile):
    """A foreign file leaves open how large a sample is."""

    code = "E0595"
    names: tuple[str, ...]

    def message(self) -> Message:
        return Message(
            title=f"`{self.path}` does not say the shape of {listed(in_code(self.names))}",
            helps="say it by `--input`: channels, height and width, such as `--input 3,224,224`",
        )


class DoesNotFit(AboutAFile):
    """What is written of a foreign file has a mistake, as the foreign network itself has one: it is
    ``found`` at the foreign ``layer``.
    """

    code = "E0596"
    found: Diagnostic
    layer: str

    def message(self) -> Message:
        at = f" (`{self.layer}`)" if self.layer else ""
        return Message(
            title=f"the network does not fit together: {self.found.title}{at}",
            label=self.found.label,
            notes=f"in netlang it is `{self.found.written}`" if self.found.written else None,
            helps=self.found.helps,
        )
