"""E0446 to E0448, E0450 to E0453, E0459, E0461, E0462, W0644: what is tuned, and by what."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message, Worded
from netlang.language.diagnostics.messages.files import AboutAFile
from netlang.language.source import Span


class NoCandidates(Worded):
    """A range that holds no numbers to choose from, or a list of one value."""

    code = "E0446"


class WrongCandidates(Worded):
    """What is tuned cannot take such values."""

    code = "E0447"


class NotTunable(Worded):
    """What trials are judged by, which must be the same for all of them."""

    code = "E0459"


class TunedTwice(Diagnostic):
    code = "E0448"
    path: str
    first: Span

    def message(self) -> Message:
        return Message(
            title=f"`{self.path}` is tuned twice",
            label="a second time",
            labels=Label(self.first, "tuned here already"),
            helps="keep one of the two statements",
        )


class NothingHeldOut(Diagnostic):
    """Data without samples for validation; ``aside`` is the argument that sets some aside."""

    code = "E0450"
    aside: str

    def message(self) -> Message:
        return Message(
            title="there is nothing to compare trials by",
            label="sets no samples aside for validation",
            notes="what chooses between trials must not judge the best of them: so it is never the "
            "test data",
            helps=f"give the data set its argument `{self.aside}`",
        )


class LossTuned(Diagnostic):
    """Trials would be compared by the loss, which is tuned at ``path``; ``others`` are metrics that
    they could be compared by.
    """

    code = "E0461"
    path: str
    others: tuple[str, ...]

    def message(self) -> Message:
        return Message(
            title=f"trials cannot be compared by the loss, as `{self.path}` changes what it is",
            label="each of these gives another loss",
            notes="the smallest number would be that of another formula, not of a better network",
            helps=f"compare them by `--metric {self.others[0]}`"
            if self.others
            else "measure something that stays the same, as by `metrics = ...`, for `--metric`",
        )


class NothingToTune(AboutAFile):
    """The file at ``path`` lists no candidates but of what is ``fixed``; ``example`` is a name
    with a range that this file can have.
    """

    code = "E0451"
    example: str
    fixed: tuple[str, ...] = ()

    def message(self) -> Message:
        path, _, candidates = self.example.replace(":", " ").partition("=")
        names = ", ".join(f"`{one}`" for one in self.fixed)
        return Message(
            title="there is nothing to tune",
            notes=f"`--set` gives {names} one value for all trials" if names else (),
            helps=f"write `tune {path} in {candidates}` into the file, or "
            f"`--set {self.example}` behind the command",
        )


class OtherStudy(AboutAFile):
    """The study in the folder ``path`` is one of something else: ``what`` differs."""

    code = "E0452"
    what: str

    def message(self) -> Message:
        return Message(
            title=f"this study has {self.what}",
            notes="its trials cannot be compared with new ones",
            helps="give this one a name of its own, as by `--study second`",
        )


class JournalDamaged(AboutAFile):
    """The journal of the study in the folder ``path`` cannot be read."""

    code = "E0462"

    def message(self) -> Message:
        return Message(
            title="the journal of this study is damaged",
            notes="`trials.csv` beside it has what came of its trials",
            helps="move the folder away, or begin a study of another name, as by `--study second`",
        )


class AllFailed(AboutAFile):
    """No trial of the study in ``path`` gave a number; ``reason`` is why the first failed."""

    code = "E0453"
    trials: int
    reason: str

    def message(self) -> Message:
        return Message(
            title=f"all {self.trials:,} trials failed"
            if self.trials > 1
            else "the only trial failed",
            notes=f"the first one: {self.reason}",
            helps="take other ranges, or try a value of them alone by `netlang run --set`",
        )


class OwnOutside(Diagnostic):
    """What the file writes ``at`` another place is none of the candidates."""

    code = "W0644"
    path: str
    own: str
    at: Span

    def message(self) -> Message:
        return Message(
            title=f"`{self.path}` is {self.own} in the file, which is none of its candidates",
            label=f"`{self.own}` is not among them",
            labels=Label(self.at, "the file's own value"),
            notes="the study cannot begin with it, and may end with a value that is worse",
            helps="widen the candidates, unless that value is out of the question",
        )
