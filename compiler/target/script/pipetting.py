"""Transfers and mixing as Python: a loop over a table of rows, or plain lines for one row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from compiler.stages import program as p
from compiler.stages.operations import Handling
from compiler.target.expand import hold_rounds, hold_timers
from compiler.target.fills import Fill, by_tip, distributes, fills
from compiler.target.script.calls import in_step, write_draw_up, write_pre_wet, write_touch
from compiler.target.script.fills import FillTable
from compiler.target.script.page import Page
from compiler.target.script.text import Table, number
from compiler.target.strokes import may_touch

Bound = Mapping[str, str]
"""What stands for each column inside the loop."""


def write_transfer(page: Page, block: p.TransferBlock) -> None:
    """A TransferBlock. Rows whose tips come and go in the same way share a loop."""
    for kind, groups in _runs(page, block):
        rows = [row for group in groups for row in group]
        if kind == "fills":
            _write_fills(page, block, groups[0])
        elif kind == "own fills":
            _write_own_fills(page, block, groups)
        else:
            _write_run(page, block, kind, rows)


def _runs(page: Page, block: p.TransferBlock) -> list[tuple[str, list[Fill]]]:
    """The rows in stretches, tip by tip: each row with a tip of its own ("own"), one tip for all,
    stroke by stroke ("shared"), one tip that is filled several times ("fills"), or tips that are
    filled once for some rows each ("own fills")."""
    runs: list[tuple[str, list[Fill]]] = []
    for of_tip in by_tip(block.rows):
        kind = _kind(page, block, of_tip)
        joins = runs and runs[-1][0] == kind and kind.startswith("own")
        if joins and _shape(kind, runs[-1][1][0][0]) == _shape(kind, of_tip[0]):
            runs[-1][1].append(of_tip)
        else:
            runs.append((kind, [of_tip]))
    return runs


def _kind(page: Page, block: p.TransferBlock, of_tip: Fill) -> str:
    if len(of_tip) == 1:
        return "own"
    if not distributes(of_tip, block.handling):
        return "shared"
    mounted = page.context.layout.mounted[block.mount]
    return "own fills" if len(fills(of_tip, block.handling, mounted)) == 1 else "fills"


def _shape(kind: str, row: p.Row) -> tuple[bool, ...]:
    """What must be alike in the rows of a loop: one stroke or several, mixing or none; where a tip
    serves several rows, what becomes of it."""
    if kind == "own fills":
        return (row.parks,)
    return len(row.strokes_ul) == 1, row.mix is None


def _write_fills(page: Page, block: p.TransferBlock, rows: Fill) -> None:
    """One tip, filled for as many rows as it holds."""
    mount, how = block.mount, block.handling
    of_tip = fills(rows, how, page.context.layout.mounted[mount])
    table = FillTable(page, mount, how, of_tip)
    table.define()
    if rows[0].tip is not None:
        page.lines.add(f"{mount}.pick_up_tip({page.well(rows[0].tip)})")
    if how.prewet_cycles:
        table.pre_wet()
    table.write(block)
    _finish(page, mount, page.well(rows[-1].dest), rows[-1], how, str(rows[0].parks))


def _write_own_fills(page: Page, block: p.TransferBlock, groups: list[Fill]) -> None:
    """Tips that are filled once, each for some rows."""
    table = FillTable(page, block.mount, block.handling, groups, own_tips=True)
    table.define()
    table.write(block)


def _write_run(page: Page, block: p.TransferBlock, kind: str, rows: list[p.Row]) -> None:
    lines, mount, how = page.lines, block.mount, block.handling
    if kind == "own":
        table = own_table(page, "rows", rows)
        table.define(lines)
        with table.loop(lines) as bound, in_step(page, block):
            write_own(page, block, bound, rows)
        return
    single = all(len(row.strokes_ul) == 1 for row in rows)
    table = Table("rows", [_columns(page, row, single) for row in rows])
    table.define(lines)
    if rows[0].tip is not None:
        lines.add(f"{mount}.pick_up_tip({page.well(rows[0].tip)})")
        _pre_wet(page, mount, _first_volume(rows[0]), table.rows[0], how)
    with table.loop(lines) as bound, in_step(page, block):
        _write_strokes(page, block, bound, rows)
    last = rows[-1]
    _finish(page, mount, page.well(last.dest), last, how, str(rows[0].parks))


def own_table(page: Page, name: str, rows: Sequence[p.Row]) -> Table:
    """The table of rows that each bring a tip."""
    single = all(len(row.strokes_ul) == 1 for row in rows)
    cells = [
        {**({} if row.tip is None else {"tip": page.well(row.tip)}), **_columns(page, row, single)}
        for row in rows
    ]
    parking(cells, [row.parks for row in rows])
    return Table(name, cells)


def write_own(
    page: Page,
    block: p.TransferBlock,
    bound: Bound,
    rows: Sequence[p.Row],
    ready: Callable[[], None] | None = None,
) -> None:
    """One row of `own_table`: its tip comes, serves it, and goes. `ready` writes what is done when
    the tip is on."""
    mount, how = block.mount, block.handling
    if "tip" in bound:
        page.lines.add(f"{mount}.pick_up_tip({bound['tip']})")
    if ready is not None:
        ready()
    _pre_wet(page, mount, _first_in_loop(bound, rows[0]), bound, how)
    _write_strokes(page, block, bound, rows)
    _finish(page, mount, bound["dest"], rows[-1], how, bound.get("parks"))


def _write_strokes(page: Page, block: p.TransferBlock, bound: Bound, rows: Sequence[p.Row]) -> None:
    """One row's strokes, and its mixing."""
    lines, mount, how = page.lines, block.mount, block.handling
    if "volume" in bound:
        _stroke(page, mount, bound["volume"], bound, how)
    else:
        with lines.block(f"for volume in {bound['volumes']}:"):
            _stroke(page, mount, "volume", bound, how)
    if rows[0].mix is not None:
        write_mix(page, mount, bound, "dest")
        lines.add(f"{mount}.blow_out({bound['dest']}.bottom({bound['dest_mm']}))")


