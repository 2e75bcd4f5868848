"""What a first file judges its network by, and which result is better than a guess."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netlang.catalogue.data import Description
from netlang.compiler.passes.balance import rare_and_frequent
from netlang.language.diagnostics.wording import shortened
from netlang.system.terminal import visible


def metrics(described: Description) -> Iterator[str]:
    """The line of a setting ``metrics``, where those by default say too little."""
    if described.classes is None and 0 < min(described.test or 9, described.validation or 9) < 2:
        yield "metrics = [mae]"
    elif rare_and_frequent(described):
        yield "metrics = [accuracy, balanced_accuracy]  # which sees rare classes, too"


def judged(described: Description) -> Iterator[str]:
    """The line of an expectation, as a comment: what is learned has to be better than a guess."""
    part = described.judged
    if described.classes is None:
        yield f"# expect {part}.r2 > 0  # better than the mean of all, or exit status 1"
        return
    counts: Sequence[int] = described.counts
    if not counts:
        return
    share, place = max((count, -place) for place, count in enumerate(counts))
    name, always = visible(shortened(described.classes[-place])), share / sum(counts)
    yield f"# expect {part}.accuracy > {_below_1(always)}  # more than to say always `{name}`"


def _below_1(share: float) -> str:
    """A share in so few digits, at least two, that it is not rounded to 1."""
    return next(text for digits in range(2, 17) if float(text := f"{share:.{digits}g}") < 1)
