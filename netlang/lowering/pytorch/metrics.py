"""The metrics in PyTorch."""

from __future__ import annotations

from netlang.catalogue.arguments import as_source
from netlang.catalogue.metrics import (
    F1,
    Accuracy,
    AveragePrecision,
    BalancedAccuracy,
    BitsPerCharacter,
    Brier,
    CohenKappa,
    Confusion,
    ExplainedVariance,
    FBeta,
    Hamming,
    Jaccard,
    LabelAccuracy,
    LogLoss,
    MatthewsCorrelation,
    MaxError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MedianAbsoluteError,
    Perplexity,
    Precision,
    Recall,
    RocAuc,
    RootMeanSquaredError,
    RSquared,
    Specificity,
    TopK,
)
from netlang.catalogue.targets import NO_CLASS
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchMetric
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Accuracy)
def accuracy(metric: Accuracy, y: Shape) -> TorchMetric:
    if len(y.sizes) == 1:
        right = "(y.squeeze(1) > 0.5) == t" if y.size == 1 else "y.argmax(1) == t"
        return TorchMetric(f"({right}).double().mean()")
    right = "(y.squeeze(-1) > 0.5) == t" if y.sizes[-1] == 1 else "y.argmax(-1) == t"
    return TorchMetric(f"({right})[t != {NO_CLASS}].double().mean()")


@lowers(LabelAccuracy)
def label_accuracy(metric: LabelAccuracy, y: Shape) -> TorchMetric:
    return TorchMetric("((y > 0.5) == (t > 0.5)).double().mean()")


@lowers(TopK)
def top_k(metric: TopK, y: Shape) -> TorchMetric:
    return TorchMetric(f"top_k(*rows_of_classes(y, t), {metric.k})", (_ROWS, _TOP_K))


@lowers(Precision)
def precision(metric: Precision, y: Shape) -> TorchMetric:
    return _averaged("precision", metric.average, _PRECISION)


@lowers(Recall)
def recall(metric: Recall, y: Shape) -> TorchMetric:
    return _averaged("recall", metric.average, _RECALL)


@lowers(F1)
def f1(metric: F1, y: Shape) -> TorchMetric:
    return _averaged("f1", metric.average, _F1)


@lowers(FBeta)
def fbeta(metric: FBeta, y: Shape) -> TorchMetric:
    return _averaged(f"FBeta({metric.beta})", metric.average, _FBETA)


@lowers(Jaccard)
def jaccard(metric: Jaccard, y: Shape) -> TorchMetric:
    return _averaged("jaccard", metric.average, _JACCARD)


@lowers(Specificity)
def specificity(metric: Specificity, y: Shape) -> TorchMetric:
    return _averaged("specificity", metric.average, _SPECIFICITY)


@lowers(Hamming)
def hamming(metric: Hamming, y: Shape) -> TorchMetric:
    return TorchMetric("hamming(y, t)", (_HAMMING,))


@lowers(MedianAbsoluteError)
def median_absolute_error(metric: MedianAbsoluteError, y: Shape) -> TorchMetric:
    return TorchMetric("median_absolute_error(y, t)", (_MEDIAN_ABSOLUTE_ERROR,))


def _averaged(name: str, average: str | None, own: TorchDefinition) -> TorchMetric:
    """The mean over classes or labels of what the function ``own`` gives of their counts."""
    uses, counts = (own, _COUNTS), "*counts(y, t)"
    match average:
        case None:
            return TorchMetric(f"{name}({counts})", uses, several=True)
        case "binary":
            return TorchMetric(f"{name}({counts})[-1]", uses)
        case "micro":
            return TorchMetric(f"{name}(*(one.sum() for one in counts(y, t)))", uses)
    return TorchMetric(f"{average}({name}, {counts})", (*uses, _MEANS[average]))


@lowers(BalancedAccuracy)
def balanced_accuracy(metric: BalancedAccuracy, y: Shape) -> TorchMetric:
    text = f"balanced_accuracy(*counts(y, t), adjusted={metric.adjusted})"
    return TorchMetric(text, (_COUNTS, _BALANCED_ACCURACY))


