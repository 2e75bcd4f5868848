"""Begin: find which tensors of a model file a network begins with, by the file's header alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

from netlang.catalogue.data import Description
from netlang.compiler.ir import Beginning, Graph, OtherNames
from netlang.language.diagnostics import Diagnostic, NetError, Sink
from netlang.language.diagnostics.messages.files import unreachable
from netlang.language.diagnostics.messages.models import (
    ModelUnreadable,
    NoModel,
    NothingToBeginWith,
    OtherShape,
)
from netlang.language.diagnostics.suggest import nearest
from netlang.language.diagnostics.wording import counted
from netlang.language.model_files import MODEL
from netlang.language.paths import Gone, OutOfBounds, locate
from netlang.language.source import Span
from netlang.system.files import Irregular, TooLarge, files_beside, read_regular, why_unreadable
from netlang.system.fingerprint import Fingerprint
from netlang.system.machine import memory_limit
from netlang.system.tensor_file import NotReadable

_A_MODEL = "name the `model.safetensors` that a run has left, or a copy of it"


def begin(
    graph: Graph, span: Span, path: str, sink: Sink, described: Description | None = None
) -> Beginning | None:
    """What ``graph`` begins with of the model file that ``path``, written at ``span``, names.

    ``described`` are the data that it is to learn from, if they are known.
    It is reported if that is no model file, or if nothing in it fits.
    """
    try:
        file, data = _read(span, path)
        found = MODEL.shapes(data)
    except NetError as error:
        sink.extend(error.diagnostics)
        return None
    except NotReadable as error:
        sink.report(ModelUnreadable(span, path, str(error), error.help or _A_MODEL))
        return None
    beginning = _matched(graph, file, found)
    if not beginning.taken:
        shapes, surplus = beginning.shapes, beginning.surplus
        sink.report(NothingToBeginWith(span, path, shapes, beginning.missing, surplus))
    learned = _described(data)
    if beginning.taken and learned and described:
        return _beside(beginning, graph, learned, described)
    return beginning


def _described(data: bytes) -> Description | None:
    """The data that the network in a model file was trained on, as far as the file tells."""
    try:
        return Description.from_json(MODEL.about(data).get("description"))
    except ValueError:
        return None  # a damaged file is refused as training begins


def _beside(found: Beginning, graph: Graph, file: Description, own: Description) -> Beginning:
    """``found`` with what of the data differs that its first and last layers were trained for."""
    names = [
        graph.nodes[graph.owner(number)].name
        for number, node in enumerate(graph.nodes)
        if node.layer.tensors()
    ]
    taken = {name.partition(".")[0] for name in found.taken}
    inputs = _differing(_columns(file), _columns(own))
    outputs = _differing(file.classes or file.target, own.classes or own.target)
    first, last = names[0], names[-1]
    return found.replace(
        inputs=OtherNames(first, inputs) if inputs and first in taken else None,
        outputs=OtherNames(last, outputs) if outputs and last in taken else None,
    )


def _columns(described: Description) -> list[str]:
    """A table's columns of inputs as people are told of them."""
    return [
        name if (kind, inputs) == ("number", 1) else f"{name} ({kind}, {counted(inputs, 'input')})"
        for name, kind, inputs in described.columns
    ]


def _differing(file: Sequence[str], own: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """What differs in the same place; nothing where one of both has no names."""
    if not file or not own:
        return ()
    both = zip_longest(file, own, fillvalue="nothing")
    return tuple((found, takes) for found, takes in both if found != takes)


def _matched(graph: Graph, file: Fingerprint, found: dict[str, tuple[int, ...]]) -> Beginning:
    """The tensors that were ``found`` in the file beside those of the graph."""
    own = {name: tensor.shape for name, tensor in graph.tensors.items()}
    common = [name for name in own if name in found]
    return Beginning(
        file,
        taken=tuple(name for name in common if own[name] == found[name]),
        shapes=tuple(
            OtherShape(name, found[name], own[name]) for name in common if own[name] != found[name]
        ),
        missing=tuple(name for name in own if name not in found),
        surplus=tuple(sorted(found.keys() - own)),
    )


def _read(span: Span, path: str) -> tuple[Fingerprint, bytes]:
    """The file and what it holds.  Raises NetError."""
    wrong: Diagnostic
    try:
        found = locate(span.source, path)
    except (OutOfBounds, Gone) as problem:
        raise NetError(unreachable(problem, span, path)) from None
    try:
        if found.fingerprint:
            return found.fingerprint, found.data
        data = read_regular(found.path, memory_limit() // 2)
        file = Fingerprint.of(found.path, data)
        found.check(file)
        return file, data
    except Gone as problem:
        wrong = unreachable(problem, span, path)
    except FileNotFoundError:
        near = nearest(found.path.name, files_beside(found.path))
        help = f"did you mean `{Path(path).with_name(near).as_posix()}`?" if near else _A_MODEL
        wrong = NoModel(span, path, "is not there", help)
    except Irregular:
        reason = "is a folder" if found.path.is_dir() else "is no regular file"
        wrong = NoModel(span, path, reason, _A_MODEL)
    except TooLarge:
        wrong = ModelUnreadable(span, path, "it does not fit into this machine's memory")
    except (OSError, ValueError) as error:
        reason, remedy = why_unreadable(found.path, error)
        wrong = ModelUnreadable(span, path, reason, *([remedy] if remedy else []))
    raise NetError(wrong)
