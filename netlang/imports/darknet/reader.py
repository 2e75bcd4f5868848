"""A cfg of Darknet becomes a foreign graph: its sections are layers, each behind the one above."""

from __future__ import annotations

from netlang.imports.darknet.layers import READERS, DarknetLayer, Made
from netlang.imports.darknet.sections import Section, sections_of
from netlang.imports.drawing import Drawing
from netlang.imports.foreign_graph import ForeignGraph
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.imports import ForeignValue, NothingGives
from netlang.language.source import SourceFile

_ENDS = (
    "yolo",
    "region",
    "detection",
    "gaussian_yolo",
    "iseg",
)  # they find objects, and their loss
_JOINING = ("route", "shortcut", "scale_channels", "sam")


def read_darknet(source: SourceFile) -> ForeignGraph:
    """The network of a cfg.  Raises NetError."""
    return _Reader(source).graph()


class _Reader:
    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._sections = sections_of(source)
        self._drawing = Drawing()
        self._made: list[Made] = []
        self._ends: list[str] = []

    def graph(self) -> ForeignGraph:
        if not self._sections or self._sections[0].name not in ("net", "network"):
            span = self._sections[0].span if self._sections else None
            what = "a cfg begins with the size of its pictures"
            raise NetError(ForeignValue(span, what, "`[net]` as the first section"))
        net, *sections = self._sections
        before = self._input(net)
        for number, section in enumerate(sections):
            before = self._layer(number, section, before)
            self._made.append(before)
        self._settings(net)
        path = self._source.path
        ends = tuple(self._ends) or self._drawing.ends()
        return self._drawing.graph(path.stem if path else "darknet", ends)

    def _input(self, net: Section) -> Made:
        sizes = [net.whole(name, 0) for name in ("channels", "height", "width")]
        if inputs := net.whole("inputs", 0):
            name = self._drawing.begin("data", (inputs,), net.span)
            return Made(name, inputs, 1, 1, is_row=True)
        if not all(size > 0 for size in sizes):
            what = "`[net]` does not say the size of a picture"
            raise NetError(
                ForeignValue(net.span, what, "`channels`, `height` and `width` below it")
            )
        name = self._drawing.begin("data", tuple(sizes), net.span)
        return Made(name, sizes[0], sizes[1], sizes[2])

    def _layer(self, number: int, section: Section, before: Made) -> Made:
        kind = section.name
        if kind in _ENDS:
            self._ends.append(before.layer)
            self._drawing.remark(f"[{kind}] is left out: the network gives what it gets.")
            return before
        if kind == "cost":
            losses = {"sse": "MSE", "l1": "MAE", "smooth": "Huber"}
            if loss := losses.get(section.text("type", "sse")):
                self._drawing.settings["loss"] = loss
            return before
        if kind == "crop":
            return self._cropped(section, before)
        is_joining = kind in _JOINING
        inputs = self._named(number, section, before) if is_joining else (before,)
        layer = DarknetLayer(number, section, inputs, self._drawing)
        reader = READERS.get(kind)
        return reader(layer) if reader else layer.lacks("no layer of the catalogue does this")

    def _cropped(self, section: Section, before: Made) -> Made:
        """A part of each picture is cut out before the network, which therefore takes such ones."""
        height, width = section.whole("crop_height", 1), section.whole("crop_width", 1)
        (input,) = self._drawing.inputs
        self._drawing.inputs[0] = input.replace(shape=(before.channels, height, width))
        self._drawing.remark("[crop] is left out: the network takes pictures of its size.")
        return Made(input.name, before.channels, height, width)

    def _named(self, number: int, section: Section, before: Made) -> tuple[Made, ...]:
        """What a section takes by the numbers of layers: from 0 on, or below 0 back from itself."""
        key = "layers" if section.name == "route" else "from"
        if not section.has(key):
            what = f"`[{section.name}]` does not say what it takes"
            raise NetError(ForeignValue(section.span, what, f"`{key}=...` below it"))
        found: list[Made] = []
        for one in section.wholes(key):
            index = one if one >= 0 else number + one
            if not 0 <= index < number:
                option = section.options[key]
                raise NetError(NothingGives(option.span, f"layer {one}", None))
            found.append(self._made[index])
        if section.name in ("scale_channels", "sam"):
            found = found[:1]
        return tuple(found) if section.name == "route" else (before, *found)

    def _settings(self, net: Section) -> None:
        """The optimizer and how its rate changes, if the file says a rate."""
        settings = self._drawing.settings
        if net.whole("batch", 1) > 1:
            settings["batch"] = str(net.whole("batch", 1))
        if not net.has("learning_rate"):
            return
        rate, decay = net.number("learning_rate", 0.001), net.number("decay", 0.0001)
        if net.whole("adam", 0):
            settings["optimizer"] = f"Adam(lr={rate:g}, weight_decay={decay:g})"
        else:
            momentum = net.number("momentum", 0.9)
            settings["optimizer"] = f"SGD({rate:g}, momentum={momentum:g}, weight_decay={decay:g})"
        if schedule := _schedule(net):
            settings["schedule"] = schedule
        elif net.text("policy", "constant") != "constant":
            policy = net.text("policy", "")
            self._drawing.remark(f"The rate stays: Darknet's policy `{policy}` is left out.")
        if net.whole("burn_in", 0):
            self._drawing.remark(f"burn_in={net.whole('burn_in', 0)}, its warmup, is left out.")


def _schedule(net: Section) -> str:
    policy, most = net.text("policy", "constant"), net.whole("max_batches", 0)
    if policy == "poly" and most:
        return f"Polynomial(power={net.number('power', 4):g}, length={most})"
    if policy == "steps" and net.wholes("steps") and len({*net.numbers("scales")}) == 1:
        return f"MultiStep({net.wholes('steps')}, gamma={net.number('scales', 0.1):g})"
    if policy == "step" and net.whole("step", 0):
        return f"Step({net.whole('step', 1)}, gamma={net.number('scale', 1):g})"
    if policy == "exp":
        return f"Exponential({net.number('gamma', 1):g})"
    return ""
