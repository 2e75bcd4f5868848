"""A table's pipeline in ONNX: its columns are the model's inputs, each [N, 1] by its name.

Columns of numbers are float64, as tables have them, and NaN is a missing number. Those of
categories are texts, and an empty one is missing. Texts come as tokens, as operators can not divide
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import groupby

from netlang.catalogue.arguments import LARGEST
from netlang.catalogue.data.columns.missing import MARKING_WORDS, NO_NUMBER
from netlang.catalogue.data.formats.gathering import TRUTHS, Gathering
from netlang.catalogue.data.pipeline import Categories, Encoder, Numbers, Pipeline, Texts
from netlang.catalogue.data.pipeline.cells import MISSING, UNKNOWN, Names
from netlang.catalogue.data.pipeline.scales import Quantiles, SmoothClip
from netlang.catalogue.data.pipeline.texts import OTHER
from netlang.language.diagnostics.wording import listed
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.onnx.curves import normal_scores, smoothly_clipped
from netlang.lowering.onnx.encoded import Encoded, both
from netlang.lowering.onnx.encoded import tokens as tokens_of
from netlang.lowering.onnx.file import Port
from netlang.lowering.onnx.values import ML, Value, concat, constant, op
from netlang.system.lazy import np, torch

_MOST_NAMED = 20  # categories, in the note of an input
_MIXED = ("NaN", "-NaN", "NaT")  # as programs write what is missing


def of_table(pipeline: Pipeline) -> Encoded:
    """The columns as inputs, and the row that the network gets.  Raises Unsupported."""
    made: list[Encoded] = []
    for _, run in groupby(pipeline.encoders, _alike):
        encoders = [*run]
        match encoders[0]:
            case Numbers():
                made.append(_numbers([one for one in encoders if isinstance(one, Numbers)]))
            case Categories():  # Codes, too
                made += [_categories(one) for one in encoders if isinstance(one, Categories)]
            case Texts():
                made += [_texts(one) for one in encoders if isinstance(one, Texts)]
            case other:
                raise Unsupported(f"the column {other.name} has no counterpart in ONNX yet")
    return beside(made)


def beside(parts: Sequence[Encoded]) -> Encoded:
    """The rows of all parts side by side."""
    ports = [port for part in parts for port in part.inputs]
    used = reduce(both, (part.used for part in parts))
    return Encoded(ports, concat(1, *(part.row for part in parts)), used)


def _alike(encoder: Encoder) -> object:
    """What neighbouring columns have in common that are encoded together."""
    return (type(encoder), type(encoder.curve)) if isinstance(encoder, Numbers) else encoder.name


def _numbers(encoders: Sequence[Numbers]) -> Encoded:
    """Columns of numbers whose scales are bent by curves of one kind, or by none."""
    ports = [Port(one.name, Value("float64"), (1,), _of_number(one)) for one in encoders]
    x = concat(1, *(port.value for port in ports))
    missing = op("IsNaN", x, dtype="bool")
    fills = _row(np.nan if one.fill is None else one.fill for one in encoders)
    filled = fills.where(missing, x) if any(one.may_lack for one in encoders) else x
    scaled = (filled - _row(one.shift for one in encoders)) / _row(one.scale for one in encoders)
    row = _bent(scaled, encoders).cast("float32")
    if any(one.indicated for one in encoders):
        row = _with_indicators(row, missing.cast("float32"), encoders)
    is_number = op("Abs", filled) <= LARGEST
    return Encoded(ports, row, is_number.cast("int32").min(1, keep=False).cast("bool"))


def _bent(scaled: Value, encoders: Sequence[Numbers]) -> Value:
    curves = [one.curve for one in encoders]
    if isinstance(curves[0], SmoothClip):
        return smoothly_clipped(scaled)
    columns = [
        normal_scores(scaled.sliced(1, place, place + 1), curve.values)
        for place, curve in enumerate(curves)
        if isinstance(curve, Quantiles)
    ]
    return concat(1, *columns) if columns else scaled


def _with_indicators(row: Value, missing: Value, encoders: Sequence[Numbers]) -> Value:
    """Each number with the input behind it, if it has one, that says whether it was missing."""
    places: list[int] = []
    for place, one in enumerate(encoders):
        places += [place, len(encoders) + place] if one.indicated else [place]
    learned = constant([float(one.seen_gaps) for one in encoders])
    return op("Gather", concat(1, row, missing * learned), constant(places, "int64"), axis=1)


def _row(numbers: Iterable[float]) -> Value:
    return constant([*numbers], "float64")


def _of_number(encoder: Numbers) -> str:
    return f"a number{'; NaN where it is missing' * encoder.may_lack}"


def _categories(encoder: Categories) -> Encoded:
    """A column of categories: a name is found, and what the network gets of it is a row of a table.

    The operator knows whole texts alone: those that programs write. netlang finds a name with
    spaces around it as well, and one that is a number in any other way of writing that, as 01.
    """
    found = {text: index for text, index in _spelt(encoder.names) if index != UNKNOWN}
    port = Port(encoder.name, Value("str"), (1,), _of_category(encoder))
    place = op(
        "LabelEncoder",
        port.value,
        dtype="int64",
        domain=ML,
        keys_strings=[*found],
        values_int64s=[*found.values()],
        default_int64=UNKNOWN,
    ).squeezed(1)
    # UNKNOWN and MISSING, counted from the end, are the last two.
    every = torch.tensor([*range(len(encoder.names)), UNKNOWN, MISSING], device="cpu")
    rows = torch.empty(len(every), len(encoder.input_names), device="cpu")
    encoder.encode(every, rows)
    row = op("Gather", constant(rows.numpy()), place, dtype="float32")
    used = None if encoder.may_lack else op("Not", place.equals(MISSING))
    return Encoded([port], row, used)


def _spelt(names: Sequence[str]) -> Iterable[tuple[str, int]]:
    """Texts that a cell may hold, and the index of the name that each is, as netlang finds it."""
    cells = Gathering(as_text=True)
    spellings = [*names, *(number for name in names for number in _as_numbers(name))]
    words = sorted({*TRUTHS, *NO_NUMBER, *MARKING_WORDS})
    spellings += [word for one in words for word in (one, one.upper(), one.title())]
    spellings += _MIXED
    cells.add([*dict.fromkeys(spellings)])
    return zip(cells.vocabulary.texts, Names(names).of_texts(cells), strict=True)


def _as_numbers(name: str) -> list[str]:
    """The other ways in which programs write a number: 1 and 1.0."""
    try:
        number = float(name)
    except ValueError:
        return []
    return [f"{number}", *([f"{number:.0f}"] if number.is_integer() else [])]


def _of_category(encoder: Categories) -> str:
    names = listed([repr(name) for name in encoder.names], _MOST_NAMED)
    missing = "; empty where it is missing" * encoder.may_lack
    return f"one of {names}, without blanks around it{missing}"


def _texts(encoder: Texts) -> Encoded:
    """A column of texts, which come as tokens, with -1 behind their ends."""
    note = (
        f"the numbers of the first {encoder.length} {encoder.by} of a text, counted from 1 among "
        f"`symbols` of `netlang.pipeline`; {OTHER} is any other, and -1 is behind the end"
    )
    port = Port(encoder.name, Value("int64"), (encoder.length,), note)
    is_behind = port.value < 0
    inside, used = tokens_of(port.value, len(encoder.learned) + 1, 2, least=-1)
    tokens = op("Max", inside, OTHER)  # that of an empty text
    if not all(encoder.learned):
        known = [place * learned for place, learned in enumerate((True, *encoder.learned))]
        tokens = op("Gather", constant(known, "int64"), tokens)
    row = constant(np.nan).where(is_behind, tokens.cast("float32"))
    begin = tokens.cast("float32").sliced(1, 0, 1)
    others = [row.sliced(1, 1, encoder.length)] if encoder.length > 1 else []
    if not encoder.filled:
        used = op("And", used, op("Not", is_behind.sliced(1, 0, 1)).squeezed(1))
    return Encoded([port], concat(1, begin, *others), used)
