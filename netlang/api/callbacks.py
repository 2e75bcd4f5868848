"""A callback of ``fit`` gets the events of a training, and may end it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from netlang.language.diagnostics.wording import type_of
from netlang.runs.training.events import Event

Callback = Callable[[Event], object]
"""A function, or an object that can be called: of each event, in order.

Where it returns True, or raises StopTraining, training ends well after that event.
"""


class StopTraining(Exception):
    """Raised by a callback, it ends the training, whose result is that of the epochs so far."""


def checked(callbacks: Callback | Iterable[Callback]) -> Sequence[Callback]:
    """The callbacks that ``fit`` was given.  Raises TypeError for what cannot be called."""
    each = [*callbacks] if isinstance(callbacks, Iterable) else [callbacks]
    for one in each:
        if not callable(one):
            help = "a function of an event, such as `lambda event: print(event)`"
            raise TypeError(f"a callback is {help}, not {type_of(one)}")
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
