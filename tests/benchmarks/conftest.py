"""Where doctests are not looked for: what imports packages that may be missing."""

collect_ignore = ["peers", "plot.py"]
