"""A table in PyTorch: an exported file reads its rows, and makes netlang's samples of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from netlang.catalogue.data import CSV, Table
from netlang.catalogue.data.columns.labels import are_numbers, as_number
from netlang.catalogue.data.columns.table import Column
from netlang.catalogue.data.formats.endings import FRAMES, ending_of, is_packed, separator
from netlang.catalogue.data.pipeline.cells import Names
from netlang.catalogue.data.pipeline.scales import (
    median_and_range,
    normal_scores,
    quantiles_of,
    shift_and_scale,
    smoothly_clipped,
    steps_for,
)
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.pytorch import columns as texts
from netlang.lowering.pytorch import several
from netlang.lowering.pytorch.counterparts import TorchData, TorchDefinition
from netlang.lowering.pytorch.division import division
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.python import literal, statement
from netlang.lowering.pytorch.units import GLOBAL, LEARNED, UNITS


@lowers(CSV)
@lowers(Table)
def table(data: Table, folder: Path) -> TorchData:
    """The loader checks nothing that the compiler has checked.  Raises Unsupported."""
    names = [name for name in (data.path, data.test) if isinstance(name, str)]
    if others := [name for name in names if ending_of(name) in FRAMES]:
        raise Unsupported(f"`{others[0]}` is no text, and an exported file reads no other table")
    if data.texts and data.missing != "refuse":
        raise Unsupported("an exported file fills in no cells where there are texts")
    classes = data.table.target.classes
    mixed = data.rows.are_mixed
    has_numbers = mixed or classes is None
    in_units = has_numbers and data.standardizes_targets and not data.rows.are_labels
    divided, functions = division(data)
    predicted = _predicted(data)
    source = f'''\
{UNITS if in_units else ""}\
{_constants(data, folder)}\


def load_data(seed, table=TABLE):
    """The rows of a table, with {predicted}."""
{GLOBAL if in_units else ""}\
{_reading(data)}\
{_targets(data)}\
{_values(data)}\
{_rows(data)}\
{divided}\
    train = parts[0]
{_inputs(data)}\
{_learned(mixed) if in_units else _AS_THEY_ARE if has_numbers else ""}\
{_weighed(data)}\
{_SAMPLES.format(weights=", weights[rows]" if data.weights else "")}\
'''
    imports = ["from pathlib import Path"]
    imports += ["import gzip"] if any(map(is_packed, names)) else []
    return TorchData(
        TorchDefinition(source, tuple(imports), (functions, *_functions(data, in_units))),
        takes_table=True,
        has_units=in_units,
        weighted=bool(data.weights),
    )


def _functions(data: Table, in_units: bool) -> Iterator[TorchDefinition]:
    """Those that ``load_data`` calls, beside those that divide rows."""
    columns = data.table.columns
    kinds = {column.kind for column in columns}
    may_lack = data.missing != "refuse"
    yield texts.READ_COLUMNS
    beside = {data.rows.others[name].kind for name in _divide_or_weigh(data)}
    if data.missing == "drop":
        yield from [texts.MISSING] if "number" in beside else []
        yield from [texts.MARKS_OF_MISSING] if "category" in beside else []
    has_numbers = None in data.rows.classes.values()
    if "number" in kinds or has_numbers or data.weights not in ("", "balanced"):
        yield texts.TO_NUMBERS_OR_NAN if may_lack else texts.TO_NUMBERS
    classes = [*filter(None, data.rows.classes.values())]
    if "category" in kinds or classes:
        names = [*(column.categories for column in columns if column.kind == "category"), *classes]
        yield texts.places(may_lack, any(one and are_numbers(one) for one in names))
    used = {_kind(data, column) for column in columns}
    if "category" in used:
        yield texts.ONE_HOT
    if "code" in used:
        yield texts.TOKEN
    if "text" in kinds:
        yield texts.TOKENS_OF
    if "number" in kinds and _fill(data):
        yield texts.FILLED[_fill(data)]
    scale = data.scales_by if "number" in kinds else "none"
    if in_units or scale in ("standard", "quantile"):
        yield TorchDefinition.of(shift_and_scale)
    if scale == "robust":
        yield TorchDefinition.of(quantiles_of, median_and_range, smoothly_clipped)
    if scale == "quantile":
        yield TorchDefinition.of(quantiles_of, steps_for, normal_scores)


def _kind(data: Table, column: Column) -> str:
    """What becomes of a column: a category that is one token is a "code"."""
    return "code" if column.name in data.codes else column.kind


def _fill(data: Table) -> str:
    """What takes the place of a missing number."""
    return {"refuse": "", "drop": "", "indicator": "mean"}.get(data.missing, data.missing)


def _learned(mixed: bool) -> str:
    return several.LEARNED if mixed else LEARNED


def _predicted(data: Table) -> str:
    if data.rows.are_mixed:
        return f"{len(data.names)} targets, classes and numbers to predict"
    if classes := data.table.target.classes:
        return f"{len(classes)} classes"
    many, one = ("labels", "a label") if data.rows.are_labels else ("numbers", "a number")
    return f"{len(data.names)} {many} to predict" if len(data.names) > 1 else f"{one} to predict"


def _constants(data: Table, folder: Path) -> str:
    """Where the table is, and what its columns are."""
    columns, classes = data.table.columns, data.table.target.classes
    paths = [Path(os.path.relpath(file.path, folder)).as_posix() for file in data.files]
    named = zip(("TABLE", "TEST_TABLE"), paths, strict=False)
    constants = [(name, f"Path(__file__).parent / {literal(path)}") for name, path in named]
    inputs = literal([column.name for column in columns])
    if any(column.kind == "category" for column in columns):
        inputs = ", ".join(f"{literal(one.name)}: {_categories(one)}" for one in columns)
        inputs = f"{{{inputs}}}"
    constants.append(("INPUTS", inputs))
    if data.texts:
        each = ", ".join(f"{literal(one.name)}: {_symbols(data, one)}" for one in columns
                         if one.kind == "text")  # fmt: skip
        constants.append(("TEXTS", f"{{{each}}}"))
    if data.codes:
        constants.append(("CODES", literal([*data.codes])))
    if indicated := [one.name for one in columns if data.rows.is_indicated(one)]:
        constants.append(("INDICATED", literal(indicated)))
    target = ("TARGETS", data.names) if len(data.names) > 1 else ("TARGET", data.names[0])
    constants.append((target[0], literal(target[1])))
    if data.rows.are_mixed:
        constants.append(("CLASSES", several.classes_of(data)))
    elif classes:
        constants.append(("CLASSES", literal(classes)))
    if respelled := _respelled(data):
        by_column = [f"{literal(name)}: {_dictionary(one)}" for name, one in respelled.items()]
        constants.append(("SPELLED", f"{{{', '.join(by_column)}}}"))
    return "".join(statement(0, f"{name} = ", text) + "\n" for name, text in constants)


def _categories(column: Column) -> str:
    return literal(column.categories) if column.kind == "category" else "None"


def _symbols(data: Table, column: Column) -> str:
    """How many tokens a text has, and which symbols they are."""
    known = literal([*data.rows.symbols.known])
    return f"({data.rows.width(column)}, {'BYTES' if data.by == 'bytes' else known})"


def _dictionary(texts: dict[str, str]) -> str:
    pairs = (f"{literal(key)}: {literal(text)}" for key, text in texts.items())
    return f"{{{', '.join(pairs)}}}"


def _reading(data: Table) -> str:
    text = _opened("TABLE", data.path, data)
    if isinstance(data.test, str):
        target = "TARGETS[0]" if len(data.names) > 1 else "TARGET"
        text += f"    count = len(columns[{target}])\n"
        text += _opened("TEST_TABLE", data.test, data)
        text += (_AS_SPELLED if _respelled(data) else "") + _TESTED_TOO
    if data.table.target.has_truths or (data.test_rows and data.test_rows.has_truths):
        text += _TRUTHS.format(names="TARGETS" if len(data.names) > 1 else "[TARGET]")
    return text


def _opened(constant: str, path: str, data: Table) -> str:
    variable, found = ("table", "columns") if constant == "TABLE" else (constant, "tests")
    opened = f'gzip.open({variable}, "rt", ' if is_packed(path) else f"open({variable}, "
    between = literal(separator(path, data.delimiter))
    return f"""\
    with {opened}encoding="utf-8-sig") as file:
        {found} = read_columns(file, {between})
