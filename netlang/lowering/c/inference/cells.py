"""Cells of a table as C reads them: names of categories, numbers, and marks of missing ones.

They are found as netlang finds them, but for blanks beyond those of ASCII and the no-break space.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import Template

from netlang.catalogue.data.columns.missing import DASHES, MARKING_WORDS, MARKS
from netlang.catalogue.data.formats.gathering import TRUTHS, Gathering
from netlang.catalogue.data.pipeline.cells import Names
from netlang.lowering.c.inference import numbers

_MOST_DIGITS = 15  # of numbers that differ as doubles where their digits do


def found_in(names: Sequence[str], table: str) -> str:
    """The call that finds ``name`` among ``names``, which C has in a ``table``."""
    truths = Gathering(as_text=True)
    truths.add([word.upper() for word in TRUTHS])
    yes, no = (max(-1, place) for place in Names(names).of_texts(truths))
    digits = [re.sub(r"\D", "", re.sub("[eE].*", "", name)) for name in names]
    alike = Gathering(as_text=True)
    alike.add([f"{name}.0" for name in names if name.isdecimal()])
    are_numbers = bool(alike.rows) and min(Names(names).of_texts(alike)) >= 0
    are_numbers = are_numbers and all(map(_NUMBER.fullmatch, names))
    are_numbers = are_numbers and max(map(len, digits)) <= _MOST_DIGITS
    return f"place_of(name, {table}, {len(names)}, {no}, {yes}, {int(are_numbers)})"


_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")

CELLS = Template("""\
/* What marks a missing cell, also in capitals. */
$marks
/* A cell without the blanks around it, and how many bytes that has. */
static const char *stripped(const char *cell, size_t *length) {
    static const char blanks[] = " \\t\\n\\v\\f\\r", no_break[] = "\\302\\240";
    while (*cell && (strchr(blanks, *cell) || !strncmp(cell, no_break, 2)))
        cell += strchr(blanks, *cell) ? 1 : 2;
    *length = strlen(cell);
    for (;;) {
        if (*length && strchr(blanks, cell[*length - 1])) *length -= 1;
        else if (*length > 1 && !memcmp(cell + *length - 2, no_break, 2)) *length -= 2;
        else return cell;
    }
}

/* Whether a text of so many bytes is a word, also in capitals if these count for nothing. */
static int is_word(const char *text, size_t length, const char *word, int in_capitals) {
    for (size_t i = 0; i < length; i++) {
        const char c = text[i];
        const int is_capital = in_capitals && c >= 'A' && c <= 'Z';
        if ((is_capital ? c - 'A' + 'a' : c) != word[i]) return 0;
    }
    return !word[length];
}

static int is_missing(const char *text, size_t length) {
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (is_word(text, length, marks[i], 1)) return 1;
    return 0;
}

/* Whether a text is a number as tables have them, and which one. */
static int is_number(const char *text, size_t length, double *number) {
    size_t i = length && (*text == '+' || *text == '-'), digits = 0;
    for (; i < length && text[i] >= '0' && text[i] <= '9'; i++) digits++;
    if (i < length && text[i] == '.')
        for (i++; i < length && text[i] >= '0' && text[i] <= '9'; i++) digits++;
    if (digits && i < length && (text[i] == 'e' || text[i] == 'E')) {
        i++;
        if (i < length && (text[i] == '+' || text[i] == '-')) i++;
        for (digits = 0; i < length && text[i] >= '0' && text[i] <= '9'; i++) digits++;
    }
    if (!digits || i < length) return 0;
    *number = strtod(text, NULL);
    return 1;
}
""").substitute(marks=f"static {numbers.texts('marks', sorted(MARKS | DASHES))}")

PLACE_OF = f"""\
/* Words that mark a missing name as they are. */
static {numbers.texts("marking_words", sorted(MARKING_WORDS))}"""
PLACE_OF += """
/* The place of a name among others: of the very name, or of the one that says the same, as True
   and true do, or 1 and 1.0 where all are numbers. NAN marks a missing one, and -1 is any other. */
static double place_of(const char *name, const char *const *names, int count, int no, int yes,
                       int are_numbers) {
    size_t length;
    double number, other;
    name = stripped(name, &length);
    for (int i = 0; i < count; i++)
        if (is_word(name, length, names[i], 0)) return i;
    if (yes >= 0 && is_word(name, length, "true", 1)) return yes;
    if (no >= 0 && is_word(name, length, "false", 1)) return no;
    if (are_numbers && is_number(name, length, &number))
        for (int i = 0; i < count; i++)
            if (is_number(names[i], strlen(names[i]), &other) && number == other) return i;
    for (size_t i = 0; i < sizeof marking_words / sizeof *marking_words; i++)
        if (is_word(name, length, marking_words[i], 0)) return NAN;
    return is_missing(name, length) ? NAN : -1;
}
"""

SYMBOL_OF = """\
static double symbol_of(const char *name, const char *const *names, int count) {
    for (int i = 0; i < count; i++)
        if (!strcmp(name, names[i])) return i;
    return -1;
}
"""