@lowers(MatthewsCorrelation)
def mcc(metric: MatthewsCorrelation, y: Shape) -> TorchMetric:
    return TorchMetric("mcc(*counts(y, t))", (_COUNTS, _MCC))


@lowers(CohenKappa)
def cohen_kappa(metric: CohenKappa, y: Shape) -> TorchMetric:
    power = {None: 0, "linear": 1, "quadratic": 2}[metric.weights]
    return TorchMetric(f"cohen_kappa(*rows_of_classes(y, t), {power})", (_ROWS, _COHEN_KAPPA))


@lowers(Confusion)
def confusion(metric: Confusion, y: Shape) -> TorchMetric:
    return TorchMetric("confusion(*rows_of_classes(y, t))", (_ROWS, _CONFUSION), several=True)


@lowers(RocAuc)
def roc_auc(metric: RocAuc, y: Shape) -> TorchMetric:
    how = f"{as_source(metric.average)}, {as_source(metric.multi_class)}".replace("none", "None")
    return TorchMetric(f"roc_auc(y, t, {how})", (_BY_CLASS, _ROC_AUC), metric.average is None)


@lowers(AveragePrecision)
def average_precision(metric: AveragePrecision, y: Shape) -> TorchMetric:
    how = as_source(metric.average).replace("none", "None")
    uses = _SHARE, _BY_CLASS, _AVERAGE_PRECISION
    return TorchMetric(f"average_precision(y, t, {how})", uses, metric.average is None)


@lowers(LogLoss)
def log_loss(metric: LogLoss, y: Shape) -> TorchMetric:
    return TorchMetric("log_loss(*rows_of_classes(y, t))", (_ROWS, _LOG_LOSS))


@lowers(Perplexity)
def perplexity(metric: Perplexity, y: Shape) -> TorchMetric:
    return TorchMetric("torch.exp(log_loss(*rows_of_classes(y, t)))", (_ROWS, _LOG_LOSS))


@lowers(BitsPerCharacter)
def bits_per_character(metric: BitsPerCharacter, y: Shape) -> TorchMetric:
    text = "(log_loss(*rows_of_classes(y, t)) / math.log(2))"
    return TorchMetric(text, (_ROWS, _LOG_LOSS))


@lowers(Brier)
def brier(metric: Brier, y: Shape) -> TorchMetric:
    return TorchMetric("brier(*rows_of_classes(y, t))", (_ROWS, _BRIER))


@lowers(MeanSquaredError)
def mean_squared_error(metric: MeanSquaredError, y: Shape) -> TorchMetric:
    return TorchMetric("F.mse_loss(y.double(), t.double())")


@lowers(MeanAbsoluteError)
def mean_absolute_error(metric: MeanAbsoluteError, y: Shape) -> TorchMetric:
    return TorchMetric("F.l1_loss(y.double(), t.double())")


@lowers(MeanAbsolutePercentageError)
def mean_absolute_percentage_error(metric: MeanAbsolutePercentageError, y: Shape) -> TorchMetric:
    return TorchMetric("mape(y, t)", (_MAPE,))


@lowers(RootMeanSquaredError)
def root_mean_squared_error(metric: RootMeanSquaredError, y: Shape) -> TorchMetric:
    return TorchMetric("rmse(y, t)", (_RMSE,))


@lowers(MaxError)
def max_error(metric: MaxError, y: Shape) -> TorchMetric:
    return TorchMetric("(y.double() - t.double()).abs().max()")


@lowers(RSquared)
def r_squared(metric: RSquared, y: Shape) -> TorchMetric:
    return TorchMetric(f"r2(y, t{_how(metric.multioutput)})", (_EXPLAINED, _R2))


@lowers(ExplainedVariance)
def explained_variance(metric: ExplainedVariance, y: Shape) -> TorchMetric:
    text = f"explained_variance(y, t{_how(metric.multioutput)})"
    return TorchMetric(text, (_EXPLAINED, _EXPLAINED_VARIANCE))


