"""The bound on hand-computed cases, and below what was scheduled for all that ships."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from math import dist
from pathlib import Path

import pytest
from timed import part_seconds

from compiler.cli.options import shipped_benches
from compiler.pipeline import compile_procedure
from compiler.plan.bound import Bound, lower_bound
from compiler.plan.dropping import Batches, dropping
from compiler.plan.lowering import lower_by
from compiler.plan.paths import paths_of
from compiler.plan.travel import Travel
from compiler.plan.work import Work
from compiler.stages.layout import Layout
from compiler.stages.operations import DeliverDrops
from compiler.stages.program import Program
from compiler.target.clock import load_clock
from compiler.target.commands import Point, WellRef
from compiler.target.deck import deck_of

ROOT = Path(__file__).parents[2]
PROTOCOLS = ROOT / "protocols"
CASES = ROOT / "benchmarks" / "cases"


def work(kind: str, alone: dict[str, float], arm_s: float = 0.0, early_s: float = 0.0) -> Work:
    """A piece on the left mount, whose last tip takes 10 s to let go."""
    mount, late_s = ("left", 10.0) if kind == "arm" else (None, 0.0)
    return Work(
        step="x",
        kind=kind,
        alone=alone,
        mount=mount,
        arm_s=arm_s,
        early_s=early_s,
        late_s=late_s,
    )


# --- pieces in a row ------------------------------------------------------------------------


def test_charging_before_a_hold_is_added_to_it() -> None:
    """Two wells, 30 s each by the arm (1 s of it their own), then an hour: 60 + 3600."""
    wells = ("r1", "r2")
    charge = work("arm", dict.fromkeys(wells, 1.0), arm_s=60.0, early_s=20.0)
    hold = work("chemistry", dict.fromkeys(wells, 3600.0))
    paths = paths_of([charge, hold], wells)
    assert paths.longest() == 3601.0
    # the tip of the last well may go (10 s) while it stands
    assert paths.busiest() == 60.0 - 10.0 + 3600.0


def test_a_tip_may_be_filled_while_the_reaction_stands() -> None:
    wells = ("r1", "r2")
    hold = work("chemistry", dict.fromkeys(wells, 3600.0))
    draw = work("arm", dict.fromkeys(wells, 5.0), arm_s=60.0, early_s=20.0)
    assert paths_of([hold, draw], wells).busiest() == 3600.0 + 60.0 - 20.0


def test_the_arm_alone_bounds_where_it_has_most_to_do() -> None:
    wells = tuple(f"r{n}" for n in range(96))
    charge = work("arm", dict.fromkeys(wells, 1.0), arm_s=960.0)
    hold = work("chemistry", dict.fromkeys(wells, 60.0))
    again = work("arm", dict.fromkeys(wells, 1.0), arm_s=960.0)
    # holds can be served meanwhile: 1920 s, and not 1980
    assert paths_of([charge, hold, again], wells).busiest() == 1920.0


def test_a_well_that_takes_no_part_shortens_heads() -> None:
    """A control without the hold lets the arm begin at once."""
    hold = work("chemistry", {"r1": 600.0})
    draw = work("arm", {"r1": 5.0, "r2": 5.0}, arm_s=50.0)
    paths = paths_of([hold, draw], ("r1", "r2"))
    assert paths.head(1) == 0.0
    assert paths.busiest() == 50.0
    assert paths.longest() == 605.0


def test_one_pipette_changes_its_tip_between_two_pieces() -> None:
    first = work("arm", {"r1": 2.0}, arm_s=30.0)
    second = replace(work("arm", {"r1": 3.0}, arm_s=30.0), ready_s=25.0)
    assert paths_of([first, second], ("r1",)).longest() == 2.0 + 25.0 + 3.0
    other = replace(second, mount="right")
    assert paths_of([first, other], ("r1",)).longest() == 5.0


# --- a dropwise addition of 24 wells: the example of docs/schedule.md -------------------------


@pytest.fixture(scope="module")
def drops_24() -> Program:
    return compiled("drops", "flex", "replicates-24")


def compiled(case: str, bench: str, library: str) -> Program:
    made = compile_procedure(
        CASES / f"{case}.yaml", shipped_benches()[bench], library=CASES / f"{library}.yaml"
    )
    assert made.program is not None, [f.message for f in made.findings if f.severity == "error"]
    return made.program


def test_the_example_of_the_docs(drops_24: Program) -> None:
    """24 wells, 10 drops of 10 uL, 180 s apart: recomputed here from the clock's constants."""
    layout, clock = drops_24.layout, load_clock("Flex")
    deck = deck_of(layout)
    (part,) = lower_bound(layout).parts
    assert part.chemistry_s == 9 * 180.0
    assert part.operator_s == 24 * 20.0
    ends = [deck.top(layout.wells[f"r{n}", "reactor"], -2.0) for n in range(1, 25)]
    stock = layout.source["bromide", "r1"]
    (rack,) = layout.mounted["right"].tip_racks
    tips = [deck.top(WellRef(rack, name)) for name in deck.labware(rack).labware.wells]
    over_mm = deck.highest_mm() + 10.0

    def way_s(start: Point, end: Point) -> float:
        across = clock.across_s(dist((start.x, start.y), (end.x, end.y)))
        return clock.up_down_s(over_mm - start.z) + across + clock.up_down_s(over_mm - end.z)

    # 2 mm in the mouth, 5 mm over the rim: 7 mm up, 18 mm to the side, 7 mm down
    visit_s = 2 * clock.up_down_s(7.0) + clock.across_s(18.0)
    # into the trash, or back into the rack, whichever is nearer
    away_s = 10.0 + min(way_s(end, place) for end in ends for place in (deck.trash(), *tips))
    round_s = sum(
        (
            4.0 + min(way_s(tip, deck.well(stock, 1.0)) for tip in tips),
            3 * (1.0 + 10 / 100 + 10 / 150),
            240 / 100 + 240 / 150,
            1.0 + clock.up_down_s(51.0, 25.0) + clock.up_down_s(5.0) + 15 / 100 + 15 / 150,
            min(way_s(deck.top(stock, 5.0), end) for end in ends),
            23 * visit_s,
            away_s,
        )
    )
    first = dropped(layout)[0]
    assert first.arm_s == pytest.approx(round_s, abs=0.01)
    assert first.late_s == pytest.approx(away_s, abs=0.01)
    assert part.seconds == pytest.approx(480.0 + round_s - away_s + 1620.0 + 10.0, abs=0.01)
    text = (ROOT / "docs" / "schedule.md").read_text(encoding="utf-8")
    for number in (visit_s, first.arm_s, part.arm_s, part.seconds):
        assert f"{number:.1f} s" in text, number


