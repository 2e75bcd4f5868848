"""Texts in a column of a table are rows of symbols: words, characters or bytes.

An exported file has a copy of ``symbols_of``, so it uses nothing but ``WORD``.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Sequence

from netlang.catalogue.data.columns.table import Column
from netlang.catalogue.data.formats.gathering import Gathering, taken
from netlang.system.record import Record

WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")  # a word, or a mark such as a full stop
BYTES = tuple(map(chr, range(256)))  # the symbols of a text by bytes, one for each byte

_LEAST_TEXTS = 2  # that have a word: what one alone has teaches nothing about others


def symbols_of(text: str, by: str) -> list[str]:
    """What a text is made of: words in small letters and marks, characters, or bytes.

    >>> symbols_of("It's GOOD!", "words"), symbols_of("Oh", "characters")
    (["it's", 'good', '!'], ['O', 'h'])
    """
    if by == "words":
        return WORD.findall(text.lower())
    return list(text if by == "characters" else text.encode().decode("latin-1"))


class Symbols(Record):
    """What the texts of a column are made of: the symbols that are ``known``, in the order of their
    code points, and how ``long`` each text is.
    """

    known: tuple[str, ...]
    long: tuple[int, ...]

    @classmethod
    def of(cls, texts: Sequence[str], by: str, most: int) -> Symbols:
        """Those of different ``texts``; of words, the ``most`` frequent that several texts have."""
        counts, long = Counter[str](), list[int]()
        for text in texts:
            found = symbols_of(text, by)
            long.append(len(found))
            counts.update({*found})
        if by == "bytes":
            return cls(BYTES, tuple(long))
        known = [*counts]
        if by == "words":
            known = sorted(known, key=lambda symbol: (-counts[symbol], symbol))[:most]
            known = [symbol for symbol in known if counts[symbol] >= _LEAST_TEXTS]
        return cls(tuple(sorted(known)), tuple(long))


def texts(name: str, cells: Gathering) -> Column:
    """The column of the texts that ``cells`` hold. Only an empty cell is a missing one: the words
    that mark those of numbers may be a text.
    """
    counts = cells.vocabulary.by_count()
    held = tuple(filter(None, counts))
    places = {text: place for place, text in enumerate(held)}
    codes = array("i", [places.get(text, -1) for text in counts])
    return Column(name, "text", taken(codes, cells.release()), held, counts.get("", 0))