def _how(multioutput: str) -> str:
    return ", by_spread=True" if multioutput == "variance_weighted" else ""


_ROWS = TorchDefinition(
    f'''\
def rows_of_classes(y, t):
    """Outputs for each of two classes or more, and class numbers, where there is a class."""
    y = torch.cat([1 - y, y], -1) if y.shape[-1] == 1 else y
    return y[t != {NO_CLASS}], t[t != {NO_CLASS}]
'''
)

_TOP_K = TorchDefinition(
    '''\
def top_k(y, t, k):
    """The share of samples whose class is among the k largest outputs: of equal ones, among those
    of later classes, or that of the first of two.
    """
    if y.shape[1] == 2:
        return ((y.argmax(1) == t) | (k > 1)).double().mean()
    own = y.gather(1, t.unsqueeze(1))
    earlier = torch.arange(y.shape[1]) <= t.unsqueeze(1)
    behind = (y < own) | ((y == own) & earlier)
    return (y.shape[1] - behind.sum(1) < k).double().mean()
'''
)

_SHARE = TorchDefinition(
    '''\
def share(part, whole):
    """A part of a whole; of nothing, it is 0."""
    return torch.where(whole == 0, 0.0, part / whole)
'''
)

_COUNTS = TorchDefinition(
    '''\
def counts(y, t):
    """How many are rightly found to be of each class or label, are taken for it, and are of it; how
    many there are; and for how many it has to be known.
    """
    if t.dim() == y.dim():  # labels
        taken, true = ((one > 0.5).flatten(0, -2) for one in (y, t))
        every = torch.ones_like(true)
        each = taken & true, taken, true, every, every
        return [one.sum(0).double() for one in each]
    y, t = rows_of_classes(y, t)
    taken = y.argmax(1)
    each = t[taken == t], taken, t, torch.cat([taken, t])
    each = [torch.bincount(one, minlength=y.shape[1]).double() for one in each]
    return [*each[:3], torch.full_like(each[3], len(t)), each[3]]
''',
    uses=(_ROWS,),
)

_PRECISION = TorchDefinition(
    """\
def precision(found, taken, true, all, known):
    return share(found, taken)
""",
    uses=(_SHARE,),
)

_RECALL = TorchDefinition(
    """\
def recall(found, taken, true, all, known):
    return share(found, true)
""",
    uses=(_SHARE,),
)

_F1 = TorchDefinition(
    """\
def f1(found, taken, true, all, known):
    return share(2 * found, taken + true)
""",
    uses=(_SHARE,),
)

_FBETA = TorchDefinition(
    '''\
class FBeta:
    """The harmonic mean of precision and recall, in which recall counts beta times as much."""

    def __init__(self, beta):
        self.squared = beta**2

    def __call__(self, found, taken, true, all, known):
        return share((1 + self.squared) * found, taken + self.squared * true)
''',
    uses=(_SHARE,),
)

_JACCARD = TorchDefinition(
    """\
def jaccard(found, taken, true, all, known):
    return share(found, taken + true - found)
""",
    uses=(_SHARE,),
)

_SPECIFICITY = TorchDefinition(
    """\
def specificity(found, taken, true, all, known):
    return share(all - taken - true + found, all - true)
""",
    uses=(_SHARE,),
)

_HAMMING = TorchDefinition(
    '''\
def hamming(y, t):
    """The share of labels, or of classes, that are wrong."""
    if t.dim() == y.dim():
        return ((y > 0.5) != (t > 0.5)).double().mean()
    y, t = rows_of_classes(y, t)
    return (y.argmax(1) != t).double().mean()
''',
    uses=(_ROWS,),
)

_MEANS = {
    "macro": TorchDefinition(
        '''\
def macro(score, found, taken, true, all, known):
    """The mean of the score over the classes that occur, or over all labels."""
    return score(found, taken, true, all, known)[known > 0].mean()
'''
    ),
    "weighted": TorchDefinition(
        '''\
def weighted(score, found, taken, true, all, known):
    """The mean of the score over all samples of a class or label."""
    return share((score(found, taken, true, all, known) * true).sum(), true.sum())
'''
    ),
}

