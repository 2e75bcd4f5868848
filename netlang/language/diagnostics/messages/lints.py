"""W0601 to W0607, W0624, W0628, W0635 to W0637, W0642, W0665, W0666: likely mistakes."""

from __future__ import annotations

import math

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message, Texts
from netlang.language.diagnostics.suggest import Guess
from netlang.language.diagnostics.wording import counted, either, in_code, listed
from netlang.language.shapes import Shape
from netlang.language.source import Span


class Unused(Diagnostic):
    """``meant`` is the setting that seems to be meant; ``help`` says what to write, where that is
    not the name alone.
    """

    code = "W0601"
    meant: Guess | None = None
    help: str | None = None

    def message(self) -> Message:
        title, fix = f"nothing uses `{self.written}`", self.replaced_by(self.meant)
        label = f"did you mean the setting `{self.meant.text}`?" if self.meant else "defined here"
        return Message(title, label, helps=self._help(), fixes=fix)

    def _help(self) -> str:
        if self.meant and not self.help:
            return f"write `{self.meant.text} = ...`"
        return self.help or "use it, or remove it"


class SettingsNotImported(Diagnostic):
    """The imported file ``path`` has settings, ``names``, that no file uses."""

    code = "W0601"
    path: str
    names: tuple[str, ...]

    def message(self) -> Message:
        return Message(
            title=f"nothing uses {listed(in_code(self.names))} of `{self.path}`",
            label="a file's settings are its own, and are not imported",
            helps=f"write `{self.names[0]} = ...` here, or remove it from `{self.path}`",
        )


_TAKEN = {
    "probabilities": "takes numbers from 0 to 1",
    "log-probabilities": "takes logarithms of such, 0 at most",
    "logits": "takes any numbers",
    "means": "takes numbers above 0",
    "logarithms": "takes logarithms of means, which are any numbers",
    "variances": "takes a variance for each mean, which is above 0",
    "values of 0 and 1": "compares each class with 0 or 1",
}
_GIVEN = {
    "probabilities": "gives probabilities",
    "log-probabilities": "gives logarithms of probabilities",
}


class WrongOutputs(Diagnostic):
    """``span`` is the network's last layer, and the loss at ``loss_span`` ``takes`` other outputs.
    The layer ``gives`` what its class says, or numbers within ``bounds``.

    ``ends`` of the network, or of its last branch, would give what the loss takes. ``losses`` would
    take what it gives.
    """

    code = "W0602"
    loss: str
    takes: str
    loss_span: Span
    gives: str
    bounds: tuple[float, float]
    ends: tuple[str, ...]
    losses: tuple[str, ...]
    is_branch: bool = False

    def message(self) -> Message:
        return Message(
            title=f"`{self.loss}` takes {self.takes}, and the network {self._given()}",
            label="the output comes from here",
            labels=Label(self.loss_span, _TAKEN[self.takes]),
            helps=self._helps(),
        )

    def _given(self) -> str:
        if self.takes in ("means", "variances"):
            return "may give negative numbers"
        if self.takes in ("probabilities", "log-probabilities"):
            return _GIVEN.get(self.gives, "may give other numbers")
        return _GIVEN.get(self.gives) or f"gives only numbers {_from(*self.bounds)}"

    def _is_activation(self) -> bool:
        """Whether the layer has no weights, so that another may stand in its place."""
        return bool(self.gives) or self.bounds != (-math.inf, math.inf)

    def _helps(self) -> Texts:
        if self.ends:
            part = "this branch" if self.is_branch else "the network"
            ends = f"end {part} with {either(self.ends)}"
            layers = [one.removeprefix("-> ") for one in self.ends]
            if self._is_activation() and all(one.isalpha() for one in layers):
                ends = f"write {either(layers)} in place of this layer"
            return (ends, *(f"or take `loss = {name}`" for name in self.losses))
        instead = f", or take {either(self.losses)} for the loss" if self.losses else ""
        return f"remove this layer{instead}"


class OneClassEach(Diagnostic):
    """A ``loss`` compares distributions, and each target is one class: then it is what ``instead``
    says, which takes what the network gives.
    """

    code = "W0642"
    loss: str
    data: Span
    instead: tuple[str, ...]

    def message(self) -> Message:
        return Message(
            title=f"`{self.loss}` compares distributions, and each target is one class",
            label="takes a share of each class",
            labels=Label(self.data, "names one class for each sample"),
            helps=f"write {either(self.instead)}, which takes classes and what the network gives",
        )


