"""Texts in a column of a table are rows of symbols: words, characters or bytes.

An exported file has a copy of ``symbols_of``, so it uses nothing but ``WORD``.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Mapping

from netlang.catalogue.data.columns.table import Column
from netlang.catalogue.data.formats.gathering import Gathering, taken
from netlang.system.record import Record

WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")  # a word, or a mark such as a full stop
BYTES = tuple(map(chr, range(256)))  # the symbols of a text by bytes, one for each byte

_LEAST_ROWS = 2  # that have a word: what one alone has teaches nothing about others


def symbols_of(text: str, by: str) -> list[str]:
    """What a text is made of: words in small letters and marks, characters, or bytes.

    >>> symbols_of("It's GOOD!", "words"), symbols_of("Oh", "characters")
    (["it's", 'good', '!'], ['O', 'h'])
    """
    if by == "words":
        return WORD.findall(text.lower())
    return list(text if by == "characters" else text.encode().decode("latin-1"))


class Symbols(Record):
    """What the texts of a table are made of: the symbols that are ``known``, in the order of their
    code points, the same for all of its columns, so that a token means one symbol in each. By
    column, ``long`` is how long each different text is, and ``used`` which known symbols it has.
    """

    known: tuple[str, ...]
    long: dict[str, tuple[int, ...]]
    used: dict[str, frozenset[str]]

    @classmethod
    def of(cls, columns: Mapping[str, Mapping[str, int]], by: str, most: int) -> Symbols:
        """Those of each text of ``columns``, which has the number of its rows; of words, the
        ``most`` frequent that several rows have.
        """
        rows, long = Counter[str](), dict[str, tuple[int, ...]]()
        found: dict[str, set[str]] = {name: set() for name in columns}
        for name, texts in columns.items():
            made = [symbols_of(text, by) for text in texts]
            long[name] = tuple(map(len, made))
            for symbols, count in zip(map(set, made), texts.values(), strict=True):
                found[name] |= symbols
                rows.update(dict.fromkeys(symbols, count))
        known = BYTES if by == "bytes" else tuple(sorted(rows))
        if by == "words":
            several = [word for word in known if rows[word] >= _LEAST_ROWS]
            known = tuple(sorted(sorted(several, key=lambda word: -rows[word])[:most]))
        return cls(
            known, long, {name: frozenset(one.intersection(known)) for name, one in found.items()}
        )


def texts(name: str, cells: Gathering) -> Column:
    """The column of the texts that ``cells`` hold. Only an empty cell is a missing one: the words
    that mark those of numbers may be a text.
    """
    counts = cells.vocabulary.by_count()
    held = tuple(filter(None, counts))
    places = {text: place for place, text in enumerate(held)}
    codes = array("i", [places.get(text, -1) for text in counts])
    return Column(name, "text", taken(codes, cells.release()), held, counts.get("", 0))
