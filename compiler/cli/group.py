"""The `workup` command: its name, its version, its commands."""

from __future__ import annotations

import click

from compiler.cli.check import check
from compiler.cli.clock import clock
from compiler.cli.compile_ import compile_
from compiler.cli.explain import explain
from compiler.cli.labware import labware
from compiler.cli.review import review
from compiler.cli.schema import schema
from compiler.cli.simulate_ import simulate
from compiler.cli.substances import catalogue_option, substances
from compiler.version import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="workup")
@catalogue_option
def workup() -> None:
    """From a procedure that a chemist wrote to a verified Opentrons run.

    Exit status: 0 without errors, 1 with errors in the input, 2 for wrong use or a file that
    cannot be read or written.
    """


for command in (check, compile_, simulate, review, explain, labware, clock, schema, substances):
    workup.add_command(command)