class SharedProbability(Diagnostic):
    """A layer whose outputs share 1 among them gives the probabilities of labels, of which each may
    be true. ``instead`` are layers that give each its own.
    """

    code = "W0665"
    layer: str
    data: Span
    instead: tuple[str, ...]

    def message(self) -> Message:
        return Message(
            title=f"`{self.layer}` shares one probability among all labels",
            label="its outputs have the sum 1",
            labels=Label(self.data, "several labels may be true at once"),
            helps=f"write {either(self.instead)}, which gives each its own",
        )


class RareClass(Diagnostic):
    """Of a class, there are ``few`` samples; ``many`` of another, which is a ``share`` of all."""

    code = "W0666"
    rare: str
    few: int
    frequent: str
    many: int
    share: float
    may_balance: bool

    def message(self) -> Message:
        metrics = "`metrics = [accuracy, balanced_accuracy]`"
        balanced = 'or let all classes count alike: add `weights="balanced"` to the data'
        weighted = "or let rare classes count more, by `weight` or `pos_weight` of the loss"
        return Message(
            title=f"`{self.rare}` has {counted(self.few, 'sample')}, and `{self.frequent}` "
            f"{self.many:,}",
            label=f"who always says `{self.frequent}` is right in {self.share:.1%}",
            helps=(
                f"look at a metric that sees rare classes: {metrics}",
                balanced if self.may_balance else weighted,
            ),
        )


class Pointless(Diagnostic):
    """A layer that changes nothing: the layer ``before`` already gives what this one ``gives``.

    With ``repeated``, both are one layer that is repeated by `*`.
    """

    code = "W0603"
    layer: str
    before: str
    made: Span
    gives: str
    repeated: bool

    def message(self) -> Message:
        return Message(
            title=f"`{self.layer}` is wasted after `{self.before}`",
            label=f"its input has {self.gives} as it is",
            labels=() if self.repeated else Label(self.made, f"gives {self.gives}"),
            helps=f"`*` repeats only `{self.layer}`: write `(... -> {self.layer}) * n` for more"
            if self.repeated
            else "remove one of the two, or put a layer with weights between them",
        )


class TrainingOnlyLast(Diagnostic):
    """``does`` is what the layer does while training, such as "zeroes some of the outputs"."""

    code = "W0604"
    layer: str
    does: str

    def message(self) -> Message:
        return Message(
            title=f"the network ends in `{self.layer}`",
            label=f"{self.does} while training",
            helps="remove it, or put it before the last layer with weights",
        )


class NeverUsed(Diagnostic):
    """A layer whose output goes nowhere: its weights never get a gradient."""

    code = "W0605"
    layer: str

    def message(self) -> Message:
        return Message(
            title=f"nothing uses the output of `{self.layer}`",
            label="what it gives is thrown away, and it never gets a gradient",
            helps="join it to the others, or remove it",
        )


class NoActivation(Diagnostic):
    """Two layers with weights and nothing that bends between them; with ``repeated``, they are one
    layer that is repeated by `*`.
    """

    code = "W0635"
    layer: str
    before: str
    made: Span
    repeated: bool

    def message(self) -> Message:
        between = f"put an activation between them: `-> ReLU -> {self.layer}`"
        return Message(
            title=f"no activation stands between `{self.before}` and `{self.layer}`",
            label="with the layer before it, this is no more than one layer can do",
            labels=() if self.repeated else Label(self.made, "its outputs are taken as they are"),
            helps=f"`*` repeats `{self.layer}` alone: write `({self.layer}(...) -> ReLU) * n`"
            if self.repeated
            else between,
        )


class NoPositions(Diagnostic):
    """A layer attends to tokens, and nothing before it says where in the sequence each stands."""

    code = "W0628"
    layer: str

    def message(self) -> Message:
        return Message(
            title=f"`{self.layer}` cannot tell where a token stands",
            label="a sequence and the same tokens in another order are alike to it",
            helps="put `-> PositionalEmbedding(_, _)` behind the embedding, or give it "
            "`rotary=true`",
        )


