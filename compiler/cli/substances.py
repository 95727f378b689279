"""`workup substances`: entries of the catalogue with their sources, and entries of one's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from compiler.cli.console import complain, write, write_lines
from compiler.diagnostics.visible import visible

if TYPE_CHECKING:  # the catalogue is read inside the commands: `workup --help` is quick
    from compiler.chemistry.catalogue import Catalogue


class _NameOrCommand(click.Group):
    """`workup substances DCM` shows DCM; `show DCM` does too, for a substance called `add`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Takes what is no command for a name."""
        if args and args[0] not in self.commands:
            return "show", self.commands["show"], args
        return super().resolve_command(ctx, args)


def use_catalogue(
    context: click.Context, parameter: click.Parameter, value: Path | None
) -> Path | None:
    """Makes a file the user's catalogue for this run, as the variable does."""
    from compiler.chemistry.own_catalogue import VARIABLE

    if value is not None:
        os.environ[VARIABLE] = str(value)
    return value


catalogue_option = click.option(
    "--catalogue",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=use_catalogue,
    expose_value=False,
    is_eager=True,
    metavar="FILE",
    help="Your own catalogue (JSON or YAML).  [default: $WORKUP_CATALOGUE, else the one in your "
    "configuration folder]",
)


@click.group(cls=_NameOrCommand, subcommand_metavar="NAME | COMMAND [ARGS]...")
@catalogue_option
def substances() -> None:
    """What the catalogue knows of a substance, by name, alias or CAS number.

    Entries of your own come before those that ship: see `workup substances add --help`.
    """


@substances.command("show")
@click.argument("name", nargs=-1, required=True)
@click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_context
def show(ctx: click.Context, name: tuple[str, ...], format_: str) -> None:
    """Show an entry: its values, and where each of them comes from."""
    from compiler.chemistry.catalogue import load_catalogue
    from compiler.cli.substance_text import entry_lines, entry_object

    asked = " ".join(name)
    catalogue = load_catalogue()
    _complain_of_own(catalogue)
    found = catalogue.find(asked)
    if not found:
        near = catalogue.nearest(asked)
        guess = f"; did you mean {' or '.join(near)}?" if near else ""
        raise click.UsageError(f"{visible(asked)} is not in the catalogue{guess}")
    if format_ == "json":
        from compiler.diagnostics.json_output import dumps

        entries = [entry_object(catalogue, entry) for entry in found]
        write(dumps({"version": 1, "name": asked, "entries": entries}))
        return
    if len(found) > 1:
        why = catalogue.why_ambiguous.get(asked.casefold(), "")
        write(f"{visible(asked)} stands for {len(found)} entries{': ' if why else ''}{why}\n\n")
    for number, entry in enumerate(found):
        if number:
            write("\n")
        write_lines(entry_lines(catalogue, entry))


def _complain_of_own(catalogue: Catalogue) -> None:
    for problem in catalogue.own.problems if catalogue.own is not None else ():
        complain(f"{catalogue.own.path if catalogue.own else ''}: {problem}")


@substances.command("add")
@click.argument("name")
@click.option("--smiles", help="Its structure; formula and molar mass follow from it.")
@click.option("--formula", help="Where there is no SMILES.")
@click.option("--cas", help="CAS number.")
@click.option("--label", help="What stands on the bottle.  [default: NAME]")
@click.option("--alias", "aliases", multiple=True, help="Another name. May be repeated.")
@click.option(
    "--state", "state_20c", type=click.Choice(["solid", "liquid", "gas"]), help="At 20 °C."
)
@click.option("--density", "density_g_ml", type=float, metavar="G/ML", help="At 20 °C.")
@click.option("--melting", "melting_c", type=float, metavar="°C")
@click.option("--boiling", "boiling_c", type=float, metavar="°C", help="At 1 atm.")
@click.option(
    "--vapour-pressure", "vapour_pressure_20c_kpa", type=float, metavar="KPA", help="At 20 °C."
)
@click.option("--flash", "flash_c", type=float, metavar="°C", help="Flash point.")
@click.option("--miscibility", type=click.Choice(["miscible", "immiscible"]), help="With water.")
@click.option("--solvent", is_flag=True, help="Steps may name it without an entry.")
@click.option("--hazard", "hazards", multiple=True, metavar="H302", help="May be repeated.")
@click.option("--source", required=True, help="Where these values come from.")
@click.option("--replace", "replace_", is_flag=True, help="Replace an entry of your own.")
@click.pass_context
def add(ctx: click.Context, /, name: str, source: str, replace_: bool, **values: Any) -> None:
    """Add a substance to your own catalogue.

    With the name or CAS number of one that ships, what you give replaces what ships, and the rest
    of it stays.

    \b
      workup substances add butanal --cas 123-72-8 --smiles CCCC=O \\
        --density 0.802 --boiling 74.8 --source "supplier's data sheet, 2025"
    """
    from compiler.chemistry.own_catalogue import own_path
    from compiler.cli.own_substances import AddError, added_text
    from compiler.cli.writing import WriteError, write_file

    path = own_path()
    if path is None:
        raise click.UsageError("WORKUP_CATALOGUE is empty; name a file with --catalogue")
    given = {key: value for key, value in values.items() if value not in (None, (), False)}
    given = {key: list(v) if isinstance(v, tuple) else v for key, v in given.items()}
    row = {"name": name, **given, "sources": dict.fromkeys(given, source)}
    try:
        text = added_text(path, row, replace=replace_)
        write_file(path, text)
    except AddError as error:
        raise click.UsageError(str(error)) from error
    except WriteError as error:
        complain(str(error))
        ctx.exit(2)
    write(f"{visible(name)} is in {visible(str(path))}\n")
