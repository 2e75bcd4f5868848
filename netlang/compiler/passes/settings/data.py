"""The data that a file names, and what it says about the input of its network."""

from __future__ import annotations

from netlang.catalogue.data import DataSet, Description
from netlang.compiler.passes.settings.reader import SettingsReader
from netlang.compiler.passes.settings.slips import Slip, find_slip
from netlang.compiler.passes.values import Constant
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.messages.shapes import InputsDisagree
from netlang.language.shapes import Shape
from netlang.language.source import Span
from netlang.system.fingerprint import Fingerprint
from netlang.system.record import Record


class Data(Record):
    """The data that a file names, their description, and where the file names them.

    They are read, unless their description was known before.
    """

    item: DataSet
    description: Description
    span: Span
    is_read: bool = True

    @property
    def files(self) -> tuple[Fingerprint, ...]:
        return self.item.files if self.is_read else ()

    def warnings(self) -> tuple[Diagnostic, ...]:
        return self.item.warnings() if self.is_read else ()


class StatedInput(Record):
    """The shape of the network's input, and where the file states it.

    ``doubts`` are those of the settings ``input`` and ``data`` that are wrong and reported.
    ``slip`` is a definition that seems to be meant as one of them, if that is missing.
    """

    shape: Shape | None
    span: Span | None
    doubts: frozenset[str] = frozenset()
    slip: Slip | None = None


def data_of(
    settings: SettingsReader, described: Description | None, given: DataSet | None = None
) -> Data | None:
    """The data that the file names, read and described, unless they are ``described`` already; or
    those that are ``given`` in their place.
    """
    call = settings.call("data")
    if call is None:
        return None
    item = given or call.declared()
    assert isinstance(item, DataSet)
    item.span = call.span
    if not given:  # whose arguments may be written elsewhere
        item.spans = call.spans
    if described:
        return Data(item, described, call.span, is_read=False)
    try:
        return Data(item, item.describe(_seed(settings)), call.span)
    except NetError as error:
        settings.sink.extend(error.diagnostics)
        return None


def _seed(settings: SettingsReader) -> int:
    """The seed that the file states; what is wrong with it is reported where it is used."""
    value = settings.values.get("seed")
    seed = value.plain if isinstance(value, Constant) else None
    return seed if isinstance(seed, int) and not isinstance(seed, bool) and seed >= 0 else 0


def stated_input(settings: SettingsReader, data: Data | None) -> StatedInput:
    """What the file says about the network's input, by ``data`` or by ``input``."""
    missing = [name for name in ("input", "data") if name not in settings.values]
    slips = (find_slip(name, settings.file.unused, settings.file) for name in missing)
    slip = next(filter(None, slips), None)
    sound, stated = settings.checked("input")
    shape = Shape(stated) if isinstance(stated, tuple) else None  # type: ignore[arg-type]
    span = settings.values["input"].span if shape else None
    if data is None:
        doubts = {"data"} - {*missing} | (set() if sound else {"input"})
        return StatedInput(shape, span, frozenset(doubts), slip)
    sample = data.description.input
    if span and shape and shape.sample != sample.sample:  # `input` cannot say that it is tokens
        settings.sink.report(InputsDisagree(span, str(shape), data.span, str(sample)))
    return StatedInput(sample, data.span)
