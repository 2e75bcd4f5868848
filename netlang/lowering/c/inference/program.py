"""A small program in each source: it answers rows of numbers, one line after another."""

from __future__ import annotations

from string import Template

from netlang.lowering.c.inference.inputs import InputsInC

_PROGRAM = Template("""\
#ifdef ${large}_MAIN
/* cc -O2 -D${large}_MAIN $stem.c -lm: a program that reads a sample from each line, its inputs
   with commas in between, and prints the outputs so. An empty cell is a missing one. */

#include <stdio.h>
#include <stdlib.h>

/* Read a cell of up to 255 bytes. Returns what ends it. */
static int read_cell(char *cell) {
    int length = 0, c = getchar();
    for (; c != ',' && c != '\\n' && c != EOF; c = getchar())
        if (c != '\\r' && length < 255) cell[length++] = (char)c;
    cell[length] = 0;
    return c;
}

static double number_in(const char *cell) {
    char *end;
    const double number = strtod(cell, &end);
    if (!*end) return *cell ? number : NAN;
    fprintf(stderr, "`%s` is no number\\n", cell);
    exit(1);
}

int main(void) {
    static $real inputs[${large}_INPUTS];
    static $answer outputs[${large}_OUTPUTS];
    static float work[${large}_WORK];
    char cell[256];
    for (int line = 1;; line++) {
        int end = ',', count = 0;
        for (; end == ','; count++) {
            end = read_cell(cell);
            if (end == EOF && !count && !*cell) return 0;
            const int i = count < ${large}_INPUTS ? count : 0;
            inputs[i] = $value;
        }
        if (count != ${large}_INPUTS) {
            fprintf(stderr, "line %d has %d cells, not %d\\n", line, count, ${large}_INPUTS);
            return 1;
        }
        ${small}_predict(inputs, outputs, work);
        for (int i = 0; i < ${large}_OUTPUTS; i++)
            printf("%.${digits}g%c", (double)outputs[i], i + 1 < ${large}_OUTPUTS ? ',' : '\\n');
    }
}
#endif
""")


def program(inputs: InputsInC, answer: str, stem: str, small: str, large: str) -> str:
    """The program of a source, behind everything that it calls; outputs are of the C type
    ``answer``.
    """
    value = "number_in(cell)" if inputs.real == "double" else "(float)number_in(cell)"
    of_names = [one for one in inputs.columns if one.categories and not one.tokens]
    if of_names:
        are = " || ".join(f"i == {one.first}" for one in of_names)
        value = f"*cell && ({are}) ? {small}_category(i, cell) : {value}"
    words = {"small": small, "large": large, "stem": stem, "real": inputs.real, "value": value}
    digits = 9 if answer == "float" else 15
    return _PROGRAM.substitute(words, answer=answer, digits=digits)
