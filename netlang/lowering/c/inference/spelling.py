"""The words of the native engine's texts in plain C11: one sample, numbers of 32 bits, no padding.

``N`` samples are one, and so is a block of them, ``PAD(n)`` is n, ``real`` and a ``vector`` are
float, and ``EXP`` is ``expf``. What texts call besides stands here as functions, of which a file
has those that it uses.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from netlang.lowering.c.generator.texts import mentions, substituted
from netlang.lowering.c.inference.numbers import of_float
from netlang.lowering.c.kernels import Constants

_WORDS = {
    "real": "float",
    "vector": "float",
    "mask": "int",
    "EXP": "expf",
    "EXP_BELOW_0": "expf",
    "EXPM1": "expm1f",
    "SIN": "sinf",
    "COS": "cosf",
    "LOG": "logf",
    "LOG1P": "log1pf",
    "TANH": "tanhf",
    "ERF": "erff",
    "SQRT": "sqrtf",
    "SIGMOID": "sigmoid",
    "EXP_EACH": "expf",
    "LOG_EACH": "logf",
    "SQRT_EACH": "sqrtf",
    "SIGMOID_EACH": "sigmoid",
    "REAL_MIN": "FLT_MIN",
    "REAL_MAX": "FLT_MAX",
}
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
WIDTH = 92  # of a line within a function

_FACTOR = re.compile(r"(?<![/%] )\b(?:N|BLOCKS) \* | \* (?:N|BLOCKS)\b")  # no divisor
_ONE = re.compile(r"\b(?:N|BLOCKS)\b")
_PADDED = re.compile(r"\bPAD\((\w+)\)")

FUNCTIONS = {
    "sigmoid": """
static float sigmoid(float x) {
    return 1 / (1 + expf(-x));
}
""",
    "most": """
static int most(int a, int b) {
    return a > b ? a : b;
}
""",
    "least": """
static int least(int a, int b) {
    return a < b ? a : b;
}
""",
    "where": """
static float where(int holds, float value, float other) {
    return holds ? value : other;
}
""",
    "up": """
/* a / b, rounded up; b is above 0. */
static int up(int a, int b) {
    return a > 0 ? (a + b - 1) / b : a / b;
}
""",
    "mirrored": """
/* What a mirror in the outermost place shows. */
static int mirrored(int place, int size) {
    const int beyond = place < 0 ? -place : place;
    return beyond < size ? beyond : 2 * (size - 1) - beyond;
}
""",
    "turn": """
/* Turn pairs of numbers in each head of each row t: pair i by the angle t / base^(2i / size). */
static void turn(int rows, int heads, int size, double base, float *x) {
    for (int t = 0; t < rows; t++)
        for (int i = 0; i < size; i += 2) {
            const double angle = t * pow(base, -(double)i / size);
            const float cosine = (float)cos(angle), sine = (float)sin(angle);
            for (int h = 0; h < heads; h++) {
                float *const pair = x + (t * heads + h) * size + i;
                const float even = pair[0], odd = pair[1];
                pair[0] = even * cosine - odd * sine;
                pair[1] = even * sine + odd * cosine;
            }
        }
}
""",
    "move_rows": """
/* Copy rows of so many numbers, which begin so far apart. */
static void move_rows(int rows, int size, const float *from, int from_row, float *to, int to_row) {
    for (int r = 0; r < rows; r++)
        memcpy(to + r * to_row, from + r * from_row, (size_t)size * sizeof(float));
}
""",
    "dots": """
/* y[r][c] = start[c] + the sum of a[r][k] b[c][k] over k; without start, the sum alone. It is in
   eight parts, of which a compiler makes a vector. */
static void dots(int rows, int columns, int depth, const float *a, const float *b,
                 const float *start, float *y) {
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++) {
            const float *const row = a + r * depth, *const other = b + c * depth;
            float parts[8] = {0}, sum = start ? start[c] : 0;
            int k = 0;
            for (; k + 8 <= depth; k += 8)
                for (int i = 0; i < 8; i++) parts[i] += row[k + i] * other[k + i];
            for (; k < depth; k++) sum += row[k] * other[k];
            for (int i = 0; i < 8; i++) sum += parts[i];
            y[r * columns + c] = sum;
        }
}
""",
    "product": """
/* y[r][c] = start[c] + the sum of a(r, k) b[k][c] over k, where a(r, k) is
   a[r * a_row + k * a_step]; without start the sum alone, or what y is before if it adds. */
