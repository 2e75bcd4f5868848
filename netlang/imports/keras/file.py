"""A Keras file says layers and what each of them gets; Keras 2 and 3 write that in two forms.

A ``.keras`` file is a zip archive, of which ``config.json`` alone is read. Nothing in it is run:
a ``Lambda`` keeps Python's bytes, which stay what they are.
"""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from netlang.imports.refused import Refused
from netlang.system.lazy import zipfile
from netlang.system.record import Record

_LARGEST = 16 << 20  # bytes of a config: a network of 10,000 layers has less
_MOST_LAYERS = 20_000
_CUT_OFF = (zlib.error, OSError, NotImplementedError, RuntimeError, EOFError)
_INPUTS = ("inputs", "query", "value", "key")  # of a call, by their names


class KerasLayer(Record):
    """A layer of the class ``kind``, with its arguments; ``inputs`` are names of other layers.
    If it is called as no layer of netlang's can be, ``lacks`` says how.
    """

    kind: str
    name: str
    config: Mapping[str, Any]
    inputs: tuple[str, ...]
    uses: int = 1  # how often it is called: each time with the same weights
    lacks: str = ""

    @property
    def channels_last(self) -> bool:
        return bool(self.get("data_format", "channels_last") == "channels_last")

    def get(self, name: str, default: Any = None) -> Any:
        found = self.config.get(name)
        return default if found is None else found


class KerasFile(Record):
    """``compiled`` is what the network is trained with, if the file says so. ``has_weights`` tells
    that there are weights beside it, which are in HDF5.
    """

    name: str
    layers: tuple[KerasLayer, ...]
    outputs: tuple[str, ...]
    compiled: Mapping[str, Any]
    has_weights: bool


def keras_file(data: bytes) -> KerasFile:
    """Raises Refused."""
    has_weights = data[:4] == b"PK\3\4"
    text = _of_archive(data) if has_weights else data
    if len(text) > _LARGEST:
        raise Refused(f"it has more than {_LARGEST >> 20} MiB")
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("it is cut off, or no JSON") from None
    try:
        return _parsed(whole, has_weights)
    except (KeyError, TypeError, AttributeError, IndexError):
        raise Refused("it is no network that Keras has saved") from None