"""


_AS_SPELLED = """\
    for name, spelled in SPELLED.items():
        tests[name] = [spelled.get(cell, cell) for cell in tests[name]]
"""

_TRUTHS = """\
    truths = {{"true": "1", "false": "0"}}
    for name in {names}:
        columns[name] = [truths.get(cell.lower(), cell) for cell in columns[name]]
"""

_TESTED_TOO = """\
    columns = {name: cells + tests.get(name, []) for name, cells in columns.items()}
"""


def _respelled(data: Table) -> dict[str, dict[str, str]]:
    """The names that rows to test on write otherwise than the table, such as True for true, by
    column: an exported file finds them as they are written, and equal numbers.

    Raises Unsupported for a number that it would find and netlang does not.
    """
    found: dict[str, dict[str, str]] = {}
    columns = [one for one in data.table.columns if one.kind == "category"]
    named = [(one.name, one.categories) for one in columns]
    named += [(name, classes) for name, classes in data.rows.classes.items() if classes]
    for column, names in named if data.test_rows else ():
        assert data.test_rows
        cells, numbers = data.test_rows.cells[column], dict[str | None, str]()
        if are_numbers(names):
            numbers = {as_number(name): name for name in names}
        for text, index in zip(cells.vocabulary.texts, Names(names).of_texts(cells), strict=True):
            exported = text if text in names else numbers.get(as_number(text))
            name = names[index] if index >= 0 else None
            if name is None and exported is not None:
                help = f"write it as `{data.path}` does to export the program"
                raise Unsupported(f"`{data.test}` holds `{text}` in `{column}`: {help}")
            if name is not None and name != exported:
                found.setdefault(column, {})[text] = name
    return found


def _values(data: Table) -> str:
    """Each column's numbers, or the places of its cells' names."""
    kinds = {column.kind for column in data.table.columns}
    ways = {
        "text": (f"tokens_of(columns[name], {literal(data.by)}, *TEXTS[name])", "name in TEXTS"),
        "category": ("places(columns[name], names)", "names"),
        "number": ("to_numbers(columns[name])", ""),
    }
    found = [way for kind, way in ways.items() if kind in kinds]
    each = "name, names in INPUTS.items()" if "category" in kinds else "name in INPUTS"
    if len(found) == 1:
        return statement(4, "values = ", f"[{found[0][0]} for {each}]") + "\n"
    new = "\n        " if "text" in kinds else " "  # line, where one is too short
    lines = [f"{way}{new}if {condition}" if condition else way for way, condition in found]
    choice = f"{new}else ".join(lines)
    return f"    values = [\n        {choice}\n        for {each}\n    ]\n"


def _targets(data: Table) -> str:
    if data.rows.are_mixed:
        return several.TARGETS
    if data.table.target.classes:
        targets = "places(columns[TARGET], CLASSES)"
    elif len(data.names) > 1:
        targets = "torch.cat([to_numbers(columns[name]) for name in TARGETS], 1)"
    else:
        targets = "to_numbers(columns[TARGET])"
    return f"    targets = {targets}\n"


def _rows(data: Table) -> str:
    """The ``rows`` that are divided, which do not lack cells."""
    lines = _ALL if data.missing == "refuse" else _WITH_TARGET
    if data.missing == "drop":
        beside = "".join(_lacking(data, name) for name in _divide_or_weigh(data))
        lines = _LACKING + beside + _WHOLE
    if data.rows.are_mixed:
        lines += several.ROWS
    elif data.table.target.classes:
        lines += _CLASSES
    return lines + (_NOT_TESTED if isinstance(data.test, str) else "")


def _divide_or_weigh(data: Table) -> list[str]:
    """The columns that divide rows or weigh them."""
    named = (data.group, data.order, data.weights)
    return [name for name in named if name in data.rows.others]


def _lacking(data: Table, name: str) -> str:
    """Rows lack cells, too, where a column that divides or weighs them does; a file of rows to test
    on need not have one that divides.
    """
    of_one = "[:count]" if isinstance(data.test, str) and name != data.weights else ""
    cells, is_absent = f"columns[{literal(name)}]{of_one}", "cell.casefold() in MISSING"
    lines = ""
    if data.rows.others[name].kind == "category":
        lines = statement(4, "absent = ", f"marks_of_missing({{*{cells}}})") + "\n"
        is_absent = "cell in absent"
    found = f"torch.tensor([{is_absent} for cell in {cells}])"
    return lines + statement(4, f"lacks{of_one} |= ", found) + "\n"


_ALL = """\
    rows = torch.arange(len(targets))