static void product(int rows, int columns, int depth, const float *a, int a_row, int a_step,
                    const float *b, int b_row, float *y, int y_row, const float *start, int add) {
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++) {
            float sum = add ? y[r * y_row + c] : start ? start[c] : 0;
            for (int k = 0; k < depth; k++) sum += a[r * a_row + k * a_step] * b[k * b_row + c];
            y[r * y_row + c] = sum;
        }
}
""",
}


# The loop over all samples b, or all blocks of them, and a number that is the same for all.
_EACH_SAMPLE = re.compile(r"for \(int b = 0; b < (?:BLOCKS|N); b\+\+\)")
_SAMPLE = re.compile(r"\bb\b")
_ALL = re.compile(r"\ball\((\w+)\)")

# A product of whole numbers, or one by 1, a sum with 0, and a number in brackets of its own. What
# is divided by such a product is left alone.
_PRODUCT = re.compile(r"(?<![\w.])(?<![/%] )\d+(?: \* \d+)+(?![\w.])")
_BY_ONE = re.compile(r"(?<![\w.])(?<![/%] )1 \* | \* 1(?![\w.])")
_TIMES_NULL = re.compile(r"(?<![\w.])(?<![*/%] )0 \* (?:\w+|\(\d+\))(?! [*/%])")
_PLUS_NULL = re.compile(r"(?<=\w) \+ 0(?![\w.])(?! [*/%])|(?<![\w.])(?<![-*/%] )0 \+ ")
_PRAGMA = re.compile(r"^ *(?:#pragma omp .*|EACH_VECTOR|SUMS_OF_VECTORS\(.*\))\n", re.MULTILINE)
_BRACKETS = re.compile(r"(?<![\w.])\((\d+)\)")


def plain(text: str) -> str:
    """A kernel's text in plain C11, which says nothing of vectors."""
    text = _of_one_sample(_ALL.sub(r"\1", _PRAGMA.sub("", text)))
    text = _ONE.sub("1", _FACTOR.sub("", _PADDED.sub(r"\1", text)))
    return substituted(_folded(text), _WORDS)


def _of_one_sample(text: str) -> str:
    """``text`` with what a loop over samples does for the first of them, in the loop's place."""
    lines, depth = list[str](), -1  # of the loop
    for line in text.splitlines():
        here = len(line) - len(line.lstrip())
        if _EACH_SAMPLE.fullmatch(line.strip()):
            depth = here
        elif 0 <= depth < here:
            lines.append(_SAMPLE.sub("0", line[4:]))
        else:
            depth = -1
            lines.append(line)
    return "\n".join(lines)


def _folded(text: str) -> str:
    """``text`` with the products of numbers that sizes leave in it."""
    before = ""
    while text != before:
        before = text
        text = _PRODUCT.sub(lambda found: str(math.prod(map(int, found[0].split(" * ")))), text)
        text = _PLUS_NULL.sub("", _TIMES_NULL.sub("0", _BY_ONE.sub("", text)))
        text = _BRACKETS.sub(r"\1", text)
    return text


def constants(values: Constants, text: str) -> list[str]:
    """Definitions of those that ``text`` mentions. Whole numbers can be lengths of arrays."""
    used = {name: value for name, value in values.items() if mentions(text, name)}
    whole = [f"{name} = {value:d}" for name, value in used.items() if isinstance(value, int)]
    lines = wrapped(f"enum {{ {', '.join(whole)} }};") if whole else []
    for name, value in used.items():
        if not isinstance(value, int):
            lines.append(f"const float {name} = {of_float(value)};")
    return lines


def wrapped(line: str) -> list[str]:
    """A line in as many as it needs, broken behind commas, each below the first one's bracket."""
    begin = re.search(r"[({] ?", line)
    behind = " " * (begin.end() if begin else 4)
    lines = [""]
    for part in re.split(r"(?<=,) ", line):
        if len(lines[-1]) + len(part) > WIDTH and lines[-1].strip():
            lines.append(behind)
        lines[-1] += part if not lines[-1].strip() else f" {part}"
    return lines


def used_functions(text: str, functions: Mapping[str, str]) -> str:
    """Those of the ``functions`` that ``text`` calls, below those that these call."""
    found = [name for name in functions if _calls(text, name)]
    below = "".join(functions[name] for name in found)
    called = [name for name in functions if name not in found and _calls(below, name)]
    return "".join(functions[name] for name in (*called, *found))


def _calls(text: str, name: str) -> bool:
    return re.search(rf"\b{name}\(", _COMMENT.sub("", text)) is not None
