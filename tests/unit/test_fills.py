"""Fills of one tip for several wells, mixing in turn, and how scripts name wells."""

from dataclasses import replace
from pathlib import Path

import plates
import programs as made
import pytest

from compiler.passes.lower.pipetting import Instrument, capacity_ul, handling
from compiler.stages import program as p
from compiler.stages.layout import Mounted
from compiler.target import commands as c
from compiler.target.expand import expand
from compiler.target.fills import by_tip, distributes, fills
from compiler.target.labware import load_labware
from compiler.target.pipettes import load_pipette, pipette_names
from compiler.target.rounds import in_turn, last_mixing, mixed_after
from compiler.target.strokes import context_of

SOURCE = c.WellRef("stocks", "A1")


def rows(*volumes_ul: float) -> tuple[p.Row, ...]:
    tip = made.Tips().next()
    return tuple(
        p.Row(
            reaction=f"r{n + 1}",
            source=SOURCE,
            dest=made.reactor(n),
            strokes_ul=(volume_ul,),
            source_mm=1.0,
            dest_mm=24.0,
            tip=tip if n == 0 else None,
        )
        for n, volume_ul in enumerate(volumes_ul)
    )


def test_a_tip_is_filled_for_as_many_wells_as_it_holds() -> None:
    """200 µL tip, 90 % of it, less the air gap of 5 µL: 175 µL."""
    mounted = made.layout("Flex").mounted["left"]
    groups = fills(rows(60.0, 60.0, 60.0, 55.0), made.AQUEOUS, mounted)
    assert [[row.strokes_ul[0] for row in group] for group in groups] == [
        [60.0, 60.0],
        [60.0, 55.0],
    ]


@pytest.mark.parametrize("kind", ["aqueous", "organic", "volatile", "very volatile", "slurry"])
@pytest.mark.parametrize("name", pipette_names())
def test_a_fill_for_many_wells_is_no_larger_than_a_stroke(name: str, kind: str) -> None:
    """Whatever tips a pipette has, smaller than it or larger: what the bound rests on."""
    pipette = load_pipette(name)
    for rack in pipette.tip_racks:
        tip_ul = load_labware(rack).tip_ul
        assert tip_ul is not None
        instrument = Instrument("left", pipette, rack, tip_ul)
        how = handling(kind, instrument)
        room_ul = capacity_ul(instrument, how)
        assert how.air_gap_ul < room_ul <= min(tip_ul, pipette.max_ul) - how.air_gap_ul
        mounted = Mounted(
            mount="left",
            pipette=pipette,
            tip_racks=(),
            tip_load_name=rack,
            tip_volume_ul=tip_ul,
        )
        drop_ul = min(tip_ul, pipette.max_ul) / 20
        filled = fills(rows(drop_ul) * 100, how, mounted)
        assert len(filled[0]) * drop_ul <= room_ul + 1e-6


def test_another_source_is_another_fill() -> None:
    mounted = made.layout("Flex").mounted["left"]
    one, two = rows(10.0, 10.0)
    other = replace(two, source=c.WellRef("stocks", "B1"))
    assert len(fills((one, two), made.AQUEOUS, mounted)) == 1
    assert len(fills((one, other), made.AQUEOUS, mounted)) == 2


def test_what_is_served_from_common_fills() -> None:
    plain = rows(50.0, 50.0)
    assert distributes(plain, made.AQUEOUS)
    assert not distributes(plain[:1], made.AQUEOUS)
    assert not distributes(plain, made.TOUCHED)
    assert not distributes(plain, replace(made.AQUEOUS, prewet_every_stroke=True))
    twice = (plain[0], replace(plain[1], strokes_ul=(25.0, 25.0)))
    assert not distributes(twice, made.AQUEOUS)


def test_rows_by_the_tip_that_serves_them() -> None:
    three = (*rows(50.0, 50.0), *rows(50.0))
    assert [len(group) for group in by_tip(three)] == [2, 1]


def test_one_fill_and_a_dispense_a_well() -> None:
    """Drawn once: the sum. Nothing is blown out between the wells."""
    block = p.TransferBlock(
        step="x", what="charge", material="m", mount="left", handling=made.AQUEOUS,
        rows=rows(40.0, 50.0, 60.0),
    )  # fmt: skip
    commands = list(expand(block, context_of(made.layout("Flex", reactions=3))))
    drawn = [command.volume_ul for command in commands if isinstance(command, c.Aspirate)]
    given = [
        (str(command.well), command.volume_ul)
        for command in commands
        if isinstance(command, c.Dispense) and command.height_mm == 24.0
    ]
    assert drawn == [150.0]
    assert given == [("reactors/A1", 40.0), ("reactors/B1", 50.0), ("reactors/C1", 60.0)]
    assert not any(isinstance(command, c.BlowOut) for command in commands)


def mixing(wells: int, every: int, count: int) -> p.DropsBlock:
    mix = p.MixSpec(cycles=1, stroke_ul=50.0, height_mm=2.0, flow_ul_s=50.0)
    mixed = tuple(
        p.MixRow(reaction=f"r{n + 1}", well=made.reactor(n), mix=mix, tip=None)
        for n in range(wells)
    )
    block = made.quench("Flex", made.Tips(), wells, count=count, shaker=None)
    return replace(block, mix_every=every, mix_mount="right", mix_rows=mixed)


@pytest.mark.parametrize(("wells", "every", "count"), [(2, 5, 10), (5, 3, 10), (6, 4, 10)])
def test_no_well_gets_more_drops_than_that_between_two_mixings(
    wells: int, every: int, count: int
) -> None:
    block = mixing(wells, every, count)
    assert in_turn(block)
    assert last_mixing(block) == count
    for row in block.mix_rows:
        mixed = [number for number in range(1, count + 1) if row in mixed_after(block, number)]
        gaps = [b - a for a, b in zip([0, *mixed], mixed, strict=False)]
        assert max(gaps) <= every
        assert mixed[-1] == count
    busiest = max(len(mixed_after(block, number)) for number in range(1, count))
    assert busiest <= -(-wells // every)  # the same work in every round


def test_one_well_is_mixed_after_every_so_many_drops_and_the_last_one() -> None:
    block = mixing(1, 4, 10)
    assert not in_turn(block)
    assert [n for n in range(1, 11) if mixed_after(block, n)] == [4, 8, 10]


def test_fewer_drops_than_lie_between_two_mixings_are_mixed_too() -> None:
    block = mixing(1, 5, 3)
    assert [n for n in range(1, 4) if mixed_after(block, n)] == [3]


def test_a_script_names_columns_and_stretches_of_wells(tmp_path: Path) -> None:
    procedure = plates.drops_procedure("{over: 30 min, drop: 25 µL}")
    by_eight = plates.compiled(tmp_path, procedure, plates.replicates(16), "flex-96").scripts[0][1]
    assert "reactors.rows()[0][0:2]," in by_eight
    by_one = plates.compiled(tmp_path, procedure, plates.replicates(6), "flex").scripts[0][1]
    assert "reactors.wells()[0:6]," in by_one
