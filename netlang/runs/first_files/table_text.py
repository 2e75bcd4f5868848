"""A draft as the text of a file, with comments that say what was found and what may be changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netlang.catalogue.arguments import as_source
from netlang.catalogue.data import Description
from netlang.language.diagnostics.wording import counted, shortened
from netlang.runs.first_files.columns import FoundColumn
from netlang.runs.first_files.draft import Draft
from netlang.system.terminal import aligned, visible

_MOST_SHOWN = 40  # columns that have a line of their own
_RARE = 5  # times as many rows as the rarest class has, in the most frequent one
_FEW = 12  # different whole numbers, which may name categories
_LARGE = 10_000  # rows, for large batches
_STEPS = 40_000  # of training, about, at most
_EPOCHS = 100


def text_of(draft: Draft, described: Description, name: str) -> str:
    """The text of a file that is to be called ``name``."""
    parts = (
        _about(draft, described, name),
        _network(draft, described),
        _data(draft, described),
        _training(draft, described),
        _judged(described),
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
    return visible(shortened(column.name))


def _role(draft: Draft, described: Description, column: FoundColumn) -> str:
    if column.name == draft.target.name:
        classes = described.classes
        return counted(len(classes), "class", "classes") if classes else "number to predict"
    return "left out" if column.name in draft.ignored else column.called


def _holds(column: FoundColumn) -> str:
    gaps = f"; {counted(column.missing, 'missing cell')}" if column.missing else ""
    return visible(column.holds + gaps)


def _network(draft: Draft, described: Description) -> Iterator[str]:
    if draft.texts:
        yield "net = Embedding(_, 32) -> LSTM(_, 64) -> Last -> Dropout(0.2) -> Linear(64, _)"
        return
    yield "hidden = 64  # numbers in each hidden layer: `--set hidden=128` tries another"
    yield ""
    yield "net = Linear(_, hidden) -> ReLU -> Dropout(0.1)"
    yield "   -> Linear(hidden, hidden) -> ReLU -> Dropout(0.1)"
    yield "   -> Linear(hidden, _)"


def _data(draft: Draft, described: Description) -> Iterator[str]:
    arguments = dict(draft.arguments)
    yield "data = Table("
    yield f"    {as_source(draft.path)},"
    yield f"    target={as_source(arguments.pop('target'))},"
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
        kind = draft.found.by_name[name].kind
        if kind == "date":
            yield f"order={as_source(name)},  # tests on the last rows, if new ones come later"
        if kind == "text":
            branch = f"Input({as_source(name)}) -> Embedding(_, 32) -> GRU(_, 32) -> Last"
            yield f"text={as_source(name)},  # for a branch `{branch}`"


def _training(draft: Draft, described: Description) -> Iterator[str]:
    rows = described.train
    batch = 256 if rows > _LARGE else 32
    while 2 * batch > rows and batch > 1:
        batch //= 2
    epochs = max(5, min(_EPOCHS, _STEPS * batch // max(1, rows)))
    yield "loss = SoftmaxCrossEntropy" if described.classes else "loss = MSE"
    if described.classes is None and 0 < min(described.test or 9, described.validation or 9) < 2:
        yield "metrics = [mae]"
    yield "optimizer = Adam(lr=1e-3)"
    if described.validation:
        yield "stop = Best(validation.loss)  # gives back the weights of the best epoch"
    yield f"epochs = {epochs}"
    yield f"batch = {batch}"


def _judged(described: Description) -> Iterator[str]:
    part = described.judged
    if described.classes is None:
        yield f"# expect {part}.r2 > 0  # better than the mean of all rows, or exit status 1"
        return
    counts: Sequence[int] = described.counts
    share, place = max((count, -place) for place, count in enumerate(counts))
    name, always = visible(shortened(described.classes[-place])), share / sum(counts)
    yield f"# expect {part}.accuracy > {always:.2g}  # more than to say always `{name}`"
