"""E03xx: shapes that do not fit, between layers and at the network's two ends."""

from __future__ import annotations

from typing import ClassVar

from netlang.diagnostics.diagnostic import Diagnostic, Fix, Label
from netlang.shapes import Shape
from netlang.source import Span


class LayerMisfit(Diagnostic):
    """``made`` is where the shape ``got`` comes from; ``trail`` the uses that led to the layer."""

    code: ClassVar = "E0301"
    got: Shape
    takes: Shape
    made: Span | None
    fixed: str | None
    trail: tuple[Span, ...] = ()

    @property
    def title(self) -> str:
        return "layer input does not fit"

    @property
    def label(self) -> str:
        return f"takes {self.takes}"

    @property
    def labels(self) -> tuple[Label, ...]:
        made = [Label(self.made, f"this produces {self.got}")] if self.made else []
        return (*made, *(Label(use, "used here") for use in self.trail))

    @property
    def notes(self) -> tuple[str, ...]:
        return () if self.made else (f"the network's input is {self.got}",)

    @property
    def helps(self) -> tuple[str, ...]:
        if self.fixed:
            return (f"write `{self.fixed}`, or change what comes before it",)
        return ("change this layer, or what comes before it",)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        return (Fix(self.span, self.fixed),) if self.fixed and self.span else ()


class DataMisfit(LayerMisfit):
    code: ClassVar = "E0302"

    @property
    def title(self) -> str:
        return "the data does not fit the first layer"

    @property
    def labels(self) -> tuple[Label, ...]:
        return (Label(self.made, f"a sample is {self.got}"),) if self.made else ()

    @property
    def helps(self) -> tuple[str, ...]:
        return (f"write `{self.fixed}`" if self.fixed else "change the first layer",)


class OutputMisfit(Diagnostic):
    """The last shape against the number of classes, or of numbers to predict."""

    code: ClassVar = "E0303"
    got: Shape
    takes: Shape
    data: Span
    target: str
    fixed: str | None
    more: str | None = None

    @property
    def title(self) -> str:
        return "the network's output does not fit the data"

    @property
    def label(self) -> str:
        return f"the output is {self.got}"

    @property
    def labels(self) -> tuple[Label, ...]:
        return (Label(self.data, self.target),)

    @property
    def helps(self) -> tuple[str, ...]:
        first = f"write `{self.fixed}`" if self.fixed else f"make the last layer give {self.takes}"
        return (first, self.more) if self.more else (first,)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        return (Fix(self.span, self.fixed),) if self.fixed and self.span else ()


class InputsDisagree(Diagnostic):
    code: ClassVar = "E0304"
    stated: str
    data: Span
    sample: str

    @property
    def title(self) -> str:
        return "`input` and `data` say different shapes"

    @property
    def label(self) -> str:
        return f"says {self.stated}"

    @property
    def labels(self) -> tuple[Label, ...]:
        return (Label(self.data, f"a sample is {self.sample}"),)

    @property
    def helps(self) -> tuple[str, ...]:
        return ("remove `input`: the data knows its own shape",)


class InputUnknown(Diagnostic):
    code: ClassVar = "E0305"

    @property
    def title(self) -> str:
        return "the network's input shape is not known"

    @property
    def label(self) -> str:
        return "takes any shape"

    @property
    def helps(self) -> tuple[str, ...]:
        return ("say one sample's shape, such as `input = [25]`, or give the file its `data`",)
