"""A small program in each source: it answers the lines of a table, or rows of numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from string import Template

from netlang.lowering.c.inference import numbers
from netlang.lowering.c.inference.cells import CELLS
from netlang.lowering.c.inference.inputs import InputsInC
from netlang.lowering.c.inference.outputs import OutputInC

_PROGRAM = Template("""\
#ifdef ${large}_MAIN
/* cc -O2 -D${large}_MAIN $stem.c -lm: a program that reads a sample from each line of the file that
   it is given, or of its input, the sample's inputs with commas in between, and prints the outputs
   so. An empty cell is a missing one.$named */

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

$cells
static int line = 1;
static const char *source = "the input";

/* Read the cells of a line, with a 0 behind each; in quotes, one may hold commas and lines. Returns
   how many they are: 0 at the end of all. */
static int read_cells(char *text, const char *end) {
    char *const begin = text, *cell = text;
    int cells = 0, quoted = 0;
    for (int c = getchar();; c = getchar()) {
        if (text == end) {
            fprintf(stderr, "line %d is too long\\n", line);
            exit(1);
        }
        if (c == EOF && ferror(stdin)) {
            perror(source);
            exit(1);
        }
        if (c == EOF && text == begin) return 0;
        if (c == EOF || (!quoted && (c == $separator || c == '\\n'))) {
            if (!quoted && text > cell && text[-1] == '\\r') text--;
            *text++ = 0;
            cell = text;
            cells++;
            if (c != $separator || quoted) return cells;
        } else if (quoted && c == '"') {
            const int next = getchar();
            if (next == '"') *text++ = '"';
            else quoted = 0, ungetc(next, stdin);
        } else if (!quoted && c == '"' && text == cell) {
            quoted = 1;
        } else {
            *text++ = (char)c;
            line += c == '\\n';
        }
    }
}

