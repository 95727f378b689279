"""`workup explain`: the page of a finding."""

from __future__ import annotations

import click

from compiler.cli.console import wants_colour, write
from compiler.cli.options import format_option


@click.command()
@click.argument("code", required=False)
@format_option
def explain(code: str | None, format_: str) -> None:
    """Print the page of a finding: what it does, why it matters, what to write instead.

    Without CODE, list all codes.
    """
    from compiler.diagnostics import pages
    from compiler.diagnostics.codes import ALL

    if code is None:
        longest = max(len(each.id) for each in ALL)
        lines = [f"{e.id:<{longest}}  {e.severity.value:<7}  {e.summary}" for e in ALL]
        write("\n".join(lines) + "\n")
        return
    found = pages.find(code)
    if found is None:
        near = pages.nearest(code)
        guess = f"; did you mean {' or '.join(near)}?" if near else ""
        raise click.UsageError(f"there is no finding {code}{guess}")
    text = pages.page(found) or f"# {found.id}: {found.summary}\n"
    if format_ == "json":
        from compiler.diagnostics.json_output import dumps

        write(
            dumps(
                {
                    "version": 1,
                    "code": found.id,
                    "severity": found.severity.value,
                    "summary": found.summary,
                    "acknowledgeable": found.acknowledgeable or found.severity.value == "warning",
                    "page": text,
                }
            )
        )
    elif format_ == "sarif":
        from compiler.diagnostics.json_output import dumps
        from compiler.diagnostics.sarif import sarif_object

        write(dumps(sarif_object((), rules=(found,))))
    elif wants_colour():
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(text))
    else:
        write(text)
