"""``%%net`` in a cell: its text is a file, which is checked, trained, and left in a name."""

from __future__ import annotations

import argparse
import builtins
import keyword
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from netlang.api.ipython.interrupts import Interrupts
from netlang.api.loading import model_of, source_of
from netlang.api.model import Model
from netlang.api.notebook.markup import joined, tag
from netlang.api.notebook.messages import messages_html
from netlang.api.notebook.objects import network_html
from netlang.api.notebook.screen import screen
from netlang.catalogue.arguments import as_source
from netlang.catalogue.settings import SETTINGS
from netlang.compiler.ir import Program
from netlang.engine import BACKENDS
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.wording import counted
from netlang.language.source import SourceFile

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_MODEL = "model"  # the name that a model is left in, if the magic's line says no other


class NetMagic:
    """The magics of a shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell: Any = shell  # its methods have no types

    def cell(self, line: str, cell: str) -> None:
        """The text of this cell is a file of netlang: check it, and train it.

            %%net [NAME] [--set optimizer.lr=1e-3] [--backend native] [--keep runs] [--no-train]

        The model is left in NAME, or else in `model`. Files that the text names are looked for in
        the notebook's folder. A text without data and a loss is only checked, and shown; samples
        train it by `model.fit(X, y)`. An interrupt ends the training well: the model then has the
        weights that it came to. `--keep runs` keeps the run in a new folder in `runs`.
        """
        asked = self._parsed(_Parser("%%net"), line)
        # A notebook counts the magic's own line, too.
        self._run(SourceFile(asked.name, cell, first_line=2), asked)

    def line(self, line: str) -> None:
        """Check a file of netlang, and train it, as `%%net` does with the text of a cell.

        %net FILE [NAME] [--set optimizer.lr=1e-3] [--backend native] [--keep runs] [--no-train]
        """
        parser = _Parser("%net")
        parser.add_argument("file", metavar="FILE")
        asked = self._parsed(parser, line)
        try:
            source = source_of(Path(asked.file))
        except NetError as error:
            self._fail(error, asked.name)
        self._run(source, asked)

    def _run(self, source: SourceFile, asked: argparse.Namespace) -> None:
        before = self._shell.user_ns.get(asked.name)
        try:
            model = model_of(source, asked.set)
            _warn([found for found in model.check() if not found.is_error])
            self._shell.push({asked.name: model})
            if _is_to_train(model) and not asked.no_train:
                with Interrupts() as interrupts:
                    model.fit(callbacks=interrupts, backend=asked.backend, keep=asked.keep)
            else:
                _show(model)
        except NetError as error:
            self._fail(error, asked.name, before)
        except OSError as error:
            if not asked.keep:
                raise
            why = (error.strerror or str(error)).lower()
            asked.parser.error(f"`{asked.keep}` cannot be written: {why}")

    def _parsed(self, parser: _Parser, line: str) -> argparse.Namespace:
        """What the magic's line asks for.  Raises UsageError."""
        asked = _parsed(parser, line)
        asked.parser = parser
        if hasattr(builtins, asked.name):
            parser.error(f"`{asked.name}` is a name of Python itself: give the model another")
        if isinstance(self._shell.user_ns.get(asked.name), ModuleType):
            parser.error(f"`{asked.name}` is a module here: give the model another name")
        return asked

    def _fail(self, error: NetError, name: str, before: object = None) -> NoReturn:
        """Show what is wrong, and end the cell as one that failed, so that none after it runs."""
        notes = [*self._notes(error.diagnostics, name)]
        if isinstance(before, Model) and self._shell.user_ns.get(name) is before:
            notes.append(f"`{name}` is still the model that it was before this cell")
        if place := screen():
            below = (tag("p", note) for note in notes)
            place.show(joined(messages_html(error.diagnostics), *below), str(error))
            raise ShownAbove(*error.diagnostics) from None
        raise WithNotes(error.diagnostics, notes) from None

    def _notes(self, found: Sequence[Diagnostic], name: str) -> Iterator[str]:
        """What is to be said beside messages about the model of this ``name``: which names in them
        are Python's.
        """
        names = self._shell.user_ns
        for one in {each.written: each for each in found if each.span}:
            value = names.get(one) if one.isidentifier() else None
            if isinstance(value, bool | int | float | str):
                own = f"define it in this cell, `{one} = {as_source(value)}`"
                yield f"`{one}` is a name of Python: {own}, and `--set {one}={{{one}}}` sets it"
            elif value is not None and hasattr(value, "shape"):
                yield f"`{one}` is a name of Python: leave `data` out, and call `{name}.fit(X, y)`"


