"""E0454 to E0458: what a first file for a table is to predict, and from what."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Message, Texts
from netlang.language.diagnostics.messages.files import AboutAFile
from netlang.language.diagnostics.shell import shell_word
from netlang.language.diagnostics.wording import counted
from netlang.system.record import Record

_SHOWN = 40  # columns


class ColumnHeld(Record):
    """A column of a ``kind``, and what it ``holds``."""

    name: str
    kind: str
    holds: str


class NoTarget(AboutAFile):
    """Nobody has said which of the ``columns`` is to be predicted; it may be the one ``meant``."""

    code = "E0454"
    columns: tuple[ColumnHeld, ...]
    meant: str
    what: str = "column"

    def message(self) -> Message:
        return Message(
            title=f"which of the {counted(len(self.columns), self.what)} of `{self.path}` is to be "
            "predicted?",
            notes=self._notes(),
            helps=_name_one(self.path, self.meant),
        )

    def _notes(self) -> Texts:
        shown = (f"{_named(one.name)} ({one.kind}): {one.holds}" for one in self.columns[:_SHOWN])
        more = len(self.columns) - _SHOWN
        return (*shown, f"and {counted(more, f'more {self.what}')}" if more > 0 else None)


class UnfitTarget(AboutAFile):
    """The ``column`` cannot be predicted for a ``reason``, which goes on from its name, and tells
    what to mend if that ``mends`` it.
    """

    code = "E0455"
    column: str
    reason: str
    mends: bool
    meant: str

    def message(self) -> Message:
        numbers = f"write plain numbers in `{self.column}`, and no sign, unit or comma"
        return Message(
            title=f"`{self.column}` of `{self.path}` {self.reason}",
            helps=numbers if self.mends else _name_one(self.path, self.meant),
        )


class NothingNamed(AboutAFile):
    """The data at ``path`` are ``what``, which has no column ``target``."""

    code = "E0456"
    target: str
    what: str
    told: str

    def message(self) -> Message:
        return Message(
            title=f"`{self.path}` is {self.what}, and has no column `{self.target}`",
            helps=f"leave `--target` out: {self.told}",
        )


class NothingLearned(AboutAFile):
    """The ``target`` has to be learned from other columns, and all are ``left_out``, each with the
    reason for it.
    """

    code = "E0457"
    target: str
    left_out: tuple[tuple[str, str], ...]

    def message(self) -> Message:
        shown = (f"{_named(name)}: {reason}" for name, reason in self.left_out[:_SHOWN])
        more = len(self.left_out) - _SHOWN
        return Message(
            title=f"`{self.path}` has no column from which `{self.target}` could be learned",
            notes=(*shown, f"and {counted(more, 'more column')}" if more > 0 else None),
            helps="mend one of them, or add one: of numbers, without a sign or a unit, such as "
            "`12.5`, or of categories, each of which several rows have",
        )


class ToMend(AboutAFile):
    """What is ``found`` in the table is no more than a warning, and no first file answers it."""

    code = "E0458"
    found: Diagnostic

    def message(self) -> Message:
        return Message(
            title=f"`{self.path}` needs mending first: {self.found.title}",
            notes=self.found.notes,
            helps=self.found.helps,
        )


def _named(column: str) -> str:
    return f"`{column}`" if column else "a column without a name"


def _name_one(path: str, meant: str) -> str:
    if not meant:
        return "a table needs a column of classes, or of numbers, which is not the same in all rows"
    command = f"netlang new {shell_word(path)} --target {shell_word(meant)}"
    return f"name the one that you want to know of new data, such as `{command}`"