_BALANCED_ACCURACY = TorchDefinition(
    '''\
def balanced_accuracy(found, taken, true, all, known, adjusted=False):
    """The mean of the classes' recall, or how much of what chance leaves it is above chance."""
    recall = (found / true)[true > 0]
    chance = 1 / max(len(recall), 1)
    if adjusted:
        return (recall.mean() - chance) / max(1 - chance, 1e-12)
    return recall.mean()
'''
)

_MCC = TorchDefinition(
    '''\
def mcc(found, taken, true, all, known):
    """How far classes and what samples are taken for go together."""
    if (taken > 0).sum() == 1 or (true > 0).sum() == 1:
        return torch.zeros(())
    taken, true, found = taken / true.sum(), true / true.sum(), found / true.sum()
    spread = (1 - taken @ taken) * (1 - true @ true)
    return (found.sum() - taken @ true) / spread.sqrt()
'''
)

_COHEN_KAPPA = TorchDefinition(
    '''\
def cohen_kappa(y, t, power):
    """1 - observed / expected disagreement, where mistakes count by a power of their size."""
    classes = y.shape[1]
    pairs = torch.bincount(t * classes + y.argmax(1), minlength=classes * classes)
    pairs = pairs.view(classes, classes).double() / len(t)
    apart = torch.arange(classes) - torch.arange(classes).unsqueeze(1)
    cost = (apart != 0) * apart.abs().double() ** power
    expected = (cost * pairs.sum(1).outer(pairs.sum(0))).sum()
    return 1 - (cost * pairs).sum() / expected if expected > 0 else torch.zeros(())
'''
)

_CONFUSION = TorchDefinition(
    '''\
def confusion(y, t):
    """How many samples of each class, in its row, are taken for which."""
    classes = y.shape[1]
    pairs = torch.bincount(t * classes + y.argmax(1), minlength=classes * classes)
    return pairs.view(classes, classes)
'''
)

_LOG_LOSS = TorchDefinition(
    '''\
def log_loss(y, t):
    """-log of the probability of the true class, on average."""
    eps = torch.finfo(y.dtype).eps
    return F.nll_loss(y.clamp(eps, 1 - eps).double().log(), t)
'''
)

_BRIER = TorchDefinition(
    '''\
def brier(y, t):
    """The squared distance of the probabilities from the true class, half of it for two classes."""
    squares = (y.double() - F.one_hot(t, y.shape[1])).square().sum(1).mean()
    return squares / 2 if y.shape[1] == 2 else squares
'''
)

_BY_CLASS = TorchDefinition(
    '''\
def scores_by_class(y, t, each):
    """The scores of each class or label, and whether they are those of what is true; of two
    classes, those of the second, but where each is asked for.
    """
    if t.dim() == y.dim():
        return y.flatten(0, -2), t.flatten(0, -2) > 0.5
    y, t = rows_of_classes(y, t)
    true = F.one_hot(t, y.shape[1]) > 0
    return (y[:, 1:], true[:, 1:]) if y.shape[1] == 2 and not each else (y, true)
''',
    uses=(_ROWS,),
)

_ROC_AUC = TorchDefinition(
    '''\
def area_under_roc(scores, true):
    """How probable it is that what is true has a higher score than what is not."""
    if scores.isnan().any():
        return torch.tensor(math.nan)
    ones, others = true.sum().double(), (~true).sum().double()
    if ones == 0 or others == 0:
        return torch.tensor(0.5)
    place, count = scores.unique(return_inverse=True, return_counts=True)[1:]
    ranks = count.cumsum(0) - (count.double() - 1) / 2  # of equal scores, their mean
    ranks = ranks[place]
    return (ranks[true].sum() - ones * (ones + 1) / 2) / (ones * others)


def roc_auc(y, t, average, multi_class):
    """The area under the ROC curve of each class against all others, or against each other one, and
    the mean over those that have samples.
    """
    y, true = scores_by_class(y, t, average is None)
    if average == "micro":
        return area_under_roc(y.flatten(), true.flatten())
    if multi_class == "ovo" and average and t.dim() < y.dim() and y.shape[1] > 1:
        own = [n for n in range(y.shape[1]) if true[:, n].any()]
        pairs = [(a, b, true[:, a] | true[:, b]) for a in own for b in own if a != b]
        areas = [area_under_roc(y[pair, a], true[pair, a]) for a, b, pair in pairs]
        sizes = [pair.sum() for *_, pair in pairs]
        counts = sizes if average == "weighted" else [torch.tensor(1)] * len(sizes)
    else:
        areas = [area_under_roc(*one) for one in zip(y.unbind(1), true.unbind(1))]
        both = true.any(0) & (~true).any(0)
        counts = (true.sum(0) * both if average == "weighted" else both).unbind()
    if average is None:
        return torch.stack(areas)
    if not sum(counts):
        return torch.tensor(0.5)
    return sum(area * count for area, count in zip(areas, counts)) / sum(counts)
'''
)

