"""The losses in C: what each adds to the gradient of the outputs."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import dedent

from netlang.catalogue.losses import (
    KL,
    MAE,
    MSE,
    NLL,
    BinaryCrossEntropy,
    CosineEmbedding,
    CrossEntropy,
    Focal,
    GaussianNLL,
    Hinge,
    Huber,
    LogCosh,
    Loss,
    PoissonNLL,
    Quantile,
    SigmoidCrossEntropy,
    SmoothL1,
    SoftmaxCrossEntropy,
    Triplet,
)
from netlang.catalogue.losses.classes import ClassLoss
from netlang.catalogue.losses.reduced import ElementLoss, RowLoss
from netlang.catalogue.outputs import SumOfLosses
from netlang.catalogue.targets import OutputPart
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import (
    ElementwiseLoss,
    LossSum,
    LossTerm,
    RowwiseLoss,
    SamplewiseLoss,
    Tables,
)
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import SOME, inside, row_sizes, sum_of_row


def _of_elements(loss: ElementLoss, y: Shape, slope: str, **constants: float) -> ElementwiseLoss:
    """The gradient of a mean over all outputs, or of their sum."""
    if not loss.is_mean:
        return ElementwiseLoss(slope, constants)
    return ElementwiseLoss(f"({slope}) * (1 / (batch * size))", {**constants, "size": y.size})


@lowers(MSE)
def mse(loss: MSE, y: Shape) -> ElementwiseLoss:
    return _of_elements(loss, y, "2 * (y - t)")


def _lines(*texts: str) -> str:
    """The texts one below the other, each from the left."""
    return "\n".join(dedent(text).strip("\n") for text in texts if text)


_SIGN = "y > t ? 1 : y < t ? -1 : y - t"  # of what is no number, that is no number


@lowers(MAE)
def mae(loss: MAE, y: Shape) -> ElementwiseLoss:
    return _of_elements(loss, y, _SIGN)


@lowers(Huber)
def huber(loss: Huber, y: Shape) -> ElementwiseLoss:
    slope = "y - t > delta ? delta : y - t < -delta ? -delta : y - t"
    return _of_elements(loss, y, slope, delta=loss.delta)


@lowers(SmoothL1)
def smooth_l1(loss: SmoothL1, y: Shape) -> ElementwiseLoss:
    if not loss.beta:
        return _of_elements(loss, y, _SIGN)
    slope = "y - t > beta ? 1 : y - t < -beta ? -1 : (y - t) / beta"
    return _of_elements(loss, y, slope, beta=loss.beta)


@lowers(LogCosh)
def log_cosh(loss: LogCosh, y: Shape) -> ElementwiseLoss:
    return _of_elements(loss, y, "TANH(y - t)")


@lowers(Quantile)
def quantile(loss: Quantile, y: Shape) -> ElementwiseLoss | RowwiseLoss:
    if not isinstance(loss.q, tuple):
        return _of_elements(loss, y, "y > t ? 1 - q : y < t ? -q : y - t", q=loss.q)
    # The outputs of the first quantile come first.
    slope = """
        for (int i = 0; i < n; i++) {
            const real q = shares[i / numbers], d = y[i] - t[i % numbers];
            dy[i] = d > 0 ? 1 - q : d < 0 ? -q : d;
        }
"""
    numbers = row_sizes(y)[1] // len(loss.q)
    return _of_each_in_rows(loss, y, slope, {"shares": loss.q}, numbers=numbers)


def _of_each_in_rows(
    loss: ElementLoss, y: Shape, slope: str, tables: Tables, **constants: float
) -> RowwiseLoss:
    """The same of an output that depends on its place in the row."""
    mean = "for (int i = 0; i < n; i++) dy[i] *= 1 / (batch * size);" if loss.is_mean else ""
    size = y.size // loss.outputs_per_number if isinstance(loss, GaussianNLL) else y.size
    return RowwiseLoss(_lines(slope, mean), {**constants, "size": size}, tables)


@lowers(GaussianNLL)
def gaussian_nll(loss: GaussianNLL, y: Shape) -> RowwiseLoss:
    slope = """
        /* by the mean m: (m - t) / v, and by the variance v: (1 - (m - t)^2 / v) / 2v */
        for (int i = 0; i < n / 2; i++) {
            const real v = y[n / 2 + i] < eps ? eps : y[n / 2 + i], d = (y[i] - t[i]) / v;
            dy[i] = d;
            dy[n / 2 + i] = (1 / v - d * d) / 2;
        }
