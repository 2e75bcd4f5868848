"""E0434, E0435, E0460, W0649, W0650, W0656, W0657, W0673: schedules that do not fit trainings."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message
from netlang.language.diagnostics.suggest import Guess
from netlang.language.diagnostics.wording import counted
from netlang.language.source import Span


class EndlessSchedule(Diagnostic):
    """A schedule that goes on to the end of the training stands before another one, ``behind``.
    With a ``length``, it is written as ``instead``, unless nothing may stand behind it.
    """

    code = "E0434"
    schedule: str
    behind: Span
    instead: str

    def message(self) -> Message:
        last = f"let `{self.schedule}` stand last in the arrow"
        return Message(
            title=f"`{self.schedule}` goes on to the end of the training, so nothing can follow it",
            label="no length is said" if self.instead else "waits for as long as training goes on",
            labels=Label(self.behind, "this would never begin"),
            helps=(f"say how many steps it has: `{self.instead}`", f"or {last}")
            if self.instead
            else last,
        )


class MilestonesDoNotRise(Diagnostic):
    """``rising`` are the milestones as they are meant."""

    code = "E0435"
    rising: str

    def message(self) -> Message:
        return Message(
            title="milestones stand in rising order, each once",
            label="these do not rise",
            helps=f"write `{self.rising}`",
            fixes=self.replaced_by(Guess(self.rising, sure=True)),
        )


class NeverBegins(Diagnostic):
    """The training has ``steps``, and those before the ``schedule`` take ``before`` of them."""

    code = "W0649"
    schedule: str
    before: str
    steps: str
    stated: Span | None

    def message(self) -> Message:
        return Message(
            title=f"`{self.schedule}` never begins",
            label=f"begins after {self.before}",
            labels=Label.at(self.stated, f"training has {self.steps}"),
            notes=None if self.stated else f"training has {self.steps}",
            helps="make what is before it shorter, or the training longer",
        )


class EndsTooLate(Diagnostic):
    """Of the ``length`` of a schedule, training has the part that ``ends`` says."""

    code = "W0650"
    schedule: str
    length: str
    steps: str
    reached: float
    stated: Span | None

    def message(self) -> Message:
        return Message(
            title=f"training ends before `{self.schedule}` does",
            label=f"takes {self.length}",
            labels=Label.at(self.stated, f"training has {self.steps}"),
            notes=(
                None if self.stated else f"training has {self.steps}",
                f"the learning rate is {self.reached:.3g} times the optimizer's in the last step",
            ),
            helps="make it shorter, or the training longer; without a length, the last schedule "
            "has what is left of the training",
        )


class NotALength(Diagnostic):
    """An ``argument`` of a schedule, of which it says in its ``doc`` what it is, has a value far
    above the ``most`` that is usual. A call that has it as a length is written as ``instead``.
    """

    code = "W0656"
    schedule: str
    argument: str
    doc: str
    value: str
    most: float
    instead: str

    def message(self) -> Message:
        below = f"write a number of at most {self.most:g}"
        length = f"how long it lasts is another argument: `{self.instead}`"
        return Message(
            title=f"`{self.argument}` of `{self.schedule}` is {self.doc}, and {self.value} is "
            "unusually large",
            label=f"usually at most {self.most:g}",
            helps=(length, f"or {below}") if self.instead else below,
        )


class LeavesTheRate(Diagnostic):
    """The schedule has the same ``factor`` in all the steps that it lasts."""

    code = "W0657"
    schedule: str
    factor: float
    lasting: str
    steps: str
    stated: Span | None

    def message(self) -> Message:
        label = f"multiplies it by {self.factor:.3g} in all of its {self.lasting}"
        return _leaves_the_rate(self.schedule, label, self.steps, self.stated)


class WaitsTooLong(Diagnostic):
    """The schedule can change the rate in the epoch with the number ``needs``, of those that it
    ``sees``.
    """

    code = "W0657"
    schedule: str
    needs: int
    sees: str
    steps: str
    stated: Span | None

    def message(self) -> Message:
        label = f"changes it in its epoch {self.needs} at the earliest, and has {self.sees}"
        return _leaves_the_rate(self.schedule, label, self.steps, self.stated)


class FallsTooEarly(Diagnostic):
    """From so many ``steps`` on, of ``all_steps``, the learning rate is a ``part`` of the largest
    or less. A schedule that counts epochs is written as ``in_epochs``.
    """

    code = "W0657"
    schedule: str
    steps: str
    all_steps: str
    part: float
    in_epochs: str
    stated: Span | None

    def message(self) -> Message:
        return Message(
            title=f"`{self.schedule}` has taken the learning rate down after {self.steps}",
            label=f"behind them, the rate is at most {self.part:g} times the largest",
            labels=Label.at(self.stated, f"training has {self.all_steps}"),
            notes=None if self.stated else f"training has {self.all_steps}",
            helps=(
                f"lengths count steps: to count epochs, write `{self.in_epochs}`",
                "or let it take longer",
            ),
        )


class NoStep(Diagnostic):
    """An ``argument`` of a schedule, which counts steps, is less than one. As a share of the
    ``steps`` of the training, where these are known, it is written as ``instead``.
    """

    code = "E0460"
    schedule: str
    argument: str
    value: float
    steps: str
    instead: str

    def message(self) -> Message:
        share = f"{self.value:g} of the training's {self.steps}"
        epochs = 'count epochs by `unit="epochs"`'
        return Message(
            title=f"`{self.argument}` of `{self.schedule}` is {self.value:g} steps, and the "
            "learning rate is that of whole steps",
            label="less than one step",
            helps=(f"if it is to be {share}, write `{self.instead}`", f"or {epochs}")
            if self.instead
            else f"write a number of steps, such as `500`, or {epochs}",
        )


class Vanishes(Diagnostic):
    """A schedule makes the learning rate next to nothing from the step ``gone`` on. It lasts to the
    end if it is written as ``lasting``, and may be meant ``in_epochs``; what is not known of the
    two is empty.
    """

    code = "W0673"
    schedule: str
    gone: int
    steps: str
    stated: Span | None
    lasting: str
    in_epochs: str

    def message(self) -> Message:
        slower = "let it fall more slowly"
        if self.lasting:
            slower = f"let it last to the end of the training: `{self.lasting}`"
        return Message(
            title=f"`{self.schedule}` stops the training: the learning rate is next to nothing",
            label=f"less than 1/100,000 of its largest after {in_steps(self.gone)}",
            labels=Label.at(self.stated, f"training has {self.steps}"),
            notes=None if self.stated else f"training has {self.steps}",
            helps=(f"to count epochs, write `{self.in_epochs}`", f"or {slower}")
            if self.in_epochs
            else slower,
        )


class CountsSteps(Diagnostic):
    """What is ``over`` in a schedule after the steps that it says is so in the first epoch, which
    ``has`` more. It counts epochs if it is written as ``instead``.
    """

    code = "W0673"
    schedule: str
    over: str
    after: str
    has: str
    instead: str

    def message(self) -> Message:
        return Message(
            title=f"`{self.schedule}` counts steps, and {self.over} over in the first epoch",
            label=f"over after {self.after}, and an epoch has {self.has}",
            helps=f"to count epochs, write `{self.instead}`",
        )


def _leaves_the_rate(schedule: str, label: str, steps: str, stated: Span | None) -> Message:
    return Message(
        title=f"`{schedule}` leaves the learning rate as it is",
        label=label,
        labels=Label.at(stated, f"training has {steps}"),
        notes=None if stated else f"training has {steps}",
        helps="let it act earlier, or make the training longer; or leave it out",
    )


def in_steps(steps: float) -> str:
    """``steps`` in words: ``40 steps``."""
    return counted(round(steps), "step")
