"""A draft as the text of a file, with comments that say what was found and what may be changed."""

from __future__ import annotations

from collections.abc import Iterator

from netlang.catalogue.arguments import as_source
from netlang.catalogue.data import Description
from netlang.language.diagnostics.wording import counted, shortened
from netlang.runs.first_files import networks, preset
from netlang.runs.first_files.columns import FoundColumn
from netlang.runs.first_files.draft import Draft
from netlang.runs.first_files.judging import judged
from netlang.system.terminal import aligned, visible

ASKED = "did you mean to leave out "
_MOST_SHOWN = 40  # columns that have a line of their own
_RARE = 5  # times as many rows as the rarest class has, in the most frequent one
_FEW = 12  # different whole numbers, which may name categories


def text_of(draft: Draft, described: Description, name: str) -> str:
    """The text of a file that is to be called ``name``."""
    beginner = networks if draft.texts else preset
    parts = (
        _about(draft, described, name),
        beginner.network(described),
        _data(draft, described),
        beginner.training(described),
        judged(described),
    )
    return "\n".join("".join(f"{line}\n" for line in part) for part in parts)


def _about(draft: Draft, described: Description, name: str) -> Iterator[str]:
    rows = counted(draft.found.rows, "row")
    file = visible(draft.path)
    yield f"# Predicts `{_named(draft.target)}` from other columns of {file}, which has {rows}."
    yield "#"
    shown = draft.found.columns[:_MOST_SHOWN]
    head = ("column", "kind", "what is in it")
    cells = [head, *((_named(one), _role(draft, described, one), _holds(one)) for one in shown)]
    yield from (f"# {line}" for line in aligned(cells))
    if more := len(draft.found.columns) - len(shown):
        yield f"# and {counted(more, 'more column')}"
    yield "#"
    yield f"# `netlang run {visible(name)}` trains it; `netlang data {visible(name)}` shows more."


def _named(column: FoundColumn) -> str:
    return visible(shortened(column.name)) or "(no name)"


def _role(draft: Draft, described: Description, column: FoundColumn) -> str:
    if column.name == draft.target.name:
        classes = described.classes
        return counted(len(classes), "class", "classes") if classes else "number to predict"
    return "left out" if column.name in draft.ignored else column.called


def _holds(column: FoundColumn) -> str:
    gaps = f"; {counted(column.missing, 'missing cell')}" if column.missing else ""
    return visible(column.holds + gaps)


def _data(draft: Draft, described: Description) -> Iterator[str]:
    arguments = dict(draft.arguments)
    yield "data = Table("
    yield f"    {as_source(draft.path)},"
    yield f"    target={as_source(arguments.pop('target'))},"
    if not draft.texts:
        yield '    scale="robust",  # far values count little'
    if ignored := arguments.pop("ignore", ()):
        yield "    ignore=["
        for name in ignored:
            yield f"        {as_source(name)},  # {visible(draft.ignored[name])}"
        yield "    ],"
    for name, value in arguments.items():
        why = _WHY.get(name, "")
        yield f"    {name}={as_source(value)},{f'  # {why}' if why else ''}"
    yield from (f"    # {line}" for line in _suggested(draft, described))
    yield ")"


_WHY = {
    "missing": "of the training rows, in the place of missing cells",
    "validation": "the share of rows that choose the best epoch; another 0.2 are to test on",
    "task": "what the numbers to predict are",
    "test": "there are too few rows to set some aside",
    "context": "tokens of a text, at most",
}


def _suggested(draft: Draft, described: Description) -> Iterator[str]:
    """Arguments that may be right, too, which nobody but the owner of the data knows."""
    for tells in draft.thresholds:
        low = f"`{shortened(tells.below)}` up to {tells.low:,.6g}"
        high = f"`{shortened(tells.above)}` from {tells.high:,.6g}"
        yield visible(f"{ASKED}`{shortened(tells.column)}`? It alone tells all: {low}, {high}")
    if counts := described.counts:
        rare, often = min(counts), max(counts)
        if often >= _RARE * rare:
            yield 'weights="balanced",  # would have rare classes count as much as frequent ones'
    few = [
        one.name
        for one in draft.inputs
        if one.kind == "number" and 2 < one.different <= _FEW < draft.found.rows
    ]
    if few:
        some = as_source(tuple(few[:3]))
        yield f"categories={some},  # if these numbers are names of something"
    for name in draft.ignored:
        column = draft.found.by_name[name]
        if column.kind == "date":
            yield f"order={as_source(name)},  # tests on the last rows, if new ones come later"
        if column.kind == "text":
            branch = f"Input({as_source(name)}) -> Embedding(_, 32) -> GRU(_, 32) -> Last"
            by = "" if column.has_blanks else ' by="characters",'
            yield f"text={as_source(name)},{by}  # for a branch `{branch}`"