static double number_in(const char *cell) {
    static const char *const marks_of_numbers[] = {"na", "none", "nil", "missing"};
    size_t length;
    double number;
    const char *const text = stripped(cell, &length);
    if (is_missing(text, length)) return NAN;
    for (int i = 0; i < 4; i++)
        if (is_word(text, length, marks_of_numbers[i], 1)) return NAN;
    const char *why = "no number";
    if (is_number(text, length, &number)) {
        if (fabs(number) <= (double)FLT_MAX) return number;
        why = "too large";
    }
    fprintf(stderr, "line %d: `%s` is %s\\n", line, cell, why);
    exit(1);
}
$functions
int main(int count, char **arguments) {
    enum { most = ${large}_INPUTS + 1024 };
    static $real inputs[${large}_INPUTS];
    static $answer outputs[${large}_OUTPUTS];
    static float work[${large}_WORK];
    static char text[32 * most + 65536];
    static int places[most];
    int width = ${large}_INPUTS, named = 0, is_first = 1, cells;
    if (count > 1) source = arguments[1];
    if (count > 1 && !freopen(source, "r", stdin)) {
        perror(source);
        return 1;
    }
    for (int i = 0; i < width; i++) places[i] = i;
    for (; (cells = read_cells(text, text + sizeof text - 1)); line++) {
        const char *cell = text;
        if (is_first && !strncmp(cell, "\\357\\273\\277", 3)) cell += 3;
        if (cells == 1 && !*cell && width > 1) continue;
        if (is_first && cells <= most && (named = is_header(cell, cells, places))) {
            width = cells;
            puts($header);
            is_first = 0;
            continue;
        }
        is_first = 0;
        if (cells != width) {
            fprintf(stderr, "line %d has %d cells, not %d\\n", line, cells, width);
            return 1;
        }
        for (int k = 0; k < cells; k++, cell += strlen(cell) + 1) {
            const int i = places[k];
            if (i >= 0) inputs[i] = $value;
        }
        ${small}_predict(inputs, outputs, work);
        for (int i = 0; i < ${large}_OUTPUTS; i++) {
            if (named) print_class(outputs, i);
            if (!named || !isnan(outputs[i])) printf("%.${digits}g", (double)outputs[i]);
            putchar(i + 1 < ${large}_OUTPUTS ? ',' : '\\n');
        }
    }
    return 0;
}
#endif
""")

_NAMED = """ Above the samples may
   stand the names of columns, in any order; the answers have names then, too, and classes."""

_HEADER = Template("""
/* Whether cells are the names of columns, and the place of each among the inputs; -1 of others. */
static int is_header(const char *cell, int cells, int *places) {
    static int found[${large}_INPUTS];
    int any = 0;
    for (int k = 0; k < cells; k++, cell += strlen(cell) + 1) {
        size_t length;
        const char *const name = stripped(cell, &length);
        int place = -1;
        for (int i = 0; i < ${large}_INPUTS; i++)
            if (place < 0 && !found[i] && is_word(name, length, ${small}_inputs[i], 0)) place = i;
        if (place >= 0) any = found[place] = 1;
        if (any || place < 0) places[k] = place;
    }
    if (any)
        for (int i = 0; i < ${large}_INPUTS; i++)
            if (!found[i]) {
                fprintf(stderr, "line %d has no column `%s`\\n", line, ${small}_inputs[i]);
                exit(1);
            }
    if (!any)
        for (int k = 0; k < ${large}_INPUTS; k++) places[k] = k;
    return any;
}
""")

_NO_HEADER = """
/* Inputs that are no columns have no names. */
static int is_header(const char *cell, int cells, int *places) {
    (void)cell, (void)cells, (void)places;
    return 0;
}
"""

_CLASS = Template("""
/* Print the class that begins with the first of its numbers. */
static void print_class(const $answer *outputs, int i) {
    const char *name = NULL;
    int k = -2;
$each
    if (k > -2) {
        const int quoted = k >= 0 && strpbrk(name, ",\\"\\n");
        if (quoted) putchar('"');
        for (; k >= 0 && *name; name++) {
            if (*name == '"') putchar('"');
            putchar(*name);
        }
        fputs(quoted ? "\\"," : ",", stdout);
    }
}
""")


def program(
    inputs: InputsInC,
    outputs: Sequence[OutputInC],
    answer: str,
    stem: str,
    small: str,
    large: str,
    prefixes: Sequence[str],
    names: Sequence[str],
    separator: str,
    has_cells: bool,
) -> str:
    """The program of a source, behind everything that it calls; outputs are of the C type
    ``answer``, and their functions have the ``prefixes``. The columns of its answers have these
    ``names``, as far as they are those of ``netlang predict``.
    """
    value = "number_in(cell)" if inputs.real == "double" else "(float)number_in(cell)"
    of_names = [one for one in inputs.columns if one.categories and not one.tokens]
    if of_names:
        are = " || ".join(f"i == {one.first}" for one in of_names)
        value = f"{are} ? {small}_category(i, cell) : {value}"
    is_named = bool(inputs.columns) and not any(one.tokens for one in inputs.columns)
    words = {"small": small, "large": large, "stem": stem, "real": inputs.real, "value": value}
    header = _HEADER.substitute(words) if is_named else _NO_HEADER
    classes = _classes(outputs, prefixes)
    words |= {
        "answer": answer,
        "digits": "9" if answer == "float" else "15",
        "separator": _character(separator),
        "named": _NAMED if is_named else "",
        "cells": "" if has_cells else CELLS,
        "functions": header + _CLASS.substitute(answer=answer, each="\n".join(classes)),
        "header": numbers.quoted(_header(outputs, names)),
    }
    return _PROGRAM.substitute(words)


def _classes(outputs: Sequence[OutputInC], prefixes: Sequence[str]) -> list[str]:
    """The statements that find the class before output i."""
    lines = [
        f"    if (i == {one.begin} && (k = {own}_class(outputs + i)) >= 0) name = {own}_classes[k];"
        for one, own in zip(outputs, prefixes, strict=True)
        if _is_one_class(one)
    ]
    return lines or ["    (void)outputs, (void)i;"]


def _header(outputs: Sequence[OutputInC], names: Sequence[str]) -> str:
    """The line of names above the answers."""
    if len(names) != sum(one.count + _is_one_class(one) for one in outputs):
        names = []
        for one in outputs:
            names += [f"prediction of {one.name}" if one.name else "prediction"][
                : _is_one_class(one)
            ]
            each = one.names if len(one.names) == one.count else map(str, range(1, one.count + 1))
            names += [f"{own} of {one.name}" if one.name else own for own in each]
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(names)
    return text.getvalue()


def _is_one_class(one: OutputInC) -> bool:
    return one.classes and len(one.shape) == 1


def _character(sign: str) -> str:
    return {"\t": "'\\t'"}.get(sign, f"'{sign}'") if len(sign) == 1 and sign.isascii() else "','"
