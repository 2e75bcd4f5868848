"""E0540 to E0542, W0690: a Python program asks for what it cannot have, or may not mean."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Message, Texts


class _OfPython(Diagnostic):
    """``about`` is what it is about: ``X``, ``y``, or the name of the model's file."""

    about: str

    @property
    def file(self) -> str:
        return self.about


class UnfitData(_OfPython):
    """What a program gave in memory cannot be used: ``problem`` says why."""

    code = "E0540"
    problem: str
    help: str
    note: str = ""

    def message(self) -> Message:
        return Message(self.problem, notes=self.note or None, helps=self.help)


class DoubtfulData(_OfPython):
    """What a program gave in memory is taken for something that may not be meant."""

    code = "W0690"
    problem: str
    help: str

    def message(self) -> Message:
        return Message(self.problem, helps=self.help)


class NotTrained(_OfPython):
    """The model is asked for what it can ``do`` only when it is trained."""

    code = "E0541"
    do: str

    def message(self) -> Message:
        helps: Texts = (
            "call `model.fit()` first, or `model.fit(X, y)`",
            "or open one that is trained: `netlang.open(...)` takes the folder of a run",
        )
        return Message(f"this model is not trained yet, and cannot {self.do}", helps=helps)


class NoSuchAnswer(_OfPython):
    """The model is trained, and does not answer what it is asked: ``problem`` says why."""

    code = "E0542"
    problem: str
    help: str

    def message(self) -> Message:
        return Message(self.problem, helps=self.help)