def dropped(layout: Layout) -> tuple[Work, Batches]:
    deck = deck_of(layout)
    travel = Travel(deck, load_clock(layout.robot), deck.highest_mm())
    (drops,) = (o for o in layout.operations.operations if isinstance(o, DeliverDrops))
    found = dropping(travel, drops)
    return found.first, found.batches


def test_all_wells_fit_into_the_interval_of_the_example(drops_24: Program) -> None:
    found = dropped(drops_24.layout)[1]
    assert (found.count, found.at_once, found.spread_s) == (1, 24, 1620.0)


def test_an_interval_too_short_for_all_wells_forces_batches() -> None:
    """OT-2: a tip of 20 uL holds one drop, so that each costs a fill; 24 don't fit into 180 s."""
    program = compiled("drops", "ot2", "replicates-24")
    found = dropped(program.layout)[1]
    assert found.count == 2
    assert 12 <= found.at_once < 24
    # two batches of (10 - n) intervals, and n - 1: 2 * 8 + 1 with n = 2
    assert found.spread_s == (2 * 8 + 1) * 180.0
    assert lower_bound(program.layout).parts[0].sets == "batches"


def test_what_would_fit_with_a_longer_interval_is_no_batch() -> None:
    program = compiled("drops", "ot2", "replicates-24")
    layout = program.layout
    deck = deck_of(layout)
    travel = Travel(deck, load_clock("OT-2"), deck.highest_mm())
    (drops,) = (o for o in layout.operations.operations if isinstance(o, DeliverDrops))
    longer = replace(drops, drops=replace(drops.drops, interval_s=360.0))
    assert dropping(travel, longer).batches.count == 1


# --- never more than what was scheduled -------------------------------------------------------


