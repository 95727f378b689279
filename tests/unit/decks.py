"""Benches and operations built by hand, for tests of `house` and `place`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import protocols
from compiler.diagnostics.finding import Span
from compiler.passes.house import house
from compiler.stages.charges import Charge, Charges
from compiler.stages.contents import Draw, Ledger, PhaseKind
from compiler.stages.documents import Bench, BenchLabware, BenchModule, Spans, Vessel
from compiler.stages.operations import (
    Deliver,
    DrawPhase,
    Handling,
    Operation,
    Operations,
    Stand,
)
from compiler.stages.quantity import Dimension
from compiler.target.pipettes import load_pipette
from tests.unit import handbuilt

FOLDER = Path(next(iter(protocols.__path__))) / "benches"
HANDLING = Handling(
    name="test",
    prewet_cycles=0,
    prewet_wait_s=0,
    aspirate_ul_s=40,
    dispense_ul_s=40,
    air_gap_ul=0,
    settle_s=0,
    withdraw_mm_s=25,
    max_tip_fill=0.7,
    touch_off=False,
)
PIPETTES = {
    "Flex": {"left": "flex_1channel_50", "right": "flex_1channel_1000"},
    "OT-2": {"left": "p20_single_gen2", "right": "p300_single_gen2"},
}


def line(number: int, *keys: str) -> Spans:
    """Spans of which each key has a column of its own, to tell them apart."""
    place = Span("bench.yaml", number, 1, number, 2)
    return Spans(place, {k: Span("bench.yaml", number, 10 * n) for n, k in enumerate(keys, 1)})


KEYS = ("definition", "load", "holds", "on", "slot", "material")


def labware(name: str, number: int = 20, **given: object) -> BenchLabware:
    """An entry; `definition` without a folder is one of the racks that ship."""
    return BenchLabware(name=name, spans=line(number, *KEYS), **given)  # type: ignore[arg-type]  # a test's shorthand


REACTORS = labware(
    "reactors",
    21,
    definition="../labware/glass-2ml-24.json",
    holds=("reactor",),
    on=("shaker", "cold"),
)
VIALS = labware("vials", 22, definition="../labware/glass-8ml-12.json", holds=("extract", "out"))
STOCKS = labware("stocks", 23, definition="../labware/glass-8ml-12.json", holds=("stocks",))
SOLVENTS = labware("solvents", 24, definition="../labware/glass-20ml-6.json", holds=("stocks",))
WASTE = labware("waste", 25, load="nest_1_reservoir_195ml", holds=("waste.aqueous",))
USUAL = (REACTORS, VIALS, STOCKS, SOLVENTS, WASTE)


def bench(
    entries: Iterable[BenchLabware] = USUAL,
    *,
    robot: str = "Flex",
    modules: Mapping[str, str] | None = None,
    slots: Mapping[str, str] | None = None,
    pipettes: Mapping[str, str] | None = None,
    fill: float | None = 0.8,
    file: Path = FOLDER / "flex.yaml",
    tip_racks: tuple[str, ...] = (),
) -> Bench:
    models = (
        modules
        if modules is not None
        else {
            "cold": "temperatureModuleV2",
            "shaker": "heaterShakerModuleV1",
        }
    )
    return Bench(
        file=str(file),
        sha256="",
        spans=line(1, "robot", "pipettes", "tip racks", "labware"),
        robot=robot,
        pipettes=pipettes if pipettes is not None else PIPETTES[robot],
        modules={
            name: BenchModule(
                name=name,
                is_=model,
                slot=(slots or {}).get(name),
                spans=line(10 + number, "is", "slot"),
            )
            for number, (name, model) in enumerate(models.items())
        },
        labware={entry.name: entry for entry in entries},
        tip_racks=tip_racks,
        fill=None if fill is None else handbuilt.quantity(fill, Dimension.FRACTION),
    )


def vessel(
    name: str,
    *,
    size: float | None = None,
    least: float | None = None,
    material: str | None = None,
    shared: bool = False,
) -> Vessel:
    def microlitres(value: float | None):  # type: ignore[no-untyped-def]  # one line of a test helper
        if value is None:
            return None
        return handbuilt.quantity(value, Dimension.VOLUME, f"{value / 1000:g} mL")

    return Vessel(
        name=name,
        spans=Spans(Span("procedure.yaml", 30, 3, 30, 9)),
        size=microlitres(size),
        at_least=microlitres(least),
        material=material,
        shared=shared,
    )


REACTOR, EXTRACT = vessel("reactor", size=2000), vessel("extract", least=4000)


def charges(*vessels: Vessel, given: tuple[Charge, ...] = (), reactions: int = 1) -> Charges:
    return handbuilt.charges((), given, vessels={v.name: v for v in vessels}, reactions=reactions)


def reactions(count: int) -> tuple[str, ...]:
    return tuple(f"r{number}" for number in range(1, count + 1))


def deliver(material: str, volume_ul: float, *, step: str = "", count: int = 1) -> Deliver:
    volumes = dict.fromkeys(reactions(count), volume_ul)
    return Deliver(
        step=step or material,
        material=material,
        vessel="reactor",
        volume_ul=volumes,
        handling=HANDLING,
        pipette="right",
        stroke_ul=dict.fromkeys(volumes, (volume_ul,)),
    )


def draw(into: str, volume_ul: float, *, count: int = 1) -> DrawPhase:
    return DrawPhase(
        step="extract",
        vessel="reactor",
        into=into,
        draws=tuple(
            Draw(
                step="extract",
                reaction=reaction,
                vessel="reactor",
                into=into,
                round=1,
                phase=PhaseKind.ORGANIC,
                position="lower",
                volume_ul=volume_ul,
                guard_ul=10,
                interface_mm=5,
                tip_mm=0.5,
                recovered=0.9,
            )
            for reaction in reactions(count)
        ),
        stroke_ul=dict.fromkeys(reactions(count), (volume_ul,)),
        handling=HANDLING,
        pipette="right",
        round=1,
    )


def stand(position: str | None, vessel_name: str = "reactor") -> Stand:
    return Stand(step="stir", vessel=vessel_name, position=position)


def operations(
    on: Bench, what: tuple[Operation, ...], *vessels: Vessel, count: int = 1
) -> Operations:
    """Operations on a bench, with the house that `house` makes for it."""
    charged = charges(*(vessels or (REACTOR, EXTRACT)), reactions=count)
    housed, _ = house(charged, on)
    return Operations(
        ledger=Ledger(charged, housed, (), (), (), {}, ()),
        pipettes={mount: load_pipette(name) for mount, name in on.pipettes.items()},
        tips={mount: load_pipette(name).tip_racks[0] for mount, name in on.pipettes.items()},
        operations=what,
        texts=(),
        assumptions=(),
    )
