"""What layers, losses and optimizers are in C, for the native engine.

A kernel is text: the mathematics of its class, in expressions or statements of C over a few names.
The generator writes the loops, keeps what a backward pass needs, fuses elementwise kernels into
one loop, and gives every name its memory. Numbers have type ``real``, which is float or double;
``EXP``, ``EXPM1``, ``LOG``, ``TANH``, ``SIGMOID``, ``ERF``, ``SQRT``, ``SIN`` and ``COS`` are
functions of it, and so are ``LOG1P`` from 0 to 1 and ``EXP_BELOW_0``, the same as ``EXP`` where no
number is above 0, in less time; ``NORMAL_CDF(x, bell)`` is the share of a standard normal
distribution below x, of which the bell is e^(-x²/2); ``REAL_MIN`` is the least real above 0,
``REAL_MAX`` the largest.
The last dimension of every value is padded to ``PAD(n)`` numbers, whole vectors of the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from netlang.catalogue.targets import OutputPart
from netlang.system.record import Record

Constants = Mapping[str, int | float]
Tables = Mapping[str, tuple[float, ...]]
Layout = Literal["rows", "blocks", "flat"]
ROWS: Layout = "rows"
BLOCKS: Layout = "blocks"
FLAT: Layout = "flat"
ANY: Literal["any"] = "any"
_NONE: Mapping[str, Any] = MappingProxyType({})


class _LayerKernel(Record):
    """What the kernels of layers have in common.

    ``forward`` computes the output ``y`` from the input ``x``, or from several, ``x0``, ``x1``, ...
    ``backward`` has a text for each input, which computes the input's gradient ``dx`` from ``dy``
    and from the values that the kernel ``reads``: ``reads=("x", "y")`` keeps both in memory until
    then. It cannot use other values. In evaluation nothing is drawn: ``evaluated`` stands for the
    ``forward`` of a kernel that draws, or of one that need not keep then what it keeps.
    """

    forward: str
    backward: tuple[str, ...]
    evaluated: str = ""
    reads: tuple[str, ...] = ()
    constants: Constants = _NONE


class Elementwise(_LayerKernel):
    """Expressions: a number of the output comes from the numbers at its index in the inputs.

    ``keeps`` names intermediate values, by their expressions; backward texts may use them, too.
    If the kernel ``draws``, then ``drawn`` is a whole number from 0 to 2³¹ - 1 in ``forward`` and
    ``keeps``, another one for each unit of each sample.

    Weights have their own names, and are broadcast to a sample. ``gradients`` says, by the same
    names, what each number of the output adds to the gradient of its weight.
    """

    keeps: Mapping[str, str] = _NONE
    draws: bool = False
    gradients: Mapping[str, str] = _NONE
    calls_blas: ClassVar[bool] = False


class Rowwise(_LayerKernel):
    """Statements for one row, which is the last dimension, of ``n`` numbers.

    ``forward`` fills ``y[i]`` from ``x[i]``, and ``backward`` fills ``dx[i]``. Inputs have
    as many rows as the output, which has ``n`` numbers in each. Weights are arrays by their own
    names, the same for all rows, and ``gradients`` adds to ``weight_grad`` and so on.
    """

    gradients: str = ""
    draws: ClassVar[int] = 0
    calls_blas: ClassVar[bool] = False


class Array(Record):
    """Memory of ``length`` numbers that stays with weights, and is theirs wherever they are used.

    ``statement`` fills it, or empties it. Length and statement depend on the weights alone, so all
    layers that share the weights say the same. ``when`` may differ between them: the array is there
    if it holds for one of them.
    """

    length: str
    statement: str
    when: str = "1"


class Routine(_LayerKernel):
    """Statements for a whole chunk of ``N`` samples, for layers that need loops of their own.

    ``forward`` fills ``y``, ``backward`` fills ``dx``, or adds to it if ``add`` is 1. Where there
    are weights, they are ``weight`` and so on by their names, and ``gradients`` sets
    ``weight_grad`` from ``dy`` and what the kernel reads, or adds to it if ``add`` is 1.
    ``prepared`` names arrays that are filled from the weights once in a step, before all chunks,
    and that nothing changes; they are zeros before the first step. ``sums`` are those that
    ``gradients`` sets or adds to, which are emptied into the weights' gradients once those of some
    chunks are complete.

    ``inward`` is computed once before ``gradients`` and ``backward``, which may both need it: the
    gradients of what lies within the layer, which it leaves in arrays that are kept.

    ``keeps`` names arrays of ``real`` that ``forward`` or ``inward`` fills, and that ``gradients``
    and ``backward`` of the same chunk read; ``scratch`` names those to work in, whose numbers do
    not outlast a text. Both say the length of each for a chunk, as C over ``N``, ``PAD`` and the
    constants. They begin where a vector may, and hold anything at first.

    ``layout`` says how the values lie that it reads and fills. In BLOCKS, ``LANES`` samples lie
    side by side: a number of theirs is a ``vector``, and number ``i`` of block ``b`` of ``BLOCKS``
    stands at ``x[b * SIZE + i]``, in the order of the sample's shape and without padding. Behind
    the last sample, the last block is filled up with copies, whose gradients are 0. What only
    moves and adds numbers can be written for ANY layout: with ``N``, ``PAD(n)``, ``real``,
    ``move_rows`` and ``add_rows``, which then mean blocks, no padding, and vectors.

    Numbers may depend on the whole batch. ``batch_sums`` names arrays, with the length of each, of
    which every slice of a batch has one: ``name`` is the slice's own, and ``all_name`` those of all
    ``SLICES``, one behind the other. ``measure`` fills the slice's own before ``forward``, and
    ``measure_back`` before ``gradients`` and ``backward``; after each of them all slices meet. Of
    a chunk, which is then a whole slice, ``taken`` samples count. Statistics are arrays by their
    names, which ``forward`` changes where ``slice`` is 0. ``frozen`` is another routine, which
    computes the layer with the statistics that it has: in evaluation, or where they stay.

    A routine may draw: ``draws`` is how many numbers it needs for a sample, and the number for unit
    ``u`` of sample ``s`` is ``drawn(samples[s], key, units[u])``, forwards and backwards. If it
    ``calls_blas``, it may use ``gemm(blas, ...)``, a product of matrices.

    A lone sample would fill one lane of a block. So it lies FLAT, which is a block of one lane: its
    numbers one behind the other, without padding. There C for BLOCKS is read with ``real`` for
    ``vector`` and so on, unless it takes vectors apart or calls functions of them. EACH_VECTOR or
    SUMS_OF_VECTORS(sums) ahead of a loop makes vectors of its numbers then. For others, or where
    loops are faster that have vectors along a row, ``of_one`` is another routine for the forward
    pass, in rows.

    ``of_dense`` is another routine for a gradient ``dy`` that is hardly anywhere 0: there, a sum of
    products may be rounded where it is exactly 0. So it is where the only reader of ``y``
    ``centres_dx``, which says that it takes the mean of the batch away from its ``dx``.

    If ``backward`` is ``in_place``, ``dx`` may lie where ``dy`` lies: it reads a number of ``dy``
    before it writes that of ``dx``, and no later.

    ``alone`` stands for the ``forward`` of one sample in an exported file, where no rows are padded
    and there is neither a prepared array nor a BLAS.
    """

    gradients: str = ""
    inward: str = ""
    alone: str = ""
    layout: Layout | Literal["any"] = ROWS
    keeps: Mapping[str, str] = _NONE
    scratch: Mapping[str, str] = _NONE
    prepared: Mapping[str, Array] = _NONE
    sums: Mapping[str, Array] = _NONE
    batch_sums: Mapping[str, str] = _NONE
    measure: str = ""
    measure_back: str = ""
    frozen: Routine | None = None
    of_one: Routine | None = None
    of_dense: Routine | None = None
    centres_dx: bool = False
    in_place: bool = False
    draws: int = 0
    calls_blas: bool = False


LayerKernel = Elementwise | Rowwise | Routine


class ForwardOnly(Record):
    """Statements for one sample, of a layer that is computed in exported files and not yet trained.

    ``forward`` fills ``y`` from ``x``, or from ``x0``, ``x1``, ..., which have no padding. Weights
    and statistics are arrays by their own names. ``scratch`` names arrays to work in, each of so
    many numbers.
    """

    forward: str
    constants: Constants = _NONE
    scratch: Mapping[str, int] = _NONE


class _LossKernel(Record):
    """What the kernels of losses have in common: a text for the gradient ``dy`` of the outputs.

    It is computed from the outputs ``y``, the targets ``t`` and the number of samples in the step,
    which is ``batch``. A class number makes ``t`` 1 in its output and 0 in the others; of one
    output, that of class 1 is 1.
    """

    gradient: str
    constants: Constants = _NONE


class ElementwiseLoss(_LossKernel):
    """An expression: a number of ``dy`` comes from those at its index in ``y`` and ``t``."""


class RowwiseLoss(_LossKernel):
    """Statements that fill ``dy[i]`` for one row of ``n`` numbers, from ``y[i]`` and ``t[i]``.

    ``tables`` are arrays of numbers by their names. A row whose target is the class ``ignored``, or
    has class number -1, says nothing: its ``dy`` is 0. The others count 1 in ``rows``, which is the
    sum over the step, or as much as ``counts`` says of their class; where nothing counts, it is 1.
    """

    tables: Tables = _NONE
    ignored: int | None = None
    counts: tuple[float, ...] = ()


class SamplewiseLoss(_LossKernel):
    """Statements that fill ``dy`` of one sample, of rows of ``n`` numbers that lie ``row`` apart:
    number ``i`` of row ``r`` is ``y[r * row + i]``. Its targets are one row, ``t[i]``.
    """


SingleLoss = ElementwiseLoss | RowwiseLoss | SamplewiseLoss


class LossTerm(Record):
    """A loss times its ``weight``: of one ``part`` of several outputs, or of the only one."""

    kernel: SingleLoss
    weight: float = 1.0
    part: OutputPart | None = None


class LossSum(Record):
    """The sum of several losses, or one with a weight."""

    terms: tuple[LossTerm, ...]


LossKernel = SingleLoss | LossSum


class Update(Record):
    """An optimizer's step: ``each`` has statements for one weight ``w`` with gradient ``dw``.

    ``before`` is done once in a step, where ``t`` counts steps from 1 and the optimizer's
    arguments are doubles by their names; what it defines, ``each`` may use. The vectors of the
    optimizer's ``state`` are numbers by their names, too, and ``decays`` is 0 for a weight that
    weight decay leaves alone, else 1.
    """

    each: str
    before: str = ""


class Change(Record):
    """What a penalty or a clipping does to the gradients ahead of the optimizer's step.

    ``each`` has statements that change the gradient ``dw`` of one weight; a penalty's may use the
    weight ``w``. The ``arguments`` are doubles by their names. A clipping may look at all gradients
    first: ``measure`` is an expression of one, the double ``dw``, and from ``sum``, that of all
    gradients, ``before`` defines what ``each`` uses; it is done for each few thousand weights.
    """

    each: str
    measure: str = ""
    before: str = ""
    arguments: Constants = _NONE