def _columns(page: Page, row: p.Row, single: bool) -> dict[str, str]:
    """A row's cells, as expressions."""
    strokes = [number(volume) for volume in row.strokes_ul]
    cells = {"source": page.well(row.source), "dest": page.well(row.dest)}
    if single:
        cells["volume"] = strokes[0]
    elif len(strokes) > 1 and len(set(strokes)) == 1:
        cells["volumes"] = f"[{strokes[0]}] * {len(strokes)}"
    else:
        cells["volumes"] = f"[{', '.join(strokes)}]"
    cells["source_mm"], cells["dest_mm"] = number(row.source_mm), number(row.dest_mm)
    if row.mix is not None:
        cells.update(mix_columns(row.mix))
    return cells


def mix_columns(mix: p.MixSpec) -> dict[str, str]:
    """The cells of a mixing."""
    return {
        "cycles": str(mix.cycles),
        "stroke": number(mix.stroke_ul),
        "height": number(mix.height_mm),
        "flow": number(mix.flow_ul_s),
    }


def _first_volume(row: p.Row) -> str:
    return number(row.strokes_ul[0])


def _first_in_loop(bound: Bound, row: p.Row) -> str:
    """The volume of a row's first stroke; `row` stands for all where they are alike."""
    if "volume" in bound:
        return bound["volume"]
    return "volumes[0]" if bound["volumes"] == "volumes" else _first_volume(row)


def _pre_wet(page: Page, mount: str, volume: str, bound: Bound, how: Handling) -> None:
    if how.prewet_cycles and not how.prewet_every_stroke:
        write_pre_wet(page, mount, volume, bound["source"], bound["source_mm"], how)


def _stroke(page: Page, mount: str, volume: str, bound: Bound, how: Handling) -> None:
    write_draw_up(page, mount, volume, bound["source"], bound["source_mm"], how)
    where = (bound["dest"], bound["dest_mm"])
    page.call("deliver", mount, volume, *where, page.scope.handling(how))


def write_mix(page: Page, mount: str, bound: Bound, well: str) -> None:
    """The call that mixes; `well` is the column of the well."""
    cells = (bound["cycles"], bound["stroke"], bound[well], bound["height"], bound["flow"])
    page.call("mix", mount, *cells)


def _finish(
    page: Page, mount: str, dest: str, row: p.Row, how: Handling, parks: str | None = None
) -> None:
    write_touch(page.lines, page, mount, dest, row, how)
    end_of_tip(page, mount, parks)


