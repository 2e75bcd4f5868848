"""E0505 to E0509: model files that cannot be used, and tables that a model cannot take."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Message, Texts
from netlang.language.diagnostics.messages.files import AboutAFile
from netlang.language.diagnostics.suggest import nearest
from netlang.language.diagnostics.wording import SHOWN, counted, in_code, listed
from netlang.system.record import Record

NAMED = 12  # columns that are named
A_MODEL = "name the folder of a finished run, or the `model.safetensors` in it"


class NoModel(AboutAFile):
    """``path``, which should be a run's folder or a model file, has no model for this ``reason``.

    The reason goes on from the path, as in "`runs/a` is not there".
    """

    code = "E0505"
    reason: str
    help: str = A_MODEL

    def message(self) -> Message:
        return Message(title=f"`{self.path}` {self.reason}", helps=self.help)


class ModelUnreadable(AboutAFile):
    """``reason`` goes on from "cannot read the model file `...`: "."""

    code = "E0506"
    reason: str
    help: str = "put it back as the run left it, or run the file again"

    def message(self) -> Message:
        title = f"cannot read the model file `{self.path}`: {self.reason}"
        return Message(title, helps=self.help)


class OtherShape(Record):
    """A tensor whose ``found`` shape is not the one that the program ``takes``."""

    name: str
    found: tuple[int, ...]
    takes: tuple[int, ...]

    @property
    def text(self) -> str:
        return f"`{self.name}` has shape {[*self.found]}, and the program takes {[*self.takes]}"


class OtherTensors(AboutAFile):
    """The file has other tensors than its program: those ``missing`` or ``surplus``, by name, and
    those of another shape.
    """

    code = "E0507"
    missing: tuple[str, ...]
    surplus: tuple[str, ...]
    shapes: tuple[OtherShape, ...]

    def message(self) -> Message:
        notes = [shape.text for shape in self.shapes[:SHOWN]]
        if more := self.shapes[SHOWN:]:
            notes.append(f"of another shape are {listed(in_code(one.name for one in more), SHOWN)}")
        for names, what in ((self.missing, "it lacks"), (self.surplus, "it has besides")):
            if names:
                notes.append(f"{what} {listed(in_code(names), SHOWN)}")
        return Message(
            title=f"the tensors in `{self.path}` are not those of its program",
            notes=tuple(notes),
            helps="put it back as the run left it, or run the file again",
        )


class NothingToBeginWith(AboutAFile):
    """No tensor of the model file ``path`` has the name and the shape of one of the network's.

    Those ``missing`` are the network's alone, and those ``surplus`` the file's.
    """

    code = "E0509"
    shapes: tuple[OtherShape, ...]
    missing: tuple[str, ...]
    surplus: tuple[str, ...]

    def message(self) -> Message:
        notes = [
            f"`{one.name}` has shape {[*one.found]}, and the network takes {[*one.takes]}"
            for one in self.shapes[:SHOWN]
        ]
        for names, whose in ((self.missing, "the network"), (self.surplus, "the file")):
            if names:
                notes.append(f"{whose} alone has {listed(in_code(names), SHOWN)}")
        return Message(
            title=f"the network can begin with nothing of `{self.path}`",
            label="no tensor in it has a name and a shape that the network has",
            notes=tuple(notes),
            helps="name the model file of a network that begins with the same layers",
        )


class TableUnfit(AboutAFile):
    """The table ``path`` cannot be used with a model that takes ``columns``.

    ``problem`` goes on from the ``column``; ``row`` is that of the first cell that has it, and None
    if that is the whole column. ``counts`` says of some ``rows`` how many cells cannot be used, by
    column; the first of them ``lacks`` what it should hold.
    """

    code = "E0508"
    column: str
    row: int | None
    problem: str
    columns: tuple[str, ...]
    counts: tuple[tuple[str, int], ...] = ()
    rows: str = ""
    lacks: bool = False

    def message(self) -> Message:
        if self.row is None:
            helps = f"the model takes {listed(in_code(self.columns), NAMED)}"
            return Message(f"column `{self.column}` {self.problem}", helps=helps)
        title = f"row {self.row}, column `{self.column}` {self.problem}"
        if sum(count for _, count in self.counts) < 2:
            return Message(title, helps="mend the cell, or leave the row out")
        (name, most), *others = self.counts
        each = counted(most, "cell") + f" of `{name}`", *(f"{n:,} of `{one}`" for one, n in others)
        note = f"in {self.rows}, {listed(each, NAMED)} cannot be used"
        trained = 'or train with `missing="mean"`: such a network takes rows that lack cells'
        mend = "mend these cells, or leave their rows out"
        return Message(title, notes=note, helps=(mend, trained if self.lacks else None))


class ColumnsMissing(AboutAFile):
    """The table ``path`` has other ``columns`` than those that a model ``takes``: it lacks all that
    are ``missing``.

    With ``is_row``, its first line seems to be a row of data. ``targets`` are what the model
    predicts, if the table should have them, too.
    """

    code = "E0508"
    missing: tuple[str, ...]
    columns: tuple[str, ...]
    takes: tuple[str, ...]
    is_row: bool
    targets: tuple[str, ...]

    def message(self) -> Message:
        if self.is_row:
            title = f"`{self.path}` has no names of columns: its first line seems to be a row"
            return Message(title, helps=self._help)
        asked = *self.takes, *self.targets
        free = [name for name in self.columns if name not in asked]
        near = {name: nearest(name, free) for name in self.missing}
        meant = [f"`{found}` may be `{name}`" for name, found in near.items() if found]
        notes = *meant[:SHOWN], f"its columns are {listed(in_code(self.columns), NAMED)}"
        if len(self.missing) == 1:
            (name,) = self.missing
            if meant:
                title = f"column `{name}` is missing; did you mean `{near[name]}`?"
                return Message(title, helps=self._help)
            return Message(f"column `{name}` is missing", notes=notes, helps=self._help)
        title = f"columns {listed(in_code(self.missing), NAMED)} are missing"
        if len(self.missing) == len(asked) and not meant:
            title = f"`{self.path}` has none of the model's columns"
        return Message(title, notes=notes, helps=self._help)

    @property
    def _help(self) -> Texts:
        if {*self.missing} <= {*self.targets}:
            takes = listed(in_code((*self.takes, *self.targets)), NAMED)
            target = listed(in_code(self.missing), NAMED)
            other = f"or ask about rows whose {target} is not known: `netlang predict`"
            return f"to be judged, the model takes {takes}", other
        takes = f"the model takes {listed(in_code(self.takes), NAMED)}"
        alike = len(self.columns) == len(self.takes) and not {*self.columns} & {*self.takes}
        if alike and len(self.takes) <= NAMED:
            where = "above the rows" if self.is_row else "in the place of its first line"
            return f"{takes}; if it has these in this order, write `{','.join(self.takes)}` {where}"
        return f"write a line of names above the rows: {takes}" if self.is_row else takes
