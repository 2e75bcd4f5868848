"""A prototxt of Caffe becomes a foreign graph: the network of the TEST phase, and its losses."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.imports.caffe.layers import READERS, Blob, CaffeLayer
from netlang.imports.caffe.solver import add_solver
from netlang.imports.caffe.text_format import Message, Scalar, parse
from netlang.imports.drawing import Drawing
from netlang.imports.foreign_graph import ForeignGraph
from netlang.imports.refused import check_rank
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.imports import ForeignValue, NothingGives
from netlang.language.diagnostics.suggest import nearest
from netlang.language.source import SourceFile, Span

_OLD_TYPES = {  # of V1, whose other names differ from today's in their case alone
    "BNLL": "BNLL",
    "ELTWISE": "Eltwise",
    "EUCLIDEAN_LOSS": "EuclideanLoss",
    "HDF5_DATA": "HDF5Data",
    "INNER_PRODUCT": "InnerProduct",
    "LRN": "LRN",
    "RELU": "ReLU",
    "TANH": "TanH",
    "SOFTMAX_LOSS": "SoftmaxWithLoss",
}
_LOSSES = {
    "SoftmaxWithLoss": "SoftmaxCrossEntropy",
    "EuclideanLoss": "MSE",
    "SigmoidCrossEntropyLoss": "SigmoidCrossEntropy",
    "HingeLoss": "Hinge",
}
_DATA = ("Data", "ImageData", "HDF5Data", "MemoryData", "DummyData", "WindowData", "Input")
_MEASURES = ("Accuracy", "Silence", "ArgMax", "HDF5Output")


def read_caffe(
    source: SourceFile,
    all_outputs: bool = False,
    solver: SourceFile | None = None,
    input: tuple[int, ...] | None = None,
) -> ForeignGraph:
    """The network of a prototxt, trained as its ``solver`` says, if there is one.  Raises NetError.

    Of several losses, those that count less than the largest are helps of training, and are left
    out with the layers that only they need, unless ``all_outputs`` are wanted. ``input`` is the
    shape of a sample, whatever the file says.
    """
    return _Reader(source, all_outputs, solver, input).graph()


class _Reader:
    def __init__(
        self,
        source: SourceFile,
        all_outputs: bool,
        solver: SourceFile | None,
        input: tuple[int, ...] | None,
    ) -> None:
        self._net = parse(source)
        self._solver = parse(solver) if solver else None
        self._all_outputs = all_outputs
        self._shape = input
        self._drawing = Drawing()
        self._blobs: dict[str, Blob] = {}  # by the names that layers take them by
        self._labels: set[str] = set()
        self._last: dict[str, Message] = {}  # by the same names, the last layer that takes each
        self._owners: dict[str, str] = {}  # by the name of a shared weight, the layer that has it
        self._named: dict[str, list[str]] = {}  # by the name of a layer, those of its weights
        self._losses: list[tuple[Blob, str, float]] = []

    def graph(self) -> ForeignGraph:
        self._stated_inputs()
        layers = self._net.messages("layer", "layers")
        if not layers:
            is_solver = bool(self._net.scalars("base_lr"))
            what = "this is a solver, and no network" if is_solver else "there is no `layer` in it"
            expected = "a network, and the solver behind `--solver`" if is_solver else "`layer { }`"
            raise NetError(ForeignValue(self._net.span, what, expected))
        tested = [fields for fields in layers if _is_in(fields, "TEST")]
        self._last = {one.text: fields for fields in tested for one in fields.scalars("bottom")}
        for fields in tested:
            self._layer(fields)
        if not self._losses:
            for fields in layers:
                if _type(fields) in _LOSSES and not _is_in(fields, "TEST"):
                    self._layer(fields)
        self._training_data(layers)
        if any(one.messages("convolution_param", "inner_product_param") for one in layers):
            self._remark_fillers(layers)
        outputs = self._outputs()
        if self._solver:
            add_solver(self._solver, self._drawing)
            self._remark_rates(layers)
        return self._drawing.graph(self._net.text("name", default="caffe"), outputs)

    def _stated_inputs(self) -> None:
        """Inputs that stand above the layers, with a shape of a batch each."""
        dims = self._net.wholes("input_dim")
        shapes = [one.wholes("dim") for one in self._net.messages("input_shape")]
        shapes = shapes or [dims[at : at + 4] for at in range(0, len(dims), 4)]
        for number, one in enumerate(self._net.scalars("input")):
            shape = shapes[number] if number < len(shapes) else []
            self._input(one.text, shape, one.span)

    def _input(self, name: str, dims: Sequence[int], span: Span) -> None:
        wanted = None if self._drawing.inputs else self._shape
        if wanted:
            check_rank(name, tuple(dims[1:]), wanted)
        shape = wanted or tuple(dims[1:]) or None
        self._drawing.begin(name, shape, span)
        self._blobs[name] = Blob(name, is_flat=shape is not None and len(shape) == 1)

    def _layer(self, fields: Message) -> None:
        kind = _type(fields)
        bottoms, tops = fields.scalars("bottom"), fields.scalars("top")
        name = fields.text("name", default=tops[0].text if tops else kind)
        if kind in _DATA:
            self._data(fields, kind, tops)
        elif kind in _LOSSES:
            self._loss(fields, kind, bottoms)
        elif kind in _MEASURES:
            if kind == "Accuracy":
                self._metric(fields)
            elif kind == "ArgMax":
                self._drawing.remark(f"ArgMax `{name}` is left out: netlang shows the class.")
        elif any(bottom.text in self._labels for bottom in bottoms):
            what = f"{kind} `{name}`, which compares with targets, is left out"
            self._drawing.remark(f"{what}: write a loss and metrics that do so.")
        else:
            layer = CaffeLayer(
                name=name,
                type=kind,
                entry=fields,
                bottoms=tuple(map(self._blob, bottoms)),
                tops=len(tops),
                drawing=self._drawing,
                shares=self._owner(fields, name),
                is_beside=self._is_beside(fields, bottoms, tops),
            )
            self._make(layer, tops)

    def _make(self, layer: CaffeLayer, tops: Sequence[Scalar]) -> None:
        reader = READERS.get(layer.type)
        if not layer.bottoms:
            what = f"`{layer.name}` takes nothing"
            raise NetError(ForeignValue(layer.span, what, "a `bottom`, the name of what it takes"))
        if layer.shares and self._named[layer.shares] != self._named[layer.name]:
            made: Blob | list[Blob] = layer.lacks(f"it shares some weights with `{layer.shares}`")
        else:
            made = reader(layer) if reader else layer.lacks("no layer of the catalogue does this")
        blobs = made if isinstance(made, list) else [made] * len(tops)
        self._blobs |= {top.text: blob for top, blob in zip(tops, blobs, strict=False)}

    def _blob(self, bottom: Scalar) -> Blob:
        if bottom.text not in self._blobs:
            near = nearest(bottom.text, self._blobs)
            raise NetError(NothingGives(bottom.span, bottom.text, near))
        return self._blobs[bottom.text]

    def _owner(self, fields: Message, name: str) -> str | None:
        """The layer whose weights it uses, by the names that these have in both."""
        named = [one.text("name") for one in fields.messages("param")]
        named += [one.text for one in fields.scalars("param")]
        self._named[name] = named
        for one in filter(None, named):
            owner = self._owners.setdefault(one, name)
            if owner != name:
                return owner
        return None

    def _is_beside(
        self, fields: Message, bottoms: Sequence[Scalar], tops: Sequence[Scalar]
    ) -> bool:
        """Whether a later layer takes what this one takes, and does not change in its place."""
        names = {one.text for one in bottoms} - {one.text for one in tops}
        return any(self._last[name] is not fields for name in names)

    # What a file says of data, losses and metrics

    def _data(self, fields: Message, kind: str, tops: Sequence[Scalar]) -> None:
        """The first thing that it gives are samples, and the second targets."""
        shape = fields.message("input_param").messages("shape")
        shape = shape or fields.message("dummy_data_param").messages("shape")
        for number, top in enumerate(tops):
            if kind == "Input" or number == 0:
                dims = shape[number].wholes("dim") if number < len(shape) else []
                memory = fields.message("memory_data_param")
                if memory.entries:
                    dims = [1, *(memory.needed(one) for one in ("channels", "height", "width"))]
                self._input(top.text, dims, top.span)
            else:
                self._labels.add(top.text)

    def _training_data(self, layers: Sequence[Message]) -> None:
        """What a file says of the data of the TRAIN phase."""
        for fields in layers:
            if _type(fields) in _DATA and _is_in(fields, "TRAIN"):
                params = "data_param", "image_data_param", "memory_data_param", "hdf5_data_param"
                if batch := fields.message(*params).whole("batch_size", 0):
                    self._drawing.settings["batch"] = str(batch)
                if changes := {one.name for one in fields.message("transform_param").entries}:
                    said = ", ".join(sorted(changes))
                    self._drawing.remark(f"What Caffe does to its pictures is left out: {said}.")
                return

    def _loss(self, fields: Message, kind: str, bottoms: Sequence[Scalar]) -> None:
        weight = next(iter(fields.numbers("loss_weight")), 1.0)
        if bottoms and weight:
            self._losses.append((self._blob(bottoms[0]), _LOSSES[kind], weight))
        if kind == "EuclideanLoss":
            self._drawing.remark(
                "Caffe's EuclideanLoss is half the sum of squares, and MSE their mean."
            )

    def _metric(self, fields: Message) -> None:
        most = fields.message("accuracy_param").whole("top_k", 1)
        metric = "accuracy" if most == 1 else f"top_k({most})"
        known = self._drawing.settings.get("metrics", "[]")[1:-1]
        if metric not in known.split(", "):
            self._drawing.settings["metrics"] = f"[{', '.join(filter(None, [known, metric]))}]"

    def _outputs(self) -> tuple[str, ...]:
        if not self._losses:
            return self._drawing.ends()
        largest = max(weight for _, _, weight in self._losses)
        kept = [one for one in self._losses if self._all_outputs or one[2] == largest]
        left = ", ".join(blob.layer for blob, _, weight in self._losses if weight < largest)
        if left and not self._all_outputs:
            what = f"Outputs that only help training are left out: {left}"
            self._drawing.remark(f"{what}. `--all-outputs` keeps them.")
        texts = [loss if w == 1 else f"{w:g} * {loss}" for _, loss, w in kept]
        self._drawing.settings["loss"] = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
        return tuple(blob.layer for blob, _, _ in kept)

    def _remark_rates(self, layers: Sequence[Message]) -> None:
        factors = [
            factor
            for layer in layers
            for param in (layer, *layer.messages("param"))
            for name in ("lr_mult", "decay_mult", "blobs_lr", "weight_decay")
            for factor in param.numbers(name)
        ]
        if any(factor != 1 for factor in factors):
            what = "Rates and decays of single weights, such as lr_mult, are left out"
            self._drawing.remark(f"{what}: `optimizer` may be a list, one with `only`.")

    def _remark_fillers(self, layers: Sequence[Message]) -> None:
        filled = (
            name
            for layer in layers
            for param in layer.messages("convolution_param", "inner_product_param")
            for name in ("weight_filler", "bias_filler")
            if param.messages(name)
        )
        if any(filled):
            self._drawing.remark("Weights begin as netlang draws them, not by Caffe's fillers.")


def _type(fields: Message) -> str:
    """The layer's type by its name of today."""
    text = fields.text("type")
    if not text:
        raise NetError(ForeignValue(fields.span, "a layer has no `type`", 'one, as `type: "ReLU"`'))
    if text.isupper() and text not in READERS:
        return _OLD_TYPES.get(text, text.title().replace("_", ""))
    return text


def _is_in(fields: Message, phase: str) -> bool:
    """Whether a layer is there in this phase, by its rules."""
    included, excluded = fields.messages("include"), fields.messages("exclude")
    if included:
        return any(phase in said for said in map(_phases, included) if said) or not any(
            map(_phases, included)
        )
    return not any(phase in _phases(rule) for rule in excluded)


def _phases(rule: Message) -> list[str]:
    names = {"0": "TRAIN", "1": "TEST"}
    return [names.get(one.text, one.text) for one in rule.scalars("phase")]
