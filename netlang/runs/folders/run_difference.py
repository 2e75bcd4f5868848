"""What differs between two runs: the texts, what they mean, data, surroundings and results."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from netlang.compiler.ir import Change, Program, compare
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import NetError
from netlang.language.run_record import kept_beside
from netlang.language.source import SourceFile
from netlang.language.syntax import read
from netlang.runs.folders.kept_run import KeptRun
from netlang.runs.models.trained import load_model
from netlang.system.record import Record

_ABOUT = ("backend", "threads", "device", "machine", "host")

Texts = tuple[str | None, str | None]  # before and after; None for what is not there
Rows = Mapping[str, Texts]


class RunDifference(Record):
    """All that differs from one run to another.

    ``changes`` are those of network and settings; they are None if one of the texts cannot be
    compiled any more, and ``why`` says so. ``texts`` are kept files that differ, by name. ``data``
    has the SHA-256 of data files by how the text names them, ``surroundings`` versions, machine and
    backend. ``results`` are the final metrics by path: all of them, also those that are equal.
    """

    changes: tuple[Change, ...] | None
    why: str
    overrides: Texts
    texts: Rows
    data: Rows
    surroundings: Rows
    results: Mapping[str, tuple[float | None, float | None]]


def run_difference(before: KeptRun, after: KeptRun) -> RunDifference:
    """Compare two runs.  Their data are read as they are now, to compile both texts."""
    changes, why = _changes(before, after)
    main = _kept(after).name
    paths = dict.fromkeys((*before.metrics, *after.metrics))
    return RunDifference(
        changes=changes,
        why=why,
        overrides=(_written(before.overrides), _written(after.overrides)),
        texts=_apart(_texts(before, main), _texts(after, main)),
        data=_apart(_data(before), _data(after)),
        surroundings=_apart(_surroundings(before), _surroundings(after)),
        results={path: (before.metrics.get(path), after.metrics.get(path)) for path in paths},
    )


def _changes(before: KeptRun, after: KeptRun) -> tuple[tuple[Change, ...] | None, str]:
    programs = []
    for run in (before, after):
        try:
            programs.append(_program(run))
        except NetError as error:
            return None, f"{run.folder}: {error.diagnostics[0].message().title}"
    return tuple(compare(*programs)), ""


def _program(run: KeptRun) -> Program:
    """The program that was run, as its text says it, or if its data are no longer as they were, as
    its model file does.  Raises NetError where neither can be compiled any more.
    """
    try:
        source = read(str(_kept(run)))
        overrides = [f"{name}={value}" for name, value in run.overrides.items()]
        return compile_source(source, overrides).require()
    except NetError:
        with suppress(NetError):
            return load_model(str(run.folder)).program
        raise


def _kept(run: KeptRun) -> Path:
    """The text that the run keeps, which lies in its folder whatever the record says."""
    return run.folder / Path(str(run.record["kept"])).name


def _texts(run: KeptRun, main: str) -> dict[str, str]:
    """The texts that the run keeps: what was run, which is called ``main``, and its imports."""
    found = {}
    for path in sorted(run.folder.rglob("*.net")):
        with suppress(NetError):  # nothing is said of a text that nobody can read
            name = path.relative_to(run.folder).as_posix()
            found[main if path == _kept(run) else name] = read(path).text
    return found


def _data(run: KeptRun) -> dict[str, str]:
    """The SHA-256 of each data file, by how the text names it."""
    source = SourceFile("", "", _kept(run))
    reads = kept_beside(source).reads
    return {one.named: one.sha256 for one in reads if not one.named.endswith(".net")}


def _surroundings(run: KeptRun) -> dict[str, str]:
    versions = run.record.get("versions")
    known = {str(k): str(v) for k, v in versions.items()} if isinstance(versions, dict) else {}
    return known | {name: str(run.record[name]) for name in _ABOUT if name in run.record}


def _written(overrides: Mapping[str, str]) -> str | None:
    return " ".join(f"{name}={value}" for name, value in overrides.items()) or None


def _apart(before: Mapping[str, str], after: Mapping[str, str]) -> Rows:
    names = dict.fromkeys((*before, *after))
    pairs = {name: (before.get(name), after.get(name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
