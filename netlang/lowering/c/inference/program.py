"""A small program in each source: it answers rows of numbers, one line after another."""

from __future__ import annotations

from string import Template

from netlang.lowering.c.inference.inputs import InputsInC

_MAIN = Template("""\
#ifdef ${large}_MAIN
/* cc -O2 -D${large}_MAIN $stem.c -lm: a program that reads a sample from each line, its inputs
   with commas in between, and prints the outputs so. An empty cell is a missing one. */

#include <stdio.h>
#include <stdlib.h>

static int read_cell(char *cell, int size) {
    int length = 0, c = getchar();
    for (; c != ',' && c != '\\n' && c != EOF; c = getchar())
        if (c != '\\r' && length < size - 1) cell[length++] = (char)c;
    cell[length] = 0;
    return c;
}

int main(void) {
    static $real inputs[${large}_INPUTS];
    static $answer outputs[${large}_OUTPUTS];
    static float work[${large}_WORK];
    char cell[256];
    for (;;) {
        for (int i = 0, end = 0; i < ${large}_INPUTS; i++) {
            if (end == EOF || end == '\\n') return 0;
            end = read_cell(cell, sizeof cell);
            if (end == EOF && !i && !cell[0]) return 0;
            inputs[i] = $value;
        }
        ${small}_predict(inputs, outputs, work);
        for (int i = 0; i < ${large}_OUTPUTS; i++)
            printf("%.${digits}g%c", (double)outputs[i], i + 1 < ${large}_OUTPUTS ? ',' : '\\n');
    }
}
#endif
""")


def program(inputs: InputsInC, answer: str, stem: str, small: str, large: str) -> str:
    """The program of a source, behind everything that it calls."""
    number = "strtod(cell, NULL)"
    if inputs.real == "float":
        number = f"(float){number}"
    of_names = [one for one in inputs.columns if one.categories and not one.tokens]
    value = f"cell[0] ? {number} : NAN"
    if of_names:
        are = " || ".join(f"i == {one.first}" for one in of_names)
        value = f"!cell[0] ? NAN : {are} ? {small}_category(i, cell) : {number}"
    words = {"small": small, "large": large, "stem": stem, "real": inputs.real, "value": value}
    digits = 9 if answer == "float" else 15
    return _MAIN.substitute(words, answer=answer, digits=digits)