"""
    return _of_each_in_rows(loss, y, slope, {}, eps=loss.eps)


@lowers(PoissonNLL)
def poisson_nll(loss: PoissonNLL, y: Shape) -> ElementwiseLoss:
    if loss.log_input:
        return _of_elements(loss, y, "EXP(y) - t")
    return _of_elements(loss, y, "1 - t / (y + eps)", eps=loss.eps)


_PROBABILITY = "(y > 1 ? 1 : y)"  # rounding puts some above 1


@lowers(CrossEntropy)
def cross_entropy(loss: CrossEntropy, y: Shape) -> ElementwiseLoss:
    p = _PROBABILITY
    samples = " * batch" if loss.is_mean else ""
    gradient = f"({p} - t + eps * (1 - 2 * t)) / (({p} + eps) * (1 - {p} + eps){samples})"
    return ElementwiseLoss(gradient, {"eps": loss.eps})


@lowers(BinaryCrossEntropy)
def binary_cross_entropy(loss: BinaryCrossEntropy, y: Shape) -> ElementwiseLoss:
    p = _PROBABILITY
    both = f"(1 - {p}) * {p}"
    slope = f"({p} - t) / ({both} < least ? least : {both})"
    return _of_elements(loss, y, slope, least=1e-12)


@lowers(SigmoidCrossEntropy)
def sigmoid_cross_entropy(loss: SigmoidCrossEntropy, y: Shape) -> ElementwiseLoss | RowwiseLoss:
    slope = "(1 - t) * SIGMOID(y) - pos_weight * t * SIGMOID(-y)"
    if not isinstance(loss.pos_weight, tuple):
        return _of_elements(loss, y, slope, pos_weight=loss.pos_weight)
    each = """
        for (int i = 0; i < n; i++)
            dy[i] = (1 - t[i]) * SIGMOID(y[i]) - pos_weight[i] * t[i] * SIGMOID(-y[i]);
"""
    return _of_each_in_rows(loss, y, each, {"pos_weight": loss.pos_weight})


def _of_rows(
    loss: RowLoss, slope: str, counts: tuple[float, ...] | None = None, **constants: float
) -> RowwiseLoss:
    """The gradient of a mean over all rows, which may count by their classes, or of their sum."""
    if loss.is_mean:
        slope = _lines(slope, "#pragma omp simd", "for (int i = 0; i < n; i++) dy[i] *= 1 / rows;")
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
        exponentials = _lines(
            "#pragma omp simd",
            "for (int i = 0; i < n; i++) dy[i] = EXP_BELOW_0(y[i] - top);",
            sum_of_row("total", "dy[i]", count),
        )
    return _lines(
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
    slope = _lines(
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
    return _of_rows(loss, _lines(both, text, slope), gamma=loss.gamma)


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


@lowers(CosineEmbedding)
def cosine_embedding(loss: CosineEmbedding, y: Shape) -> SamplewiseLoss:
    of_mean = " / batch" if loss.is_mean else ""
    products = {"ab": "a[i] * b[i]", "aa": "a[i] * a[i]", "bb": "b[i] * b[i]"}
    sums = _lines(*(sum_of_row(total, each, y.sizes[-1]) for total, each in products.items()))
    slope = f"""
        const real *const a = y, *const b = y + row;
        real ab = 0, aa = least, bb = least;
        {inside(sums, 8)}
        const real both = SQRT(aa) * SQRT(bb), cosine = ab / both;
        const real times = ((cosine > margin ? t[0] : 0) - t[1]){of_mean};
        /* by a: b / |a||b| - a cos / |a|^2, and by b likewise */
        for (int i = 0; i < n; i++) {{
            dy[i] = times * (b[i] / both - a[i] * cosine / aa);
            dy[row + i] = times * (a[i] / both - b[i] * cosine / bb);
        }}
