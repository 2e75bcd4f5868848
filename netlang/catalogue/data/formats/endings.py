"""The ending of a file's name says in which format its table is."""

from __future__ import annotations

DELIMITERS = (";", "\t", "|", ",")  # what may stand between cells, the surest sign first
PACKED = ".gz"  # behind the ending of a table of text
FRAMES = {  # formats that have columns with types; polars reads them
    ".parquet": "Parquet",
    ".arrow": "Arrow",
    ".feather": "Arrow",
    ".ipc": "Arrow",
    ".ndjson": "NDJSON",
    ".jsonl": "NDJSON",
}


def is_packed(name: str) -> bool:
    return name.lower().endswith(PACKED)


def ending_of(name: str) -> str:
    """The ending of a file's name, without that of gzip.

    >>> ending_of("data/Rows.TSV.gz"), ending_of("rows")
    ('.tsv', '')
    """
    name = name.lower().removesuffix(PACKED).replace("\\", "/").rpartition("/")[2]
    stem, point, ending = name.rpartition(".")
    return point + ending if stem else ""


def separator(name: str, delimiter: str) -> str:
    """What stands between the cells of a file: tabs where its name says so."""
    return "\t" if delimiter == "," and ending_of(name) in (".tsv", ".tab") else delimiter
