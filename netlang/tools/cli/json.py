"""Commands print JSON for programs."""

from __future__ import annotations

import json

import click

json_option = click.option("--json", "as_data", is_flag=True, help="Print JSON, for programs.")


def print_json(data: object) -> None:
    """Print ``data`` as one line."""
    click.echo(json.dumps(data))
