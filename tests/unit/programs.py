"""Programs built by hand, as `tips` would leave them: the reductive amination of chemistry 2.1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from compiler.stages import program as p
from compiler.stages.charges import Supplied
from compiler.stages.layout import Layout, Mounted, Placed, PlacedModule, Stock
from compiler.stages.operations import Handling, Operations, StepText
from compiler.target.commands import WellRef
from compiler.target.labware import Labware, load_labware, read_labware
from compiler.target.modules import load_module
from compiler.target.pipettes import load_pipette
from compiler.target.script import ScriptHeader, StepSource

SLOTS = {
    "Flex": {
        "shaker": "D1", "cold": "C1", "extracts": "C2", "stocks": "B2", "solvents": "B3",
        "tips 1": "A1", "tips 2": "A2", "trash": "A3", "plate": "D2",
    },
    "OT-2": {
        "shaker": "1", "cold": "3", "extracts": "8", "stocks": "5", "solvents": "6",
        "tips 1": "10", "tips 2": "11", "trash": "12", "plate": "9",
    },
}  # fmt: skip
PIPETTE = {"Flex": "flex_1channel_1000", "OT-2": "p300_single_gen2"}
RACK = {"Flex": "opentrons_flex_96_tiprack_200ul", "OT-2": "opentrons_96_tiprack_300ul"}
TIP_UL = {"Flex": 200.0, "OT-2": 300.0}

VOLATILE = Handling(
    name="volatile",
    prewet_cycles=3,
    prewet_wait_s=1.0,
    aspirate_ul_s=40.0,
    dispense_ul_s=80.0,
    air_gap_ul=15.0,
    settle_s=1.0,
    withdraw_mm_s=25.0,
    max_tip_fill=0.7,
    touch_off=False,
)
AQUEOUS = replace(
    VOLATILE,
    name="aqueous",
    prewet_cycles=0,
    prewet_wait_s=0.0,
    aspirate_ul_s=80.0,
    air_gap_ul=5.0,
    settle_s=0.5,
    withdraw_mm_s=50.0,
    max_tip_fill=0.9,
)
LAYER = replace(VOLATILE, name="layer", prewet_cycles=0, aspirate_ul_s=20.0, withdraw_mm_s=10.0)
TOUCHED = replace(VOLATILE, name="volatile, touched off", touch_off=True)
SLURRY = replace(
    VOLATILE, name="slurry", prewet_cycles=2, prewet_wait_s=0.0, prewet_every_stroke=True
)
WELLS = ["A1", "B1", "C1", "D1", "A2", "B2", "C2", "D2"]


def custom(name: str) -> Labware:
    found = read_labware(Path(str(files("protocols") / "labware" / name)), None)
    assert isinstance(found, Labware), found
    return found


def stock(material: str, label: str, well: str, volume_ul: float, in_: str = "DCE") -> Stock:
    supplied = SimpleNamespace(label=label, molarity_mol_l=0.5, medium=in_)
    return Stock(
        material=material,
        supplied=cast(Supplied, supplied),
        well=WellRef("solvents" if material == "dcm" else "stocks", well),
        volume_ul=volume_ul,
        dead_ul=100.0,
    )


def layout(robot: str, *, reactions: int = 2, api_level: str = "2.27", texts: Any = ()) -> Layout:
    slots = SLOTS[robot]
    reactors, vials = custom("glass-2ml-24.json"), custom("glass-8ml-12.json")
    shaker, cold = load_module("heaterShakerModuleV1"), load_module("temperatureModuleV2")

    def placed(label: str, labware: Labware, slot: str, on: str | None = None) -> Placed:
        adapter = None
        if on:
            model = shaker.model if on == "shaker" else cold.model
            adapter = labware.adapters.get(model)
        return Placed(label=label, labware=labware, slot=slot, on=on, adapter=adapter)

    rack = load_labware(RACK[robot])
    return Layout(
        operations=cast(Operations, SimpleNamespace(texts=tuple(texts))),
        robot=robot,
        api_level=api_level,
        placed=(
            placed("reactors", reactors, slots["shaker"], "shaker"),
            placed("extracts", vials, slots["extracts"]),
            placed("stocks", vials, slots["stocks"]),
            placed("solvents", custom("glass-20ml-6.json"), slots["solvents"]),
            placed("plate", load_labware("nest_96_wellplate_2ml_deep"), slots["cold"], "cold"),
            placed("tips 1", rack, slots["tips 1"]),
            placed("tips 2", rack, slots["tips 2"]),
        ),
        modules=(
            PlacedModule(label="shaker", module=shaker, slot=slots["shaker"]),
            PlacedModule(label="cold", module=cold, slot=slots["cold"]),
        ),
        trash=slots["trash"] if robot == "Flex" else None,
        mounted={
            "left": Mounted(
                mount="left",
                pipette=load_pipette(PIPETTE[robot]),
                tip_racks=("tips 1", "tips 2"),
                tip_load_name=RACK[robot],
                tip_volume_ul=TIP_UL[robot],
            )
        },
        wells={
            **{(f"r{i + 1}", "reactor"): reactor(i) for i in range(reactions)},
            **{(f"r{i + 1}", "extract"): extract(i) for i in range(reactions)},
        },
        stocks=(
            stock("amine", "1-Boc-1,4-diazepane", "A1", 200.0 * reactions + 100.0),
            stock("aldehyde", "4-fluorobenzaldehyde", "B1", 200.0 * reactions + 100.0),
            stock("bicarb", "NaHCO3", "C1", 500.0 * reactions + 100.0, "water"),
            stock("dcm", "DCM", "A1", 1000.0 * reactions + 500.0),
        ),
        source={},
        waste={},
        free_slots=(),
    )


def reactor(index: int) -> WellRef:
    return WellRef("reactors", WELLS[index])


def extract(index: int) -> WellRef:
    return WellRef("extracts", ["A1", "B1", "C1", "A2", "B2", "C2"][index])


class Tips:
    """Hands out tips in order."""

    def __init__(self, taken: int = 0) -> None:
        self.taken = taken

    def next(self) -> WellRef:
        label = f"tips {1 + self.taken // 96}"
        column, row = divmod(self.taken % 96, 8)
        self.taken += 1
        return WellRef(label, f"{'ABCDEFGH'[row]}{column + 1}")


def strokes(volume_ul: float, robot: str, how: Handling) -> tuple[float, ...]:
    room = TIP_UL[robot] * how.max_tip_fill - how.air_gap_ul
    count = int(-(-volume_ul // room))
    return (volume_ul / count,) * count


def charge(
    step: str,
    robot: str,
    source: WellRef,
    volume_ul: float,
    how: Handling,
    tips: Sequence[WellRef | None],
    mix: p.MixSpec | None = None,
) -> p.TransferBlock:
    return p.TransferBlock(
        step=step,
        what="charge",
        material="x",
        mount="left",
        handling=how,
        rows=tuple(
            p.Row(
                reaction=f"r{index + 1}",
                source=source,
                dest=reactor(index),
                strokes_ul=strokes(volume_ul, robot, how),
                source_mm=1.0,
                dest_mm=20.0,
                tip=tip,
                mix=mix,
            )
            for index, tip in enumerate(tips)
        ),
    )


def draw(step: str, robot: str, volume_ul: float, tips: Tips, reactions: int) -> p.TransferBlock:
    return p.TransferBlock(
        step=step,
        what="draw",
        material=None,
        mount="left",
        handling=LAYER,
        rows=tuple(
            p.Row(
                reaction=f"r{index + 1}",
                source=reactor(index),
                dest=extract(index),
                strokes_ul=strokes(volume_ul, robot, LAYER),
                source_mm=0.5,
                dest_mm=30.0,
                tip=tips.next(),
            )
            for index in range(reactions)
        ),
    )


def quench(robot: str, tips: Tips, reactions: int, **changes: Any) -> p.DropsBlock:
    """Ten drops. With `shared_tip=False` each row has the tips of all its fills."""
    shared = changes.get("shared_tip", True)
    fills = -(-int(changes.get("count", 10)) // int(changes.get("per_fill", 1)))
    tip = tips.next() if shared else None
    rows = []
    for index in range(reactions):
        first = tip if index == 0 else None
        row = p.Row(
            reaction=f"r{index + 1}",
            source=WellRef("stocks", "C1"),
            dest=reactor(index),
            strokes_ul=(50.0,),
            source_mm=1.0,
            dest_mm=24.0,
            tip=first if shared else tips.next(),
            more_tips=() if shared else tuple(tips.next() for _ in range(fills - 1)),
        )
        rows.append(row)
    block = p.DropsBlock(
        step="quench",
        material="bicarb",
        mount="left",
        handling=AQUEOUS,
        count=10,
        interval_s=60.0,
        rows=tuple(rows),
        shared_tip=True,
        shaker="shaker",
        rpm=700,
    )
    return replace(block, **changes)


STEPS = {
    "amine": "1-Boc-1,4-diazepane (20.0 mg, 0.100 mmol) was added as a 0.50 M solution in DCE.",
    "aldehyde": "4-Fluorobenzaldehyde (13.7 mg, 0.110 mmol, 1.1 equiv) was added.",
    "stir": "The mixture was stirred at rt for 1 h.",
    "hydride": "NaBH(OAc)3 (31.8 mg, 0.150 mmol, 1.5 equiv) was added in three portions.",
    "quench": "Saturated NaHCO3 (500 µL) was added dropwise over 10 min, in ten drops of 50 µL, "
    "one a minute, with stirring between the drops.",
    "extract": "The mixture was extracted with DCM (2 × 500 µL).",
}


def header() -> ScriptHeader:
    return ScriptHeader(
        source="Detailed Protocol, section II.",
        compiler="workup 0.1.0",
        inputs=(("procedure.yaml", "0f" * 32), ("flex.yaml", "1e" * 32)),
        steps={
            step: StepSource(text, "procedure.yaml", 30 + index)
            for index, (step, text) in enumerate(STEPS.items())
        },
        preparation=("stocks A1: 500 µL 1-Boc-1,4-diazepane, 0.50 M in DCE",),
        assumptions=("quench: drop 50 µL, the largest that the pipette's tip allows",),
        acknowledged=("H-GAS: the vials are open",),
    )


def texts(steps: Mapping[str, str] = STEPS) -> tuple[StepText, ...]:
    return tuple(StepText(step, text) for step, text in steps.items())


def amination(robot: str, *, reactions: int = 2, api_level: str = "2.27") -> p.Program:
    """Charges, an hour on the shaker, a pause; then quench, two extractions, two draws."""
    deck = layout(robot, reactions=reactions, api_level=api_level, texts=texts())
    tips = Tips()
    own = [tips.next() for _ in range(reactions)]
    shared = [tips.next(), *([None] * (reactions - 1))]
    first = (
        charge("amine", robot, WellRef("stocks", "A1"), 200.0, VOLATILE, own),
        charge("aldehyde", robot, WellRef("stocks", "B1"), 200.0, VOLATILE, shared),
        p.ShakeBlock(step="stir", module="shaker", rpm=500),
        p.TimerBlock(step="stir", timer="stirred", seconds=3600.0),
        p.AwaitBlock(step="stir", timer="stirred"),
        p.ShakeBlock(step="stir", module="shaker", rpm=0),
        p.PauseBlock(
            step="hydride",
            message="[hydride] Add 10.6 mg NaBH(OAc)3 to each of A1, B1; portion 1 of 3; "
            "gas is evolved, leave open.\n[hydride] Then close the lid.",
            tasks=(),
        ),
        p.ShakeBlock(step="hydride", module="shaker", rpm=500),
    )
    mix = p.MixSpec(cycles=3, stroke_ul=100.0, height_mm=2.0, flow_ul_s=100.0)
    dcm = WellRef("solvents", "A1")
    second: list[p.Block] = [quench(robot, tips, reactions)]
    for volume in (810.0, 511.4602):
        own = [tips.next() for _ in range(reactions)]
        second += [
            charge("extract", robot, dcm, 500.0, VOLATILE, own, mix),
            p.TimerBlock(step="extract", timer="settled", seconds=120.0),
            p.AwaitBlock(step="extract", timer="settled"),
            draw("extract", robot, volume, tips, reactions),
        ]
    starts = {s.well: s.volume_ul for s in deck.stocks}
    left = {reactor(i): 400.0 for i in range(reactions)}
    quiet: dict[str, Any] = {"on_deck": {}}
    return p.Program(
        deck,
        (
            p.Part(
                number=1, after="", hold_s=0.0, blocks=first, starts_with_ul=starts,
                keep_on=("shaker",), running={}, **quiet,
            ),
            p.Part(
                number=2, after="LC-MS shows no diazepane, 12 to 24 h", hold_s=43200.0,
                blocks=tuple(second), starts_with_ul={**starts, **left},
                keep_on=(), running={"shaker": 500.0}, **quiet,
            ),
        ),
    )  # fmt: skip


def one_part(deck: Layout, *blocks: p.Block, **changes: Any) -> p.Program:
    """A program of one script."""
    part = p.Part(
        number=1, after="", hold_s=0.0, blocks=blocks, starts_with_ul={},
        keep_on=(), running={}, on_deck={},
    )  # fmt: skip
    return p.Program(deck, (replace(part, **changes),))