_AVERAGE_PRECISION = TorchDefinition(
    '''\
def precision_over_recall(scores, true):
    """The precision at each score, on average over the steps of the recall."""
    if not len(scores) or scores.isnan().any():
        return torch.tensor(math.nan)
    values, place = scores.unique(return_inverse=True)
    own = torch.bincount(place[true], minlength=len(values)).flip(0)
    taken = torch.bincount(place).flip(0).cumsum(0)
    hits = own.cumsum(0).double()
    return share((own * hits / taken).sum(), hits[-1])


def average_precision(y, t, average):
    """The average precision of each class or label, and its mean."""
    y, true = scores_by_class(y, t, average is None)
    if average == "micro":
        return precision_over_recall(y.flatten(), true.flatten())
    each = [precision_over_recall(*one) for one in zip(y.unbind(1), true.unbind(1))]
    each, own = torch.stack(each), true.sum(0).double()
    if average == "weighted":
        return share((each * own).sum(), own.sum())
    return each if average is None else each.mean()
'''
)

_MAPE = TorchDefinition(
    '''\
def mape(y, t):
    """The mean of |y - t| / |t|."""
    y, t = y.double(), t.double()
    return ((y - t).abs() / t.abs().clamp(min=torch.finfo(t.dtype).eps)).mean()
'''
)

_MEDIAN_ABSOLUTE_ERROR = TorchDefinition(
    '''\
def median_absolute_error(y, t):
    """The median of |y - t|; of several numbers, the mean of theirs."""
    errors = (y.double() - t.double()).abs()
    if errors.isnan().any():
        return torch.tensor(math.nan)
    errors, count = errors.sort(0).values, len(errors)
    return ((errors[(count - 1) // 2] + errors[count // 2]) / 2).mean()
'''
)

_RMSE = TorchDefinition(
    '''\
def rmse(y, t):
    """The root of the mean square; of several numbers to predict, the mean of their roots."""
    squares = (y.double() - t.double()) ** 2
    return squares.mean(0).sqrt().mean()
'''
)

_EXPLAINED = TorchDefinition(
    '''\
def variance(y):
    """That of each column; exactly 0 where all numbers are equal."""
    return torch.where((y == y[0]).all(0), 0.0, y.var(0, correction=0))


def explained(missed, t, by_spread=False):
    """1 - missed / spread of each number to predict, and its mean."""
    spread = variance(t)
    each = torch.where(spread == 0, (missed == 0).double(), 1 - missed / spread)
    if by_spread and spread.any():
        return (each * spread).sum() / spread.sum()
    return each.mean()
'''
)

_R2 = TorchDefinition(
    '''\
def r2(y, t, by_spread=False):
    """1 - the mean square of what is missed, by the variance of the targets."""
    y, t = y.double(), t.double()
    return explained(((y - t) ** 2).mean(0), t, by_spread)
'''
)

_EXPLAINED_VARIANCE = TorchDefinition(
    '''\
def explained_variance(y, t, by_spread=False):
    """1 - Var(t - y) / Var(t)."""
    y, t = y.double(), t.double()
    return explained(variance(t - y), t, by_spread)
'''
)
