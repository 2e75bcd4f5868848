"""E0510 to E0512: runs that cannot go on."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Message, Texts
from netlang.language.diagnostics.messages.files import AboutAFile
from netlang.language.diagnostics.wording import SHOWN


class CheckpointUnreadable(AboutAFile):
    """``reason`` goes on from "cannot read the checkpoint `...`: "."""

    code = "E0510"
    reason: str
    help: str = "put it back as the run left it, or run the file again"

    def message(self) -> Message:
        title = f"cannot read the checkpoint `{self.path}`: {self.reason}"
        return Message(title, helps=self.help)


class CannotGoOn(AboutAFile):
    """The run in the folder ``path`` cannot go on from its checkpoint for this ``reason``, which is
    a sentence without its end. ``differences`` of the program are notes.
    """

    code = "E0511"
    reason: str
    help: Texts
    differences: tuple[str, ...] = ()

    def message(self) -> Message:
        notes = self.differences[:SHOWN]
        if more := self.differences[SHOWN:]:
            notes = (*notes, f"and {len(more)} more")
        title = f"the run in `{self.path}` cannot go on: {self.reason}"
        return Message(title, notes=notes, helps=self.help)


class RunGoesOn(AboutAFile):
    """The process ``pid`` on ``host`` keeps its run in the folder ``path``."""

    code = "E0512"
    pid: str
    host: str

    def message(self) -> Message:
        return Message(
            title=f"the run in `{self.path}` still goes on",
            notes=f"process {self.pid} on {self.host} trains it",
            helps="wait for its end, or end it: after Ctrl-C or `kill`, it can be resumed",
        )
