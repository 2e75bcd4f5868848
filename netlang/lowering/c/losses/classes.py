"""Losses of a row of outputs, one for each class, in C."""

from __future__ import annotations

from netlang.catalogue.losses import KL, NLL, Focal, Hinge, SoftmaxCrossEntropy
from netlang.catalogue.losses.class_loss import ClassLoss
from netlang.catalogue.losses.reduced import RowLoss
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import RowwiseLoss
from netlang.lowering.c.losses.texts import lines
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import SOME, inside, sum_of_row


def _of_rows(
    loss: RowLoss, slope: str, counts: tuple[float, ...] | None = None, **constants: float
) -> RowwiseLoss:
    """The gradient of a mean over all rows, which may count by their classes, or of their sum."""
    if loss.is_mean:
        slope = lines(slope, "#pragma omp simd", "for (int i = 0; i < n; i++) dy[i] *= 1 / rows;")
    if not isinstance(loss, ClassLoss):
        return RowwiseLoss(slope, constants)
    tables = {"weight": loss.weights} if loss.weights else {}
    return RowwiseLoss(slope, constants, tables, loss.ignore, counts or ())


def _weighted(loss: ClassLoss, value: str) -> str:
    """The value of a target in output ``i``, times the weight of its class."""
    return f"weight[i] * {value}" if loss.weights else value


def _softmax(count: int) -> str:
    """Of each output its share of ``total``, and what targets are ``wanted`` together."""
    exponentials = """
        #pragma omp simd reduction(+ : total)
        for (int i = 0; i < n; i++) {
            dy[i] = EXP_BELOW_0(y[i] - top);
            total += dy[i];
        }"""
    if count > SOME:
        exponentials = lines(
            "#pragma omp simd",
            "for (int i = 0; i < n; i++) dy[i] = EXP_BELOW_0(y[i] - top);",
            sum_of_row("total", "dy[i]", count),
        )
    return lines(
        """
        real top = y[0], total = 0, wanted = 0;
        #pragma omp simd reduction(max : top)
        for (int i = 1; i < n; i++) top = y[i] > top ? y[i] : top;""",
        exponentials,
        """
        #pragma omp simd reduction(+ : wanted)
        for (int i = 0; i < n; i++) wanted += t[i];""",
    )


@lowers(SoftmaxCrossEntropy)
def softmax_cross_entropy(loss: SoftmaxCrossEntropy, y: Shape) -> RowwiseLoss:
    """softmax(y) Σt - t, where each t is spread over the classes first, and then weighted."""
    target, spread, constants = "t[i]", [], {}
    if loss.label_smoothing:
        target = "((1 - smoothing) * t[i] + part)"
        spread = ["const real part = smoothing * wanted / n;"]
        constants = {"smoothing": loss.label_smoothing}
    if loss.weight:
        target = _weighted(loss, target)
        spread += ["wanted = 0;", f"for (int i = 0; i < n; i++) wanted += {target};"]
    slope = lines(
        _softmax(y.sizes[-1]),
        *spread,
        "const real scale = wanted / total;",
        "#pragma omp simd",
        f"for (int i = 0; i < n; i++) dy[i] = dy[i] * scale - {target};",
    )
    return _of_rows(loss, slope, loss.weight, **constants)


@lowers(NLL)
def nll(loss: NLL, y: Shape) -> RowwiseLoss:
    slope = f"for (int i = 0; i < n; i++) dy[i] = -{_weighted(loss, 't[i]')};\n"
    return _of_rows(loss, slope, loss.weight)


@lowers(KL)
def kl(loss: KL, y: Shape) -> RowwiseLoss:
    target = "EXP(t[i])" if loss.log_target else "t[i]"
    return _of_rows(loss, f"for (int i = 0; i < n; i++) dy[i] = -{target};\n")


@lowers(Focal)
def focal(loss: Focal, y: Shape) -> RowwiseLoss:
    """g - p Σg, where g = -t w p d/dp [(1 - p)^gamma log p]."""
    powers = {0.0: "1", 1.0: "rest", 2.0: "rest * rest"}
    power = powers.get(loss.gamma, "(real)pow(rest, gamma)")
    if y.last == 1:  # the logit of the first of two classes is 0
        both = "const real logits[2] = {0, y[0]}, targets[2] = {1 - t[0], t[0]};"
        both += "\nreal g[2];"
        classes, logits, target, g = "2", "logits", "targets[i]", "g"
        slope = "dy[0] = g[1] - EXP(logits[1] - top - over) * sum;\n"
    else:
        both, classes, logits, target, g = "", "n", "y", "t[i]", "dy"
        slope = "for (int i = 0; i < n; i++) dy[i] -= EXP(y[i] - top - over) * sum;\n"
    total = sum_of_row("total", f"EXP({logits}[i] - top)", y.sizes[-1], classes)
    text = f"""
        real top = {logits}[0], total = 0, sum = 0;
        for (int i = 1; i < {classes}; i++) top = {logits}[i] > top ? {logits}[i] : top;
        {inside(total, 8)}
        const real over = LOG(total);
        for (int i = 0; i < {classes}; i++) {{
            const real share = {_weighted(loss, target)}, log_p = {logits}[i] - top - over;
            const real p = EXP(log_p), rest = -EXPM1(log_p);
            const real ratio = rest > 0 ? p * log_p / rest : -1;  /* its limit as p becomes 1 */
            {g}[i] = share == 0 ? 0 : (gamma * ratio - 1) * {power} * share;
        }}
        {inside(sum_of_row("sum", f"{g}[i]", y.sizes[-1], classes), 8)}
"""
    return _of_rows(loss, lines(both, text, slope), gamma=loss.gamma)


@lowers(Hinge)
def hinge(loss: Hinge, y: Shape) -> RowwiseLoss:
    if y.last == 1:
        return _hinge_of_one(loss)
    less = "(margin - y[c] + y[i])"
    step = f"(i != c && {less} > 0 ? {'share' if loss.p == 1 else f'2 * {less} * share'} : 0)"
    share = "weight[c] * t[c]" if loss.weight else "t[c]"
    slope = f"""
        for (int i = 0; i < n; i++) dy[i] = 0;
        for (int c = 0; c < n; c++) {{
            real share = {share} / n, sum = 0;
            if (share == 0) continue;
            for (int i = 0; i < n; i++) dy[i] += {step};
            {inside(sum_of_row("sum", step, y.sizes[-1]), 12)}
            dy[c] -= sum;
        }}
"""
    return _of_rows(loss, slope, margin=loss.margin)


def _hinge_of_one(loss: Hinge) -> RowwiseLoss:
    """One output is above 0 for the second of two classes."""
    first, second = ("1", "1") if loss.p == 1 else ("2 * high", "2 * low")
    weights = ("weight[0] * ", "weight[1] * ") if loss.weight else ("", "")
    slope = f"""
        real high = margin + y[0], low = margin - y[0];
        dy[0] = {weights[0]}(1 - t[0]) * (high > 0 ? {first} : 0)
            - {weights[1]}t[0] * (low > 0 ? {second} : 0);
"""
    return _of_rows(loss, slope, margin=loss.margin)
