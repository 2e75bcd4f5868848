"""What `netlang tune` may change: the path of a value, and those that it may take instead."""

from __future__ import annotations

from netlang.catalogue.arguments import PlainValue, as_source
from netlang.language.source import Span
from netlang.system.record import Record


class Interval(Record):
    """Numbers from ``low`` to ``high``, both included: whole ones where it ``is_whole``.

    With ``log``, their logarithms are drawn evenly; with a ``step``, they are ``low + n * step``.
    """

    low: float
    high: float
    is_whole: bool
    log: bool = False
    step: float | None = None

    @property
    def text(self) -> str:
        how = " log" if self.log else f" step {as_source(self.step)}" if self.step else ""
        return f"{as_source(self.low)}..{as_source(self.high)}{how}"


class Choices(Record):
    """One of ``texts``, each as a file writes it."""

    texts: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"[{', '.join(self.texts)}]"


class Tunable(Record):
    """The value at ``path``, such as ``hidden`` or ``optimizer.lr``, and its ``candidates``.

    ``own`` is what the file itself writes there, if that is one of them. ``decides_loss`` says that
    losses with these values are numbers of different kinds.
    """

    path: str
    candidates: Interval | Choices
    own: PlainValue
    span: Span
    decides_loss: bool = False

    @property
    def text(self) -> str:
        """The candidates, as a statement of the language has them."""
        return self.candidates.text