"""

_WITH_TARGET = """\
    rows = (~targets.isnan().any(1)).nonzero().squeeze(1)
"""

_LACKING = """\
    lacks = torch.cat([*values, targets], 1).isnan().any(1)
"""

_WHOLE = """\
    rows = (~lacks).nonzero().squeeze(1)
"""

_CLASSES = """\
    if not (targets[rows] >= 0).all():
        raise ValueError(f"a row has none of the classes {CLASSES}")
    targets = targets.long().squeeze(1)
"""

_NOT_TESTED = """\
    rows, tested = rows[rows < count], rows[rows >= count]
"""


def _inputs(data: Table) -> str:
    """Numbers are standardised, and categories become inputs of 0 and 1."""
    kinds = {_kind(data, column) for column in data.table.columns}
    numbers = ["column = filled(column, train)"] if _fill(data) else []
    numbers += _SCALED[data.scales_by]
    categories = "column = one_hot(column, len(INPUTS[name]), train)"
    if kinds == {"number"} and not numbers:
        return "    inputs = torch.cat(values, 1).to(torch.get_default_dtype())\n"
    ways = {
        "text": (_LEARNED_TOKENS, "name in TEXTS"),
        "code": (["column = token(column, len(INPUTS[name]), train)"], "name in CODES"),
        "category": ([categories], "INPUTS[name]"),
        "number": (numbers, ""),
    }
    found = [(lines, condition) for kind, (lines, condition) in ways.items() if kind in kinds]
    lines = [*found[0][0]] if len(found) == 1 else _branches(found)
    lines += ["inputs.append(column)"]
    if any(map(data.rows.is_indicated, data.table.columns)):
        lines = ["lacks = column.isnan()", *lines]
        lines += ["if name in INDICATED:", "    inputs.append(lacks & lacks[train].any())"]
    body = "".join(f"        {line}\n" for line in lines)
    return f"""\
    inputs = []
    for {"column in values" if "name" not in body else "name, column in zip(INPUTS, values)"}:
{body}\
    inputs = torch.cat(inputs, 1).to(torch.get_default_dtype())
