"""A run is shown as lines of JSON, for programs."""

from __future__ import annotations

from netlang.runs.lines.display import Display, say_note
from netlang.runs.training.events import Event, Finished, Started, StepsDone, as_data
from netlang.tools.cli.output.json_answers import print_event, print_json


class JsonLines(Display):
    """Prints an object in each line: ``start``, then ``epoch`` for each epoch, then ``result``;
    this alone where it is ``quiet``, and standard error then says why C was refused.
    """

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet

    def show(self, event: Event, folder: str | None = None) -> None:
        if isinstance(event, Finished):
            print_json(as_data(event) | {"run": folder})
        elif self.quiet:
            if isinstance(event, Started):
                say_note(event)
        elif not isinstance(event, StepsDone):
            print_event(as_data(event))
