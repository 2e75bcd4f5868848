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

LEARNED = """\
    UNITS = shift, scale = shift_and_scale(targets[parts[0]])
    targets = ((targets - shift) / scale).to(torch.get_default_dtype())
"""
