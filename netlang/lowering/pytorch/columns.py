"""What an exported file does with the columns of a table: texts of the functions that it needs.

A column's values are [N, 1] in float64, those of categories the places of their names. NaN stands
for a missing cell.
"""

from __future__ import annotations

from netlang.catalogue.data.columns.missing import MARKS
from netlang.lowering.pytorch.counterparts import TorchDefinition
from netlang.lowering.pytorch.python import literal

READ_COLUMNS = TorchDefinition(
    '''\
def read_columns(file, separator):
    """The cells of each column of a table, by the name in its first line."""
    header, *rows = [row for row in csv.reader(file, delimiter=separator) if row]
    columns = zip(header, zip(*rows))
    return {name.strip(): [cell.strip() for cell in cells] for name, cells in columns}
'''
)

_MARKS = "".join(f"    {literal(mark)},\n" for mark in sorted(MARKS))

MISSING = TorchDefinition(f"""\
MISSING = {{  # how tables mark missing cells, in capitals or not
{_MARKS}}}
""")

TO_NUMBERS = TorchDefinition(
    '''\
def to_numbers(cells):
    """The number in each cell.  Shape: [N, 1]."""
    return torch.tensor([[float(cell)] for cell in cells], dtype=torch.float64)
'''
)

TO_NUMBERS_OR_NAN = TorchDefinition(
    '''\
def to_numbers(cells):
    """The number in each cell; NaN where it is missing.  Shape: [N, 1]."""
    found = [math.nan if cell.casefold() in MISSING else float(cell) for cell in cells]
    return torch.tensor(found, dtype=torch.float64).unsqueeze(1)
''',
    uses=(MISSING,),
)

IN_ONE_FORM = TorchDefinition(
    '''\
def in_one_form(cells):
    """The cells as numbers, as 1.0 is 1; those that hold none, as they are."""
    found = {}
    for cell in set(cells):
        try:
            found[cell] = Decimal(cell)
        except ArithmeticError:
            found[cell] = cell
    return [found[cell] for cell in cells]
''',
    ("from decimal import Decimal",),
)


def places(may_lack: bool, may_be_numbers: bool) -> TorchDefinition:
    """``places``, for columns that ``may_lack`` cells, and whose names ``may_be_numbers``."""
    source, uses = _PLACES, list[TorchDefinition]()
    if may_be_numbers:
        source, uses = source.replace(*_OF_NUMBERS), [IN_ONE_FORM]
    if may_lack:
        source, uses = source.replace(*_OR_NAN), [*uses, MISSING]
    return TorchDefinition(source, uses=tuple(uses))


_PLACES = '''\
def places(cells, names):
    """The place of each cell's name among the names: -1 for another, NaN for none.

    Shape: [N, 1].
    """
    known = {name: place for place, name in enumerate(names)}
    found = [known.get(cell, -1) for cell in cells]
    return torch.tensor(found, dtype=torch.float64).unsqueeze(1)
'''
_KNOWN = "    known = {name: place for place, name in enumerate(names)}\n"
# Where all names of a column are numbers, equal numbers are one name.
_OF_NUMBERS = (
    _KNOWN,
    f"""\
    if all(isinstance(name, Decimal) for name in in_one_form(names)):
        cells, names = in_one_form(cells), in_one_form(names)
{_KNOWN}\
""",
)
_OR_NAN = (
    _KNOWN,
    """\
    known = {cell: math.nan for cell in set(cells) if str(cell).casefold() in MISSING}
    known |= {name: place for place, name in enumerate(names)}  # a name may be a mark
""",
)

FILLED = {
    kind: TorchDefinition(
        f'''\
def filled(numbers, train):
    """The {kind} of the training rows takes the place of those that are missing."""
    present = numbers[train][~numbers[train].isnan()]
    middle = {middle} if len(present) else 0.0
    return numbers.where(~numbers.isnan(), middle)
'''
    )
    for kind, middle in (("mean", "present.mean()"), ("median", "present.quantile(0.5)"))
}

ONE_HOT = TorchDefinition(
    '''\
def one_hot(places, count, train):
    """An input for each of so many categories; those that no training row has are all 0.

    The most frequent category takes the place of a missing one.  Shape: [N, 1] -> [N, count].
    """
    times = (places[train] == torch.arange(count)).sum(0)
    places = places.where(~places.isnan(), times.argmax().double())
    return (places == torch.arange(count)) & (times > 0)
'''
)
