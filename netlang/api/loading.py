"""A model comes from a file, from a text, from the folder of a run, or from a model file."""

from __future__ import annotations

import os
import warnings
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any

from netlang.api.changes import as_keyword, changes_of
from netlang.api.described import Diagnostics
from netlang.api.history import History, Runs
from netlang.api.model import Model
from netlang.catalogue.own import use_interpreter
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.messages.data import DataFileUnreadable
from netlang.language.diagnostics.messages.files import Unreadable
from netlang.language.diagnostics.wording import type_of
from netlang.language.source import SourceFile
from netlang.language.syntax import decode, read
from netlang.runs.folders.history import NotAHistory, history
from netlang.runs.folders.kept_run import runs_in
from netlang.runs.models.model_path import model_path
from netlang.runs.models.trained import load_model
from netlang.runs.run_names import RUNS

# Of inputs without a shape, of sizes that nothing determines, and of a first layer of sequences.
_OPEN = ("E0305", "E0309", "E0312", "E0315")


def load(source: str | os.PathLike[str] | SourceFile, /, **constants: Any) -> Model:
    """The model that a file says, or a text, which is checked and not trained yet.

    ``source`` is a path, such as ``"model2.net"``, or the text itself, which has ``->``, ``=`` or a
    line break in it, and names files in the current folder. ``read(path, allowed)`` gives one that
    may read other folders, too.

    ``constants`` change what the file says, as ``--set`` does on the command line: ``hidden=50``,
    ``epochs=5``, ``optimizer="SGD(0.1)"``, ``metrics=["accuracy", "f1"]``. An argument of a setting
    is named with a dot, ``**{"optimizer.lr": 1e-3}``, or with two underscores,
    ``optimizer__lr=1e-3``. Those of ``data`` say of samples that ``fit`` is given, too, what a file
    says of its ``Table``: ``data__missing="median"``, ``data__test=0.2``;
    ``netlang layers Table`` on the command line lists all of them.

    Raises NetError for a file that is not there, and for every mistake in it. Where the file names
    no data, or data that are not there, sizes ``_`` may stay open until ``fit`` is given samples.

    >>> import netlang
    >>> model = netlang.load("hidden = 3\\nnet = Linear(2, hidden) -> Linear(hidden, 2)", hidden=5)
    >>> model.parameters
    27
    """
    text = source_of(source)
    return model_of(text, changes_of(text, constants))


def model_of(source: SourceFile, overrides: Sequence[str] = ()) -> Model:
    """The same of a text that is read, with overrides as ``--set`` has them."""
    use_interpreter(source.text)
    compilation = compile_source(source, overrides)
    errors = [one for one in compilation.diagnostics if one.is_error]
    if "data" not in compilation.analysis.values:  # those in memory may tell open sizes
        errors = [one for one in errors if one.code not in _OPEN]
    errors = [one for one in errors if not _is_of_a_default(one, compilation.analysis.values)]
    errors = [one for one in errors if not _is_of_absent_data(one)]
    if errors:
        raise NetError(*map(as_keyword, errors))
    return Model(compilation, tuple(overrides))


def _is_of_a_default(found: Diagnostic, defined: Container[str]) -> bool:
    """Whether what was ``found`` is about an argument of what samples in memory may bring, such as
    ``data.missing``, where the file does not define it.
    """
    if found.span is None or not found.span.source.is_override:
        return False
    name, dot, _ = found.span.source.text.partition("=")[0].partition(".")
    return bool(dot) and name in ("data", "optimizer") and name not in defined


def _is_of_absent_data(found: Diagnostic) -> bool:
    """Whether what was ``found`` is that a file of data is not there: others may be in memory."""
    if not isinstance(found, DataFileUnreadable) or found.span is None:
        return False
    return not os.path.lexists(found.span.source.folder / found.path)


def open(run: str | os.PathLike[str]) -> Model:
    """The trained model of a run, which is named by its folder, ``"runs/iris-20261128-101530"``,
    or by a model file that ``Model.save`` or the run has written.

    A UserWarning says what is not as it was in training, such as a plugin.
    Raises NetError for what is no model, or not as it was written. No code in it is run.
    """
    if not isinstance(run, str | os.PathLike):
        raise TypeError(f"open takes the folder of a run, or a model file, not {type_of(run)}")
    named = os.fspath(run)
    trained = load_model(named)
    for one in trained.warnings:
        warnings.warn(str(Diagnostics([one])), stacklevel=2)
    return Model.of(trained, _history_beside(named), named=named)


def kept_runs(folder: str | os.PathLike[str] = RUNS) -> Runs:
    """The runs that are kept in a folder, from the first to the last: a dict each, which has its
    ``run``, the folder that ``open`` takes, ``file``, ``status``, ``epochs``, ``seconds`` and the
    metrics of its result. ``to_pandas()`` and ``to_polars()`` make a table of them.

    It is empty where nothing is kept.
    """
    root = Path(folder)
    kept, _ = runs_in(root) if root.is_dir() else ([], {})
    return Runs(
        {
            "run": str(one.folder),
            "file": one.file,
            "status": one.status,
            "epochs": one.epoch,
            "seconds": one.seconds,
            **one.metrics,
        }
        for one in kept
    )


def source_of(source: str | os.PathLike[str] | SourceFile) -> SourceFile:
    """The text that was given, or that of the file which was named.  Raises NetError."""
    if isinstance(source, SourceFile):
        return source
    if isinstance(source, str):
        if _is_text(source):
            return decode(source.encode("utf-8", "surrogatepass"), "<text>")
        source = source.strip() or source
    if not isinstance(source, str | os.PathLike):
        help = ": its `read()` gives the text" if hasattr(source, "read") else ""
        raise TypeError(f"load takes a path or the text of a file, not {type_of(source)}{help}")
    try:
        return read(source)
    except NetError as error:
        raise NetError(*map(_helped, error.diagnostics)) from None


def _helped(found: Diagnostic) -> Diagnostic:
    """``found``, with the help that what was meant may be a text."""
    if isinstance(found, Unreadable) and found.help is None:
        help = "name a `.net` file, or give its text, which has `->` or `=` in it"
        return found.replace(help=help)
    return found


def _is_text(source: str) -> bool:
    """Whether it is the text of a file, and no path: what ends in ``.net`` is one, and so is what
    is there.
    """
    path = source.strip()
    if "\n" not in path and (path.endswith(".net") or os.path.lexists(path)):
        return False
    return any(sign in source for sign in ("->", "\n", "=", "("))


def _history_beside(named: str) -> History:
    """That of the run whose model it is; an empty one where there is none."""
    try:
        return History.of(history(model_path(named).parent))
    except NotAHistory:
        return History()
