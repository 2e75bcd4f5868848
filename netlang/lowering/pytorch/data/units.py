"""What exported files say of numbers to predict: they are standardised, and given back in units."""

UNITS = '''\
UNITS = 0.0, 1.0  # the targets' mean and deviation: load_data learns them


def to_values(y):
    """Outputs or targets in the units of the data."""
    shift, scale = UNITS
    return y.double() * scale + shift


'''

GLOBAL = """\
    global UNITS
"""

AS_THEY_ARE = """\
    targets = targets.to(torch.get_default_dtype())
"""


def learned(beside_classes: bool) -> str:
    """Lines that standardise targets by those of the training rows; those of classes, which are
    ``named``, stay their numbers.
    """
    return _LEARNED_BESIDE_CLASSES if beside_classes else _LEARNED


_LEARNED = """\
    UNITS = shift, scale = shift_and_scale(targets[parts[0]])
    targets = ((targets - shift) / scale).to(torch.get_default_dtype())
"""

_LEARNED_BESIDE_CLASSES = """\
    shift, scale = (one.reshape(-1) for one in shift_and_scale(targets[parts[0]]))
    shift[named], scale[named] = 0, 1  # those of classes stay their numbers
    UNITS = shift, scale
    targets = ((targets - shift) / scale).to(torch.get_default_dtype())
"""

# A function that stands below UNITS, which are those of all targets.
IN_UNITS = '''\
def in_units(y, column):
    """An output, or its target, in the units of the data; column is that of the target."""
    shift, scale = (torch.as_tensor(one).reshape(-1)[column] for one in UNITS)
    return y.double() * scale + shift
'''
