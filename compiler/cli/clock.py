"""`workup clock`: how long a robot takes, from its own run log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from compiler.cli.console import complain, write_lines

if TYPE_CHECKING:
    from simulate.clock_fit import Fit


@click.group()
def clock() -> None:
    """The clock by which runs are planned."""


@clock.command("fit")
@click.argument("log", type=click.Path(path_type=Path, dir_okay=False), metavar="LOG.json")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("clock.json"),
    show_default=True,
    metavar="FILE",
    help="Where the clock goes; `clock:` in a bench and `--clock` name it.",
)
@click.pass_context
def fit(ctx: click.Context, log: Path, output: Path) -> None:
    """Fit the clock of a robot to LOG.json, the run log that the Opentrons app downloads.

    What the log does not show (a gripper that never moved) stays as published.
    """
    from compiler.cli.answer import summary
    from compiler.cli.writing import WriteError, write_file
    from compiler.diagnostics.json_output import dumps
    from simulate.clock_fit import fit_clock
    from simulate.run_log import LogFault, read_run_log

    try:
        found = fit_clock(read_run_log(log))
        write_file(output, dumps(found.as_object()))
    except LogFault as fault:
        complain(f"the run log {log} can't be used: {fault}")
        ctx.exit(2)
    except WriteError as error:
        complain(str(error))
        ctx.exit(2)
    write_lines(summary(_rows(found, output)))


def _rows(found: Fit, output: Path) -> list[tuple[str, str]]:
    from compiler.target.clock import load_clock

    published = load_clock(found.robot)
    rows = [
        ("robot", found.robot),
        ("commands", f"{found.commands} of the arm and the modules"),
        ("measured", f"{found.measured_s:.1f} s"),
        ("published", f"{found.published_s:.1f} s by the published constants"),
        ("fitted", f"{found.fitted_s:.1f} s by this clock"),
    ]
    for number, (name, value) in enumerate(found.parameters.items()):
        was = getattr(published, name)
        rows.append(("" if number else "parameters", f"{name} {value:g} (published {was:g})"))
    for number, residual in enumerate(found.residuals):
        told = f"{residual.kind}: {residual.rms_s:.3f} s rms over {residual.commands} commands"
        rows.append(("" if number else "residuals", told))
    if found.unseen:
        rows.append(("not seen", ", ".join(found.unseen)))
    rows.append(("written", str(output)))
    return rows
