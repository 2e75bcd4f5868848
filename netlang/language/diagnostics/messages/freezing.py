"""E0421, E0422, W0621: parts of a network that cannot be frozen, or hold untrained weights."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Message
from netlang.language.diagnostics.wording import SHOWN, in_code, listed


class PartNotFound(Diagnostic):
    """No weights of the part ``name`` are in the network; the part itself may be there. It is named
    by ``purpose``, the setting `freeze` or the argument `on`.
    """

    code = "E0421"
    name: str
    is_there: bool
    purpose: str

    def message(self) -> Message:
        if self.is_there:
            for_it = " that could be frozen" if self.purpose == "freeze" else ""
            return Message(
                title=f"`{self.name}` has no weights{for_it}",
                label="its layers have no weights",
                helps=f"remove it from `{self.purpose}`",
            )
        return Message(
            title=f"nothing of `{self.name}` is in the network",
            label="the network `net` does not use it",
            helps=f"use `{self.name}` in `net`, or remove it from `{self.purpose}`",
        )


class NothingTrained(Diagnostic):
    """The parts ``names`` hold all weights that the network's output depends on."""

    code = "E0422"
    names: tuple[str, ...]

    def message(self) -> Message:
        return Message(
            title="all weights of the network are frozen, so training could change nothing",
            label=f"nothing is left to train beside {listed(in_code(self.names))}",
            helps="freeze a part of it alone",
        )


class FrozenAsDrawn(Diagnostic):
    """Frozen tensors, called ``names``, are not among those that the network begins with, which are
    in the file ``path``.
    """

    code = "W0621"
    names: tuple[str, ...]
    path: str

    def message(self) -> Message:
        return Message(
            title=f"frozen weights are not in `{self.path}`, and stay as they are drawn",
            label="nothing has trained all of this, and nothing will",
            notes=f"not taken from the file: {listed(in_code(self.names), SHOWN)}",
            helps="freeze what the file has, or let the rest be trained",
        )
