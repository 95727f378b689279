"""`workup schema`: the JSON Schemas, for editors and for programs that read our output."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from compiler.cli.console import complain, write


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("schemas"),
    show_default=True,
    metavar="DIR",
    help="Where the schemas go.",
)
@click.pass_context
def schema(ctx: click.Context, output: Path) -> None:
    """Write the JSON Schemas beside your files.

    An editor with a YAML language server then completes keys and shows what they mean, in a
    document that starts with the line printed here.
    """
    from compiler.cli.writing import WriteError, write_file

    folder = files("schemas")
    names = sorted(e.name for e in folder.iterdir() if e.name.endswith(".schema.json"))
    try:
        for name in names:
            write_file(output / name, (folder / name).read_text(encoding="utf-8"))
    except WriteError as error:
        complain(str(error))
        ctx.exit(2)
    write("".join(f"{output / name}\n" for name in names))
    if "procedure.schema.json" in names:
        path = output / "procedure.schema.json"
        write(f"\nFirst line of a procedure:\n# yaml-language-server: $schema={path}\n")