def parking(cells: Sequence[dict[str, str]], parks: Sequence[bool]) -> None:
    """Adds to each row's cells whether its tip goes back into its place, where any does."""
    if any(parks):
        for cell, goes_back in zip(cells, parks, strict=True):
            cell["parks"] = str(goes_back)


def end_of_tip(page: Page, mount: str, parks: str | None = None, last: str | None = None) -> None:
    """What becomes of a tip after its well: into the trash, or back into its place.

    `parks` is the expression for whether it is kept for later (None: it is not), `last` the
    condition under which its work in a loop ends (None: it has ended).
    """
    if parks == "True":
        page.lines.add(f"{mount}.return_tip()")
    elif parks in (None, "False") and last is None:
        page.lines.add(f"{mount}.drop_tip()")
    elif parks in (None, "False"):
        page.call("put_away", mount, str(last))
    else:
        page.call("put_away", mount, f"{last} and not {parks}" if last else f"not {parks}")


# --- mixing -----------------------------------------------------------------------------------


def mix_table(page: Page, name: str, rows: Sequence[p.MixRow]) -> Table:
    """The table of wells to mix."""
    cells = [
        {
            **({} if row.tip is None else {"tip": page.well(row.tip)}),
            "well": page.well(row.well),
            **mix_columns(row.mix),
        }
        for row in rows
    ]
    parking(cells, [row.parks for row in rows])
    return Table(name, cells)


def write_mixing(
    page: Page,
    table: Table,
    mount: str,
    rows: Sequence[p.MixRow],
    how: Handling,
    last: str | None,
    only: str | None = None,
    block: p.MixBlock | None = None,
) -> None:
    """The loop that mixes each well with its tip.

    `last` is the condition under which the tips are dropped; None where they always are. `only`
    is the condition for mixing a well, in which `row` counts them; None where all are mixed. The
    `block` is one that may have a beat.
    """
    lines = page.lines
    with table.loop(lines, "row" if only else None) as bound:
        if only is None:
            with in_step(page, block):
                write_mixed(page, bound, mount, rows[0], how, last)
        else:
            with lines.block(f"if {only}:"):
                write_mixed(page, bound, mount, rows[0], how, last)


def write_mixed(
    page: Page,
    bound: Bound,
    mount: str,
    row: p.MixRow,
    how: Handling,
    last: str | None,
    done: Callable[[], None] | None = None,
) -> None:
    """One well; its tip is dropped or goes back. `done` writes what is done before that."""
    lines = page.lines
    if "tip" in bound:
        lines.add(f"{mount}.pick_up_tip({bound['tip']})")
    write_mix(page, mount, bound, "well")
    lines.add(f"{mount}.blow_out({bound['well']}.top())")
    if last is None and may_touch(row.well, how, page.context.deck):
        lines.add(f"{mount}.touch_tip({bound['well']})")
    if done is not None:
        done()
    end_of_tip(page, mount, bound.get("parks"), last)


def write_mix_block(page: Page, block: p.MixBlock) -> None:
    """A MixBlock."""
    table = mix_table(page, "rows", block.rows)
    table.define(page.lines)
    write_mixing(page, table, block.mount, block.rows, block.handling, None, block=block)


def write_mix_hold(page: Page, block: p.MixHoldBlock) -> None:
    """A MixHoldBlock: a timer for the whole hold, and one for each interval."""
    lines, rounds = page.lines, hold_rounds(block)
    hold, beat = hold_timers(block)
    table = mix_table(page, "rows", block.rows)
    table.define(lines)
    page.waits.start(lines, "end_of_hold", block.seconds)
    if rounds == 1:
        write_mixing(page, table, block.mount, block.rows, block.handling, "True")
    else:
        with lines.block(f"for mixing in range(1, {rounds + 1}):"):
            page.waits.start(lines, "next_mixing", block.every_s)
            last = f"mixing == {rounds}"
            write_mixing(page, table, block.mount, block.rows, block.handling, last)
            with lines.block(f"if mixing < {rounds}:"):
                page.waits.wait(lines, "next_mixing", beat)
    page.waits.wait(lines, "end_of_hold", hold)