class WithNotes(NetError):
    """Messages, and ``notes`` below them."""

    def __init__(self, diagnostics: Sequence[Diagnostic], notes: Sequence[str]) -> None:
        super().__init__(*diagnostics)
        self._notes = notes

    def _render_traceback_(self) -> list[str]:
        return [*super()._render_traceback_(), *self._notes]


class ShownAbove(NetError):
    """Its messages are shown already: in place of a traceback stands how many they are."""

    def _render_traceback_(self) -> list[str]:
        errors = sum(one.is_error for one in self.diagnostics)
        return [f"\x1b[31m{counted(errors, 'error')}\x1b[0m"]


class _Parser(argparse.ArgumentParser):
    """Reads the line of a magic. A mistake in it is a line of IPython's, without a traceback."""

    def __init__(self, magic: str) -> None:
        super().__init__(magic, add_help=False, allow_abbrev=False)
        self.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
        self.add_argument("--backend", choices=BACKENDS, default="auto")
        self.add_argument("--no-train", action="store_true")
        self.add_argument("--keep", metavar="FOLDER")

    def error(self, message: str) -> NoReturn:
        from IPython.core.error import UsageError

        raise UsageError(f"{message}; {self.prog}? tells how it is used")

    def check_settings(self, asked: argparse.Namespace, others: Sequence[str]) -> None:
        """Raises UsageError for settings that are not set by ``--set NAME=VALUE``."""
        for one in asked.set:
            if "=" not in one:
                value = "VALUE" if asked.name.isidentifier() else asked.name
                self.error(f"`--set {one}` lacks a value: write `--set {one}={value}`")
        for one in others:
            name, _, value = one.lstrip("-").partition("=")
            if one.startswith("--") and any(each.is_called(name) for each in SETTINGS.values()):
                self.error(f"`{one}` is no option: write `--set {name}={value or 'VALUE'}`")
        if others:
            self.error(f"unrecognized arguments: {' '.join(others)}")


def _parsed(parser: _Parser, line: str) -> argparse.Namespace:
    parser.add_argument("name", metavar="NAME", nargs="?", default=_MODEL)
    try:
        asked, others = parser.parse_known_args(shlex.split(line))
    except ValueError:
        parser.error("a quotation mark is open")
    parser.check_settings(asked, others)
    if not asked.name.isidentifier() or keyword.iskeyword(asked.name):
        help = f"; `%net {asked.name}` trains a file" if asked.name.endswith(".net") else ""
        parser.error(f"`{asked.name}` is no name that Python can have for a model{help}")
    return asked


def _is_to_train(model: Model) -> bool:
    """Whether its text has data, and at least one of what else it takes to train."""
    program = _program(model)
    return bool(program and program.data and (program.loss or program.optimizer))


def _program(model: Model) -> Program | None:
    """None while sizes are open, which samples tell that ``fit`` is given."""
    try:
        return model.program
    except NetError:
        return None


def _warn(warnings: Sequence[Diagnostic]) -> None:
    """Show what looks like a mistake."""
    if not warnings:
        return
    error = NetError(*warnings)
    if place := screen():
        place.show(messages_html(warnings), str(error))
    else:
        print("\n".join(error._render_traceback_()))


def _show(model: Model) -> None:
    """Show a network that is not trained."""
    program, place = _program(model), screen()
    if place:
        open_sizes = tag("p", "its sizes are open until `fit` is given samples", class_="pale")
        place.show(network_html(program) if program else open_sizes, repr(model))
    else:
        print(model.summary() if program else model)
