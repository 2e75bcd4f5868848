"""A training as a notebook shows it: while it goes on, and when it is over."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

from netlang.api.notebook.curves import Metrics, curves_html
from netlang.api.notebook.markup import Html, folded, joined, line, table, tag
from netlang.runs.lines.display import number, sizes
from netlang.runs.lines.progress import clock
from netlang.runs.training.events import EpochDone, Event, Finished, Outcome, Started, StepsDone
from netlang.system.terminal import visible

_ROWS = 10  # of metrics that are shown without a click


class TrainingView:
    """Collects the events of a training, and shows at any time how far it is.

    ``name`` is that of the file. ``ended`` says why it is over, where it did not come to its end.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.ended = ""
        self._started: Started | None = None
        self._finished: Finished | None = None
        self._epochs: list[Metrics] = []
        self._best = 0
        self._done = 0  # samples, of all epochs
        self._first: tuple[float, int] | None = None  # the time of the first steps, and ``_done``

    def look_at(self, event: Event) -> None:
        match event:
            case Started():
                self._started = event
            case StepsDone():
                self._done = (event.epoch - 1) * self._samples + event.samples
                self._first = self._first or (time.monotonic(), self._done)
            case EpochDone():
                self._epochs.append(event.by_epoch)
                self._best = event.best
            case Finished():
                self._finished = event

    @property
    def has_begun(self) -> bool:
        return self._started is not None

    @property
    def is_over(self) -> bool:
        return bool(self._finished or self.ended)

    def html(self) -> Html:
        """What there is to see now."""
        return joined(line(tag("b", visible(self.name)), *self._state()), *self._numbers())

    def text(self) -> str:
        """The same in a line."""
        latest = self._finished.metrics if self._finished else {}
        latest = latest or (self._epochs[-1] if self._epochs else {})
        shown = "  ".join(f"{path} {number(value)}" for path, value in latest.items())
        return f"{self.name}: {len(self._epochs)} of {self._all} epochs  {shown}".rstrip()

    @property
    def _samples(self) -> int:
        return self._started.samples["train"] if self._started else 0

    @property
    def _all(self) -> int:
        return self._started.epochs if self._started else 0

    def _state(self) -> Sequence[str]:
        if self._finished:
            return [self._trained(self._finished), *self._about(), *self._ending()]
        if self.ended:
            return [*self._about(), *self._ending()]
        if not self._started:
            return [tag("span", "loads its data", class_="pale")]
        epoch = min(len(self._epochs) + 1, self._all)
        most = str(self._all * self._samples)
        bar = tag("progress", value=str(self._done), max=most, title="samples that are done")
        return [f"epoch {epoch} of {self._all}", bar, *self._time_left()]

    def _trained(self, event: Finished) -> str:
        count = (
            f"{event.epochs} epochs"
            if event.epochs == self._all
            else f"{event.epochs} of {self._all} epochs"
        )
        best = f", the best of which is {event.epoch}" if event.epoch < event.epochs else ""
        return f"{count}{best}, trained in {event.train_seconds:.3g} s"

    def _about(self) -> Iterable[Html]:
        if about := self._started:
            engine = ", in C" if about.engine == "native" and not about.note else ""
            said = f"{about.weights:,} weights, {sizes(about.samples)}, seed {about.seed}{engine}"
            yield tag("span", said, class_="pale")
            if about.note:
                yield tag("span", about.note, class_="pale")

    def _ending(self) -> Iterable[Html]:
        if self.ended:
            said = f"{self.ended} after {len(self._epochs)} of {self._all} epochs"
            yield tag("span", said, class_="missed")

    def _numbers(self) -> Iterable[Html]:
        until = 0 if self.is_over else self._all
        yield curves_html(self._epochs, until, self._best)
        if self._finished:
            yield metrics_html(self._finished.metrics)
            yield outcomes_html(self._finished.outcomes)
        elif self._epochs:
            yield metrics_html(self._epochs[-1])

    def _time_left(self) -> Iterable[Html]:
        if self._first and self._done > self._first[1]:
            began, done = self._first
            speed = (self._done - done) / (time.monotonic() - began)
            left = (self._all * self._samples - self._done) / speed
            yield tag("span", f"{clock(left)} left", class_="pale")


def metrics_html(metrics: Metrics) -> Html:
    """A row for each metric, and a column for each part of the data; of very many metrics, the
    later ones are folded.
    """
    paths = [path.partition(".") for path in metrics]
    parts = [*dict.fromkeys(part for part, _, _ in paths)]
    names = [*dict.fromkeys(name for _, _, name in paths)]
    rows = [(name, *(_cell(metrics, f"{part}.{name}") for part in parts)) for name in names]
    head, numbers = ("", *parts), range(1, len(parts) + 1)
    shown = table(head, rows[:_ROWS], numbers)
    if not (more := rows[_ROWS:]):
        return shown
    return joined(shown, folded(f"{len(more)} more", table(head, more, numbers)))


def outcomes_html(outcomes: Iterable[Outcome]) -> Html:
    """What the file expects, and whether it came."""
    lines = []
    for one in outcomes:
        verdict = "met" if one.met else "missed"
        came = tag("span", verdict, class_=verdict)
        lines.append(line(tag("code", one.expectation.text), number(one.value), came))
    return joined(*lines)


def _cell(metrics: Mapping[str, float], path: str) -> str:
    return number(metrics[path]) if path in metrics else ""