"""


def _branches(found: Sequence[tuple[Sequence[str], str]]) -> list[str]:
    """Lines of which those of the first condition that holds are taken; the last one needs none."""
    lines = list[str]()
    for place, (own, condition) in enumerate(found):
        last = place == len(found) - 1
        if not own and last:
            break
        lines.append("else:" if last else f"{'elif' if place else 'if'} {condition}:")
        lines += [f"    {line}" for line in own]
    return lines


_LEARNED_TOKENS = [
    "learned = torch.isin(column, column[train])",
    "column = column.where(learned | column.isnan(), 0)",
]

_STANDARDISED = [
    "shift, scale = shift_and_scale(column[train])",
    "column = (column - shift) / scale",
]

_SCALED = {
    "none": [],
    "standard": _STANDARDISED,
    "robust": [
        "shift, scale = median_and_range(column[train])",
        "column = smoothly_clipped((column - shift) / scale)",
    ],
    "quantile": [
        *_STANDARDISED,
        "quantiles = quantiles_of(column[train], steps_for(len(train)))",
        "column = normal_scores(column, quantiles.squeeze(1))",
    ],
}

_AS_THEY_ARE = """\
    targets = targets.to(torch.get_default_dtype())
"""


def _weighed(data: Table) -> str:
    """Weights whose mean over the rows to train on is 1."""
    if not data.weights:
        return ""
    if data.weights == "balanced":
        return _BALANCED
    column = f"to_numbers(columns[{literal(data.weights)}])"
    return f"""\
{statement(4, "weights = ", column)}
    weights = (weights / weights[train].mean()).float().squeeze(1)
"""


_BALANCED = """\
    counts = targets[train].bincount(minlength=len(CLASSES)).double()
    weights = (len(train) / ((counts > 0).sum() * counts.clamp(min=1)))[targets].float()
"""

_SAMPLES = """\
    samples = [(inputs[rows], targets[rows]{weights}) for rows in parts]
    parts = zip(["train", "test", "validation"], samples)
    return {{part: found for part, found in parts if len(found[0])}}
"""