class TakenForRows(Diagnostic):
    """A layer takes the last dimension of pictures ``x``, or of sequences behind channels, for all
    of a sample, and gives ``y``. What is ``made`` before it gives ``x``.
    """

    code = "W0637"
    layer: str
    made: Span
    x: Shape
    y: Shape

    def message(self) -> Message:
        axes = len(self.x.sample) - 1
        what = "pictures" if axes == 2 else "sequences"
        conv = f"Conv{axes}d({self.x.dim(0)}, {self.y.last}, 1)"
        return Message(
            title=f"`{self.layer}` acts on the last axis of {what} alone",
            label=f"makes {self.y} of it",
            labels=Label(self.made, f"gives {self.x}"),
            helps=(
                f"put `Flatten ->` before it, which makes a row of each of the {what}",
                f"or take the channels of each place: `{conv}`",
            ),
        )


class Remark(Diagnostic):
    """A layer or a loss says of itself that it is of no use for the inputs that it gets."""

    code = "W0606"
    item: str
    text: str
    help: str = "take another layer, or give it more inputs"

    def message(self) -> Message:
        return Message(
            title=f"`{self.item}` {self.text}",
            label="no gradient gets through here",
            helps=self.help,
        )


class BatchTooLarge(Diagnostic):
    code = "W0607"
    batch: int
    train: int
    data: Span

    def message(self) -> Message:
        samples = f"{counted(self.train, 'sample')} to learn from"
        return Message(
            title=f"a batch of {self.batch:,} is more than the {samples}",
            label="an epoch is one step",
            labels=Label(self.data, samples),
            helps="take a smaller batch: more steps an epoch learn faster",
        )


class OutOfReach(Diagnostic):
    """The network's last ``layer`` gives no negative numbers, and ``targets``, standardised, are so
    in part. ``as_it_is`` says which numbers it can predict without that.
    """

    code = "W0624"
    layer: str
    targets: str
    data: Span
    as_it_is: str

    def message(self) -> Message:
        return Message(
            title=f"`{self.layer}` gives no negative numbers, and about half of {self.targets} are",
            label="the output comes from here, and cannot get there",
            labels=Label(self.data, "standardises what is to predict: its mean becomes 0"),
            helps=(
                "remove this layer, so that the network ends in one with weights",
                f"or add `standardize=false`, if all numbers to predict are {self.as_it_is}",
            ),
        )


class OutOfBounds(Diagnostic):
    """The network's last ``layer`` gives numbers within its ``bounds`` alone, and the ``targets``
    go from one of ``ends`` to the other, ``standardized`` or as they are.
    """

    code = "W0636"
    layer: str
    bounds: tuple[float, float]
    targets: str
    ends: tuple[float, float]
    data: Span
    standardized: bool

    def message(self) -> Message:
        (least, most), (low, high) = self.bounds, self.ends
        goes = f"{self.targets} {'go' if ' ' in self.targets else 'goes'}"
        if low < least and most < high:
            title = f"gives numbers {_from(least, most)}, and {goes} {_from(low, high)}"
        elif low < least:
            title = f"gives no number below {_short(least)}, and {goes} down to {_short(low)}"
        else:
            title = f"gives no number above {_short(most)}, and {goes} up to {_short(high)}"
        then = f"{'standardised, ' * self.standardized}what is to predict goes"
        first = "add `standardize=false`, and " if self.standardized else ""
        return Message(
            title=f"`{self.layer}` {title}",
            label="the output comes from here, and cannot get there",
            labels=Label(self.data, f"{then} {_from(low, high)}"),
            helps=(
                "remove this layer, so that the network ends in one with weights",
                f"or {first}scale what is to predict in the data to numbers {_from(least, most)}",
            ),
        )


def _from(low: float, high: float) -> str:
    """``from 0 to 1``, ``of 0 or more``, ``of 0 or less``."""
    if math.isinf(high):
        return f"of {_short(low)} or more"
    return (
        f"of {_short(high)} or less" if math.isinf(low) else f"from {_short(low)} to {_short(high)}"
    )


def _short(number: float) -> str:
    """The number with three digits that count: ``39,000``, ``-1.33``."""
    return f"{float(f'{number:.3g}'):,g}"
