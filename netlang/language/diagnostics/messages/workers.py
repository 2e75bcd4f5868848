"""E0526 to E0529: workers that share a training, and cannot begin or go on."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Message
from netlang.language.diagnostics.messages.files import AboutAFile
from netlang.language.diagnostics.wording import SHOWN, counted


class WorkerIsLost(AboutAFile):
    """``reason`` is what is known of it, a sentence without its end. ``epochs`` are done."""

    code = "E0526"
    reason: str
    epochs: int

    def message(self) -> Message:
        return Message(
            title=self.reason,
            notes=f"{counted(self.epochs, 'epoch')} done before that, and all workers end now",
            helps="look at how it ended on its machine: where memory ran out, the system kills it",
        )


class WorkersHaveOtherBits(AboutAFile):
    """``reason`` says which, as a sentence without its end."""

    code = "E0527"
    reason: str

    def message(self) -> Message:
        return Message(
            title=self.reason,
            helps="share a training among machines with the same kind of processor",
        )


class WorkersBeginOtherwise(AboutAFile):
    """The ``worker``, a name such as "worker 1 on host-b", differs from worker 0: ``differences``
    are sentences without their ends, and ``way`` is out of them, if that is known. Or it failed
    before the training, with what it ``said``.
    """

    code = "E0528"
    worker: str
    differences: tuple[str, ...] = ()
    said: str = ""
    way: str = ""

    def message(self) -> Message:
        if not self.differences:
            lines = [line.strip() for line in self.said.splitlines()]
            notes = [line for line in lines if line not in ("", "|")]
            return Message(
                title=f"{self.worker} could not begin",
                notes=tuple(notes),
                helps="mend that there, and start all workers again",
            )
        notes = [*self.differences[:SHOWN]]
        if more := self.differences[SHOWN:]:
            notes.append(f"and {len(more)} more")
        return Message(
            title=f"{self.worker} would not train what worker 0 trains",
            notes=tuple(notes),
            helps=self.way
            or "all workers need the same files, the same options and the same versions",
        )


class CannotShare(AboutAFile):
    """``reason`` says what it is that workers cannot share, and the way out, after a colon."""

    code = "E0529"
    reason: str

    def message(self) -> Message:
        title, _, help = self.reason.partition(": ")
        return Message(title=title, helps=help)
