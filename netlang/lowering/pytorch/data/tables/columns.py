"""What an exported file does with the columns of a table: texts of the functions that it needs.

A column's values are [N, 1] in float64, those of categories the places of their names. NaN stands
for a missing cell.
"""

from __future__ import annotations

from collections.abc import Iterable

from netlang.catalogue.data.columns import labels, missing
from netlang.catalogue.data.columns import texts as of_texts
from netlang.catalogue.data.formats import numbers
from netlang.lowering.python.text import literal
from netlang.lowering.pytorch.counterparts import TorchDefinition

READ_COLUMNS = TorchDefinition(
    '''\
def read_columns(file, separator):
    """The cells of each column of a table, by the name in its first line."""
    header, *rows = [row for row in csv.reader(file, delimiter=separator) if row]
    columns = zip(header, zip(*rows))
    return {name.strip(): [cell.strip() for cell in cells] for name, cells in columns}
'''
)


def _set(name: str, cells: Iterable[str], why: str) -> str:
    lines = "".join(f"    {literal(cell)},\n" for cell in sorted(cells))
    return f"{name} = {{  # {why}\n{lines}}}\n"


MISSING = TorchDefinition(
    _set("MISSING", missing.NO_NUMBER, "how tables mark missing numbers, in capitals or not")
)

# What marks a missing name is fewer texts, and netlang's own function finds them.
MARKS_OF_MISSING = TorchDefinition.of(missing.marks_of_missing).replace(
    imports=("from collections.abc import Collection",),
    uses=(
        TorchDefinition(_set("MARKS", missing.MARKS, "of missing names, in capitals or not")),
        TorchDefinition(_set("DASHES", missing.DASHES, "they mark one, except beside a plus")),
        TorchDefinition(_set("MARKING_WORDS", missing.MARKING_WORDS, "so written, they mark one")),
    ),
)

AS_NUMBER = TorchDefinition.of(numbers.is_number, labels.as_number).replace(
    imports=(
        "import re",
        "from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow",
    ),
    uses=(
        TorchDefinition(
            f'''\
NUMBER = re.compile(r"{numbers.NUMBER.pattern}")
DIGITS = {labels.DIGITS}  # at most, of a number that is a name
EXACT = Context(
    prec=DIGITS,
    Emin={labels.EXACT.Emin},
    Emax={labels.EXACT.Emax},
    traps=[Inexact, InvalidOperation, Overflow],
)
'''
        ),
    ),
)

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


def places(may_lack: bool, may_be_numbers: bool) -> TorchDefinition:
    """``places``, for columns that ``may_lack`` cells, and whose names ``may_be_numbers``."""
    also, uses = "", list[TorchDefinition]()
    if may_be_numbers:
        also, uses = _OF_NUMBERS, [AS_NUMBER]
    if may_lack:
        also, uses = also + _OR_NAN, [*uses, MARKS_OF_MISSING]
    return TorchDefinition(_PLACES.replace("{also}", also), uses=tuple(uses))


_PLACES = '''\
def places(cells, names):
    """The place of each cell's name among the names: -1 for another, NaN for none.

    Shape: [N, 1].
    """
    known = {name: place for place, name in enumerate(names)}
{also}\
    found = [known.get(cell, -1) for cell in cells]
    return torch.tensor(found, dtype=torch.float64).unsqueeze(1)
'''
# Where all names of a column are numbers, equal numbers are one name.
_OF_NUMBERS = """\
    if all(map(as_number, names)):
        equal = {as_number(name): place for name, place in known.items()}
        others = {cell: equal.get(as_number(cell), -1) for cell in {*cells}}
        known = {cell: place for cell, place in others.items() if place >= 0} | known
"""
_OR_NAN = """\
    # A mark may be a name, too.
    known = {cell: math.nan for cell in {*cells} if marks_of_missing({cell})} | known
"""

TOKENS_OF = TorchDefinition(
    '''\
def tokens_of(cells, by, length, symbols):
    """The first tokens of each text: the places of its symbols, from 1, and 0 for any other.

    Shape: [N, length], with NaN behind the end of a text.
    """
    known = {symbol: place for place, symbol in enumerate(symbols, 1)}
    found = torch.full((len(cells), length), math.nan, dtype=torch.float64)
    for row, cell in zip(found, cells):
        own = [known.get(symbol, 0) for symbol in symbols_of(cell, by)[:length]]
        row[: len(own)] = torch.tensor(own)
    return found
''',
    uses=(
        TorchDefinition.of(of_texts.symbols_of),
        TorchDefinition(
            f'''\
WORD = re.compile(r"{of_texts.WORD.pattern}")
BYTES = [*map(chr, range(256))]
''',
            ("import re",),
        ),
    ),
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

TOKEN = TorchDefinition(
    '''\
def token(places, count, train):
    """The token of each of so many categories, counted from 1; 0 is one that is missing, and
    any that no training row has.
    """
    learned = (places[train] == torch.arange(count)).any(0)
    learned = torch.cat([learned, torch.tensor([False])])
    places = places.nan_to_num(-1).long()
    return (places + 1) * learned[places]
'''
)

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