"""
    return SamplewiseLoss(slope, {"margin": loss.margin, "least": 1e-12})


@lowers(Triplet)
def triplet(loss: Triplet, y: Shape) -> SamplewiseLoss:
    """The vectors are the corners of a triangle, whose sides are measured by the p-norm."""
    of_mean = " / batch" if loss.is_mean else ""
    unit, power, root, slope = _norm(loss.p)
    text = f"""
        for (int v = 0; v < 3; v++) memset(dy + v * row, 0, n * sizeof(real));
        for (int second = 0; second < 2; second++) {{
            const real share = t[second]{of_mean};
            if (share == 0) continue;
            const int near = second ? 2 : 1, far = second ? 1 : 2;
            /* from the anchor to both, and from the one to the other */
            const int begin[3] = {{0, 0, near}}, end[3] = {{near, far, far}};
            real unit[3], total[3], length[3];
            for (int side = 0; side < 3; side++) {{
                const real *const from = y + begin[side] * row, *const to = y + end[side] * row;
                real sum = 0, largest = 0;
                for (int i = 0; i < n; i++) {{
                    const real size = (real)fabs(from[i] - to[i] + eps);
                    largest = size > largest ? size : largest;
                }}
                unit[side] = {unit};
                for (int i = 0; i < n; i++) {{
                    const real size = (real)fabs(from[i] - to[i] + eps) / unit[side];
                    sum += {power};
                }}
                total[side] = sum;
                length[side] = unit[side] * {root};
            }}
            const int apart = swap && length[2] < length[1] ? 2 : 1;
            if (!(length[0] - length[apart] + margin > 0)) continue;
            for (int side = 0; side < 3; side++) {{
                if (side && side != apart) continue;
                if (length[side] == 0) continue;
                const real *const from = y + begin[side] * row, *const to = y + end[side] * row;
                for (int i = 0; i < n; i++) {{
                    const real d = (from[i] - to[i] + eps) / unit[side], size = (real)fabs(d);
                    const real sign = d > 0 ? 1 : d < 0 ? -1 : d;
                    const real along = (side ? -share : share) * sign * {slope};
                    dy[begin[side] * row + i] += along;
                    dy[end[side] * row + i] -= along;
                }}
            }}
        }}
"""
    constants = {"margin": loss.margin, "eps": loss.eps, "swap": int(loss.swap), "p": loss.p}
    return SamplewiseLoss(text, constants)


def _norm(p: float) -> tuple[str, str, str, str]:
    """The p-norm in C: in what unit it measures sizes, of which power there is a sum, its root, and
    the slope by a size.
    """
    if p == 1:
        return "1", "size", "sum", "1"
    if p == 2:
        return "1", "size * size", "SQRT(sum)", "size / SQRT(total[side])"
    # Powers of large numbers have no place in a float: they are those of shares of the largest.
    largest = "largest > 0 && largest <= REAL_MAX ? largest : 1"
    slope = "(real)(pow(size, p - 1) / pow(total[side], 1 - 1 / p))"
    return largest, "(real)pow(size, p)", "(real)pow(sum, 1 / p)", slope


@lowers(SumOfLosses)
def sum_of_losses(loss: SumOfLosses, y: Shape) -> LossSum:
    return LossSum(tuple(_terms(loss, y)))


def _terms(
    loss: Loss, y: Shape, weight: float = 1.0, part: OutputPart | None = None
) -> Iterator[LossTerm]:
    """The losses of which one is the sum, each times a number.  Raises Unsupported."""
    if not isinstance(loss, SumOfLosses):
        yield LossTerm(lowers.lowered(loss, y), weight, part)
        return
    for term in loss.terms:
        own = Shape(term.part.shape) if term.part else y
        yield from _terms(term.loss, own, weight * term.weight, term.part or part)
