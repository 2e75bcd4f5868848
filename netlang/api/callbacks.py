"""A callback of ``fit`` gets the events of a training, and may end it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from netlang.catalogue.stopping import StoppingRule
from netlang.language.diagnostics.wording import type_of
from netlang.runs.training.events import Event

Callback = Callable[[Event], object]
"""A function, or an object that can be called: of each event, in order.

Where it returns True, or raises StopTraining, training ends well after that event.
"""


class StopTraining(Exception):
    """Raised by a callback, it ends the training, whose result is that of the epochs so far."""


class Interrupted(KeyboardInterrupt):
    """An interrupt of a training, after which the model has the weights of an ``epoch``; those of
    before where that is 0.
    """

    def __init__(self, epoch: int) -> None:
        super().__init__(epoch)
        self.epoch = epoch

    def __str__(self) -> str:
        if not self.epoch:
            return "the training was interrupted, and the model is as it was before"
        return f"the training was interrupted; the model has the weights of epoch {self.epoch}"

    def _render_traceback_(self) -> list[str]:
        return [f"KeyboardInterrupt: {self}"]


def wrong_call(text: str) -> TypeError:
    """An error that IPython shows without the lines of this package."""
    error = TypeError(text)
    vars(error)["_render_traceback_"] = partial(list, (f"TypeError: {text}",))
    return error


def checked(callbacks: Callback | Iterable[Callback]) -> Sequence[Callback]:
    """The callbacks that ``fit`` was given.  Raises TypeError for what cannot be called."""
    each = [*callbacks] if isinstance(callbacks, Iterable) else [callbacks]
    for one in each:
        if not callable(one):
            help = "a function of an event, such as `lambda event: print(event)`"
            raise wrong_call(f"a callback is {help}, not {type_of(one)}")
        if isinstance(one, type):
            help = "a function of an event, or an object that is one"
            stop = "; the file says `stop = Early(...)`" if issubclass(one, StoppingRule) else ""
            raise wrong_call(f"a callback is {help}, not the class {one.__name__}{stop}")
    return each


def wants_the_end(callbacks: Iterable[Callback], event: Event) -> bool:
    """Call all ``callbacks``; whether one of them wants the training to end."""
    ends = False
    for one in callbacks:
        try:
            ends |= one(event) is True
        except StopTraining:
            ends = True
    return ends