def shipped() -> Iterator[tuple[Path, str]]:
    for path in sorted(PROTOCOLS.glob("*/*.yaml")):
        kinds = ("benches", "blocks")
        if path.parent.name not in kinds and path.stem not in ("library", "sequence"):
            yield path, "flex"
            yield path, "ot2"


def held(program: Program) -> tuple[Bound, float]:
    """The bound and the largest ratio of a part to its bound; fails where a part is shorter."""
    bound = lower_bound(program.layout)
    worst = 0.0
    for part, seconds in zip(bound.parts, part_seconds(program), strict=True):
        assert part.seconds <= seconds + 1e-6, part
        worst = max(worst, seconds / part.seconds)
    return bound, worst


@pytest.mark.parametrize(("path", "bench"), list(shipped()))
def test_what_ships_takes_no_less(path: Path, bench: str) -> None:
    program = compile_procedure(path, shipped_benches()[bench]).program
    if program is not None:
        assert held(program)[1] < 1.25


@pytest.mark.parametrize("bench", ["flex-96", "ot2-96"])
def test_a_plate_takes_no_less(bench: str) -> None:
    folder = PROTOCOLS / "reductive-amination-96"
    made = compile_procedure(
        folder / "procedure.yaml", shipped_benches()[bench], library=folder / "library.yaml"
    )
    assert made.program is not None
    assert held(made.program)[1] < 1.25


@pytest.mark.parametrize("bench", ["flex", "ot2"])
def test_a_library_takes_no_less(bench: str) -> None:
    folder = PROTOCOLS / "reductive-amination"
    made = compile_procedure(
        folder / "procedure.yaml", shipped_benches()[bench], library=folder / "library.csv"
    )
    assert made.program is not None
    held(made.program)


@pytest.mark.parametrize(
    ("case", "bench", "library"),
    [
        ("drops-mixed", "flex", "replicates-24"),
        ("drops-mixed", "ot2", "replicates-24"),
        ("drops-plate", "flex-96", "replicates-96"),
    ],
)
def test_drops_with_mixing_take_no_less(case: str, bench: str, library: str) -> None:
    held(compiled(case, bench, library))


def test_a_reaction_with_long_holds_is_close_to_its_bound() -> None:
    path = PROTOCOLS / "reductive-amination-nabh4" / "procedure.yaml"
    program = compile_procedure(path, shipped_benches()["flex"]).program
    assert program is not None
    bound, worst = held(program)
    assert worst < 1.05
    assert bound.text.startswith("one reaction's chemistry (")


def test_the_bound_is_not_read_off_the_schedule(drops_24: Program) -> None:
    """Whatever the blocks say, the bound is the layout's."""
    before = lower_bound(drops_24.layout)
    empty = replace(drops_24, parts=())
    assert lower_bound(empty.layout) == before


# --- what would lower it ----------------------------------------------------------------------


def test_larger_drops_would_do_without_batches() -> None:
    layout = compiled("drops", "ot2", "replicates-24").layout
    (said,) = lower_by(layout, lower_bound(layout))[1]
    assert said.startswith("drops twice as large, half as many: ")


def test_an_eight_channel_is_told_where_its_channels_fit(tmp_path: Path, drops_24: Program) -> None:
    """Not in a rack of 4 x 6; in 96 wells that one channel serves; not where there is one."""
    assert lower_by(*both(drops_24)) == {}
    assert lower_by(*both(compiled("drops-plate", "flex-96", "replicates-96"))) == {}
    bench = shipped_benches()["flex-96"]
    shutil.copytree(bench.parent.parent / "labware", tmp_path / "labware")
    (tmp_path / "benches").mkdir()
    text = bench.read_text(encoding="utf-8").replace(", right: flex_8channel_1000", "")
    single = tmp_path / "benches" / "single.yaml"
    single.write_text(text, encoding="utf-8")
    case, library = CASES / "small.yaml", CASES / "replicates-96.yaml"
    made = compile_procedure(case, single, library=library)
    assert made.program is not None, made.findings
    (said,) = lower_by(*both(made.program))[1]
    assert said.startswith("an eight-channel pipette for whole columns: ")


def both(program: Program) -> tuple[Layout, Bound]:
    return program.layout, lower_bound(program.layout)