def _of_archive(data: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if archive.getinfo("config.json").file_size > _LARGEST:
                raise Refused(f"its `config.json` has more than {_LARGEST >> 20} MiB")
            with archive.open("config.json") as file:
                return file.read(_LARGEST + 1)
    except KeyError:
        raise Refused("it is an archive without a `config.json`") from None
    except (*_CUT_OFF, zipfile.BadZipFile) as error:
        raise Refused(f"it is cut off, or no archive of Keras ({error})") from None
    except ValueError as error:
        if isinstance(error, Refused):
            raise
        raise Refused("it is no archive of Keras") from None


def _parsed(whole: dict[str, Any], has_weights: bool) -> KerasFile:
    if "model_config" in whole:
        whole = whole["model_config"]
    kind, config = whole["class_name"], whole["config"]
    if isinstance(config, list):  # as the first versions wrote a Sequential
        config = {"layers": config}
    found = config["layers"]
    for one in found:
        if not isinstance(one["class_name"], str) or not isinstance(one["config"], dict):
            raise TypeError("a layer has a class, and arguments by name")
    if len(found) > _MOST_LAYERS:
        raise Refused(f"it has more than {_MOST_LAYERS:,} layers")
    if kind == "Sequential":
        layers = tuple(_in_turn(found, config))
        outputs: tuple[str, ...] = (layers[-1].name,)
    elif kind in ("Functional", "Model"):
        layers = tuple(map(_wired, found))
        ends = [*_tensors(config["output_layers"])]
        if lacks := _lacking(ends, {}):
            raise Refused(f"it {lacks}")
        outputs = tuple(one[0] for one in ends)
    else:
        what = f"it is a network of the class `{kind}`, which Python's code makes"
        raise Refused(what, "Keras says layers of a Sequential or a Functional network alone")
    if not {*outputs} <= {one.name for one in layers}:
        raise KeyError("its outputs are those of layers")
    about = whole.get("compile_config")
    compiled = about if isinstance(about, dict) else {}
    return KerasFile(str(config.get("name", "")), _sorted(layers), outputs, compiled, has_weights)


def _in_turn(found: Sequence[dict[str, Any]], config: Mapping[str, Any]) -> Iterator[KerasLayer]:
    before: tuple[str, ...] = ()
    names: dict[str, int] = {}
    if found[0]["class_name"] != "InputLayer":
        first = found[0]["config"]
        given = config.get("build_input_shape") or first.get("batch_input_shape")
        built = found[0].get("build_config") or {}
        shape = given or first.get("batch_shape") or built.get("input_shape")
        yield KerasLayer("InputLayer", "input", {"batch_shape": shape}, ())
        before = ("input",)
    for one in found:
        kind, own = one["class_name"], one["config"]
        name = str(own.get("name") or kind.lower())
        names[name] = names.get(name, 0) + 1
        name = name if names[name] == 1 else f"{name}_{names[name]}"
        yield KerasLayer(kind, name, own, () if kind == "InputLayer" else before)
        before = (name,)


def _wired(one: dict[str, Any]) -> KerasLayer:
    own = one["config"]
    name = str(one.get("name") or own["name"])
    nodes = one.get("inbound_nodes") or []
    sources = [*_tensors(nodes[0])] if nodes else []
    inputs = tuple(str(source[0]) for source in sources)
    lacks = _lacking(sources, _options(nodes[0])) if nodes else ""
    return KerasLayer(one["class_name"], name, own, inputs, max(1, len(nodes)), lacks)


def _lacking(sources: Sequence[list[Any]], options: Mapping[str, Any]) -> str:
    """How a call asks for what no layer of netlang's gives; an empty text where it does not."""
    for name, _, output, *_ in sources:
        if output:
            return f"takes output {output + 1} of `{name}`, and netlang's layers have one"
    asked = (name for name, value in options.items() if value and name not in _INPUTS)
    name = next(asked, "")
    return f"is called with `{name}`" if name else ""


def _options(node: Any) -> Mapping[str, Any]:
    """What a layer is called with by name, in either form."""
    if isinstance(node, dict):
        return node.get("kwargs") or {}
    found: dict[str, Any] = {}
    for source in node:
        if isinstance(source, list) and len(source) > 3 and isinstance(source[3], dict):
            found |= source[3]
    return found


def _tensors(node: Any) -> Iterator[list[Any]]:
    """The references to outputs of layers, ``["dense", 0, 0]``, in either form."""
    if isinstance(node, dict):
        history = (node.get("config") or {}).get("keras_history")
        if node.get("class_name") == "__keras_tensor__" and history:
            yield history
        else:
            for value in node.values():
                yield from _tensors(value)
    elif isinstance(node, list | tuple):
        if len(node) >= 3 and isinstance(node[0], str) and isinstance(node[1], int):
            yield [*node]
            named = node[3] if len(node) > 3 else {}
            yield from _tensors([named[name] for name in _INPUTS if name in named])
        else:
            for value in node:
                yield from _tensors(value)


def _sorted(layers: Sequence[KerasLayer]) -> tuple[KerasLayer, ...]:
    """The layers in an order in which each stands behind its inputs.  Raises Refused."""
    by_name = {one.name: one for one in layers}
    order = TopologicalSorter(dict.fromkeys(by_name, ()))  # as the file has them
    for one in layers:
        order.add(one.name, *one.inputs)
    try:
        return tuple(by_name[name] for name in order.static_order())
    except (CycleError, KeyError):
        raise Refused("layers of it wait for each other, or for one that is not there") from None
