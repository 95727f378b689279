"""`workup labware new`: an Opentrons definition from a handful of dimensions."""

from __future__ import annotations

from pathlib import Path

import click

from compiler.cli.console import complain, write
from compiler.diagnostics.visible import visible


@click.group()
def labware() -> None:
    """Labware definitions for the vials and racks that you have."""


@labware.command("new")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.json")
@click.option("--rows", type=int, required=True, help="Rows of wells, A at the back.")
@click.option("--columns", type=int, required=True, help="Columns of wells.")
@click.option(
    "--spacing",
    "spacing_mm",
    type=float,
    required=True,
    metavar="MM",
    help="Between the centres of neighbouring wells.",
)
@click.option(
    "--row-spacing",
    "row_spacing_mm",
    type=float,
    metavar="MM",
    help="Between rows, where it is not --spacing.",
)
@click.option(
    "--diameter", "diameter_mm", type=float, metavar="MM", help="Inner diameter of a round well."
)
@click.option("--width", "width_mm", type=float, metavar="MM", help="Inner width of a square well.")
@click.option(
    "--length",
    "length_mm",
    type=float,
    metavar="MM",
    help="From back to front, of a trough; eight tips fit into 69 mm.",
)
@click.option(
    "--depth",
    "depth_mm",
    type=float,
    required=True,
    metavar="MM",
    help="From the inner bottom to the rim.",
)
@click.option(
    "--height", "height_mm", type=float, required=True, metavar="MM", help="From deck to rim."
)
@click.option(
    "--bottom",
    type=click.Choice(["flat", "round", "v"]),
    default="flat",
    show_default=True,
    help="The shape of the inner bottom.",
)
@click.option(
    "--bottom-height",
    "bottom_height_mm",
    type=float,
    metavar="MM",
    help="How high the cone of a v bottom is.",
)
@click.option("--material", default="glass", show_default=True, help="What the wells are made of.")
@click.option(
    "--volume",
    "volume_ml",
    type=float,
    metavar="ML",
    help="What the maker calls full.  [default: to the rim]",
)
@click.option(
    "--a1",
    "a1_mm",
    type=(float, float),
    metavar="X Y",
    help="Centre of A1 from the left and the back edge, mm.  [default: the grid is centred]",
)
@click.option(
    "--fits", multiple=True, metavar="MODEL", help="A module that it stands on. May be repeated."
)
@click.option("--name", help="What people call it.  [default: the file's name]")
@click.option("--brand", default="custom", show_default=True)
@click.pass_context
def new(
    ctx: click.Context,
    file: Path,
    rows: int,
    columns: int,
    spacing_mm: float,
    row_spacing_mm: float | None,
    diameter_mm: float | None,
    width_mm: float | None,
    length_mm: float | None,
    depth_mm: float,
    height_mm: float,
    bottom: str,
    bottom_height_mm: float | None,
    material: str,
    volume_ml: float | None,
    a1_mm: tuple[float, float] | None,
    fits: tuple[str, ...],
    name: str | None,
    brand: str,
) -> None:
    """Write an Opentrons labware definition to FILE.json; `definition:` in a bench names it.

    Lengths are in millimetres. A rack of 2 mL vials:

    \b
      workup labware new vials-2ml.json --rows 4 --columns 6 --spacing 18 \\
        --diameter 10 --depth 32 --height 40 --volume 2 --material glass
    """
    from compiler.cli.writing import WriteError, slug, write_file
    from compiler.diagnostics.json_output import dumps
    from compiler.target.labware_new import new_labware

    try:
        definition = new_labware(
            load_name=slug(file.stem).lower().replace("-", "_"),
            display_name=name or file.stem,
            rows=rows,
            columns=columns,
            row_spacing_mm=spacing_mm if row_spacing_mm is None else row_spacing_mm,
            column_spacing_mm=spacing_mm,
            depth_mm=depth_mm,
            height_mm=height_mm,
            material=material,
            diameter_mm=diameter_mm,
            width_mm=width_mm,
            length_mm=length_mm,
            bottom=bottom,
            bottom_height_mm=bottom_height_mm,
            volume_ul=None if volume_ml is None else volume_ml * 1000,
            a1_offset_x_mm=a1_mm[0] if a1_mm else None,
            a1_offset_y_mm=a1_mm[1] if a1_mm else None,
            fits=fits,
            brand=brand,
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    try:
        write_file(file, dumps(definition))
    except WriteError as error:
        complain(str(error))
        ctx.exit(2)
    load_name = definition["parameters"]["loadName"]
    write(f"{visible(str(file))}: {rows * columns} wells, load name {load_name}\n")
