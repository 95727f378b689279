"""Written scripts in Opentrons' simulator: the trace is the expansion, command for command."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

import programs as made

from compiler.stages import program as p
from compiler.target import commands as c
from compiler.target.expand import expand_part, has_timers, planned_waits_s
from compiler.target.script import write_scripts
from compiler.target.script.page import ALIKE_S
from simulate.engine import run_engine
from simulate.trace import trace

BOTH = ("Flex", "OT-2")


def simulated(text: str, folder: Path) -> list[c.Command]:
    """What the simulator did when it ran a script, in our vocabulary."""
    file = folder / "script.py"
    file.write_text(text, encoding="utf-8")
    run = run_engine(file)
    assert not run.errors, run.errors
    return [
        traced.command
        for traced in trace(run).commands
        if not (isinstance(traced.command, c.MoveTo) and traced.command.well is None)
    ]  # the move to the trash belongs to the drop


def planned(program: p.Program, part: p.Part) -> Iterator[c.Command]:
    """The expansion, with delays for timers where the script's API level has none."""
    waits = planned_waits_s(program, part)
    seen: dict[str, int] = {}
    touched = any(isinstance(b, p.DropsBlock) and not b.shared_tip for b in part.blocks)
    for command in expand_part(program, part):
        if has_timers(program.layout):
            yield command
        elif isinstance(command, c.AwaitTimers):
            (timer,) = command.timers
            nth = seen[timer] = seen.get(timer, -1) + 1
            counted = "next drop" in timer or "next turn" in timer
            counted = counted or (touched and "end of shaking" in timer)
            yield c.Delay(waits[timer][nth] if counted else max(waits[timer]))
        elif not isinstance(command, c.StartTimer):
            yield command


def assert_same(found: c.Command, wanted: c.Command, program: p.Program) -> None:
    """Volumes to 0.001 uL, places to 0.2 mm; the trash's two drop points are not told apart."""
    assert type(found) is type(wanted), (found, wanted)
    modules = program.layout.modules
    names = {module.label: f"{module.module.model}/{module.slot}" for module in modules}
    for field in wanted.__slots__:
        have, want = getattr(found, field), getattr(wanted, field)
        where = f"{field} of {found} is not that of {wanted}"
        if field == "timer" or field == "timers":
            continue
        if field == "point":
            in_trash = isinstance(wanted, c.DropTip) and wanted.into is None
            assert in_trash or have.x == pytest.approx(want.x, abs=0.2), where
            assert have.y == pytest.approx(want.y, abs=0.2), where
            assert have.z == pytest.approx(want.z, abs=0.2), where
        elif field in ("module", "to"):
            assert have == names.get(want, want), where
        elif isinstance(wanted, c.Delay):
            assert have == pytest.approx(want, abs=ALIKE_S + 1e-3), where
        elif isinstance(want, float):
            assert have == pytest.approx(want, abs=1e-3), where
        else:
            assert have == want, where


def check(program: p.Program, folder: Path, title: str = "A run") -> list[str]:
    """Writes a program, runs every part, and holds it against the expansion."""
    written = write_scripts(program, title, made.header())
    for part, (_, text) in zip(program.parts, written, strict=True):
        found = simulated(text, folder)
        wanted = list(planned(program, part))
        for have, want in zip(found, wanted, strict=False):
            assert_same(have, want, program)
        assert len(found) == len(wanted)
    return [text for _, text in written]


@pytest.mark.parametrize("robot", BOTH)
@pytest.mark.parametrize(("reactions", "api_level"), [(1, "2.27"), (3, "2.27"), (2, "2.22")])
def test_the_reductive_amination(
    robot: str, reactions: int, api_level: str, tmp_path: Path
) -> None:
    check(made.amination(robot, reactions=reactions, api_level=api_level), tmp_path)


def quench_alone(
    robot: str, *, reactions: int = 3, api_level: str = "2.27", **changes: object
) -> p.Program:
    """A quench of some reactions, and what stirs in between, as the keywords say."""
    tips = made.Tips()
    block = made.quench(robot, tips, reactions, **changes)
    if block.mix_every:
        mix = p.MixSpec(cycles=2, stroke_ul=60.0, height_mm=2.0, flow_ul_s=50.0)
        rows = tuple(
            p.MixRow(reaction=f"r{i + 1}", well=made.reactor(i), mix=mix, tip=tips.next())
            for i in range(reactions)
        )
        block = replace(block, mix_rows=rows, mix_mount="left")
    deck = made.layout(robot, reactions=3, api_level=api_level, texts=made.texts())
    return made.one_part(deck, block)


@pytest.mark.parametrize("robot", BOTH)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"handling": made.VOLATILE, "count": 4},
        {"interval_s": 20.0, "count": 3},  # no time is left for the shaker
        {"shaker": None, "mix_every": 3, "count": 7},
        {"shaker": None, "mix_every": 2, "count": 4},
        {"shared_tip": False, "handling": made.TOUCHED, "count": 2},
        {"shared_tip": False, "handling": made.TOUCHED, "count": 2, "interval_s": 200.0},
        {"shaker": None, "shared_tip": False, "handling": made.TOUCHED, "mix_every": 2, "count": 4},
        {"handling": made.SLURRY, "count": 2},
    ],
)
def test_dropwise(robot: str, changes: dict[str, object], tmp_path: Path) -> None:
    check(quench_alone(robot, **changes), tmp_path)


ONE_WELL: list[dict[str, object]] = [
    {"per_fill": 3, "count": 7},
    {"per_fill": 3, "count": 3},
    {"per_fill": 2, "count": 6, "shaker": None, "mix_every": 2},
    {"per_fill": 1, "count": 3, "shaker": None},
    {"per_fill": 2, "count": 2, "handling": replace(made.TOUCHED, air_gap_ul=0.0)},
]


@pytest.mark.parametrize("robot", BOTH)
@pytest.mark.parametrize("changes", ONE_WELL)
@pytest.mark.parametrize("api_level", ["2.27", "2.22"])
def test_drops_that_are_touched_off_from_one_tip(
    robot: str, changes: dict[str, object], api_level: str, tmp_path: Path
) -> None:
    hanging = {"shared_tip": False, "handling": made.TOUCHED, "interval_s": 150.0, **changes}
    check(quench_alone(robot, reactions=1, api_level=api_level, **hanging), tmp_path)


@pytest.mark.parametrize("robot", BOTH)
@pytest.mark.parametrize("api_level", ["2.27", "2.22"])
@pytest.mark.parametrize(("ahead", "parks", "strokes"), [(1, True, 1), (2, True, 3), (1, False, 1)])
def test_layers_in_turn(
    robot: str, api_level: str, ahead: int, parks: bool, strokes: int, tmp_path: Path
) -> None:
    """Each well's tip mixes it and draws from it, or a fresh one does."""
    tips = made.Tips()
    spec = p.MixSpec(cycles=3, stroke_ul=60.0, height_mm=2.0, flow_ul_s=50.0)
    drawn = made.draw("extract", robot, 60.0, tips, 4)
    rows = tuple(replace(row, strokes_ul=(60.0,) * strokes) for row in drawn.rows)
    mixed = tuple(
        p.MixRow(
            reaction=row.reaction,
            well=row.source,
            mix=spec,
            tip=row.tip if parks else tips.next(),
            parks=parks,
        )
        for row in rows
    )
    block = p.SettleBlock(
        step="extract",
        mix=p.MixBlock(step="extract", mount="left", handling=made.AQUEOUS, rows=mixed),
        draw=replace(drawn, rows=rows),
        settle_s=90.0,
        ahead=ahead,
        beat_s=70.0,
        wanted_s=90.0,
    )
    deck = made.layout(robot, reactions=4, api_level=api_level, texts=made.texts())
    (text,) = check(made.one_part(deck, block), tmp_path)
    assert f"for turn in range({4 + ahead}):" in text


def test_a_tip_is_filled_again_where_it_does_not_hold_a_round(tmp_path: Path) -> None:
    """Three drops of 80 uL: a 200 uL tip filled to 0.9 holds 175 with its air gap, so two."""
    program = quench_alone("Flex", count=2)
    block = program.parts[0].blocks[0]
    assert isinstance(block, p.DropsBlock)
    rows = tuple(replace(row, strokes_ul=(80.0,)) for row in block.rows)
    rows = (rows[0], replace(rows[1], source=made.WellRef("stocks", "A2")), rows[2])
    block = replace(block, rows=rows)
    (text,) = check(made.one_part(program.layout, block), tmp_path)
    assert "for source, fill in fills:" in text


def everything_else(robot: str) -> p.Program:
    """Mixing, holds, temperatures, touch-off, mixed tips, moved labware, modules left on."""
    deck = made.layout(robot, reactions=3, texts=made.texts())
    tips = made.Tips()
    mix = p.MixSpec(cycles=2, stroke_ul=60.0, height_mm=2.0, flow_ul_s=50.0)

    def mixes() -> tuple[p.MixRow, ...]:
        return tuple(
            p.MixRow(
                reaction=f"r{i + 1}",
                well=made.reactor(i),
                mix=replace(mix, stroke_ul=60.0 + i),
                tip=tips.next(),
            )
            for i in range(3)
        )

    some = [tips.next(), None, tips.next()]
    amine = made.WellRef("stocks", "A1")
    uneven = made.charge("amine", robot, amine, 90.0, made.TOUCHED, some, mix)
    rows = (replace(uneven.rows[0], strokes_ul=(60.0, 33.3)), *uneven.rows[1:])
    there, back = made.SLOTS[robot]["plate"], "shaker"
    return made.one_part(
        deck,
        p.TemperatureBlock(step="amine", module="cold", celsius=4.0),
        replace(uneven, rows=rows),
        made.charge("aldehyde", robot, amine, 90.0, made.SLURRY, [tips.next() for _ in range(3)]),
        replace(uneven, rows=(replace(rows[0], dest=c.WellRef("plate", "H12"), tip=tips.next()),)),
        p.MixBlock(step="stir", mount="left", handling=made.TOUCHED, rows=mixes()),
        p.MixHoldBlock(
            step="stir",
            mount="left",
            handling=made.VOLATILE,
            seconds=1000.0,
            every_s=300.0,
            rows=mixes(),
        ),
        p.MixHoldBlock(
            step="stir",
            mount="left",
            handling=made.VOLATILE,
            seconds=200.0,
            every_s=300.0,
            rows=mixes()[:1],
        ),
        p.MoveBlock(step="hydride", label="reactors", to=there, by_gripper=False),
        made.charge("hydride", robot, amine, 90.0, made.AQUEOUS, [tips.next()]),
        p.MoveBlock(step="hydride", label="reactors", to=back, by_gripper=False),
        p.TemperatureBlock(step="quench", module="shaker", celsius=40.0),
        p.ShakeBlock(step="quench", module="shaker", rpm=300),
        keep_on=("cold",),
        running={"cold": 10.0},
    )


@pytest.mark.parametrize("robot", BOTH)
def test_everything_else(robot: str, tmp_path: Path) -> None:
    (text,) = check(everything_else(robot), tmp_path)
    assert "# cold stays on, at 4 °C" in text
    assert "shaker.deactivate_heater()" in text
    assert "shaker.deactivate_shaker()" in text
    assert "cold.deactivate()" not in text


EVIL = (
    """\"\"\"\nimport os; os._exit(3)\n''' {x!r} \\" """
    "\\u202e \N{RIGHT-TO-LEFT OVERRIDE}\x00\r\ud800 %s"
)


def test_what_users_write_stays_text(tmp_path: Path) -> None:
    program = made.amination("Flex", reactions=1)
    layout = program.layout
    stocks = tuple(replace(s, supplied=replace_label(s.supplied, EVIL)) for s in layout.stocks)
    operations = type(layout.operations)(texts=made.texts({"amine": EVIL, "stir": EVIL}))
    layout = replace(layout, stocks=stocks, operations=operations)
    parts = tuple(
        replace(
            part,
            after=EVIL,
            blocks=tuple(
                replace(block, message=f"[hydride] {EVIL}") if isinstance(block, p.PauseBlock)
                else replace(block, handling=replace(block.handling, name=EVIL))
                if isinstance(block, p.TransferBlock)
                else block
                for block in part.blocks
            ),
        )
        for part in program.parts
    )  # fmt: skip
    header = replace(
        made.header(),
        source=EVIL,
        compiler=EVIL,
        inputs=((EVIL, EVIL),),
        preparation=(EVIL,),
        assumptions=(EVIL,),
        acknowledged=(EVIL,),
        steps={"amine": made.StepSource(EVIL, EVIL, 3)},
    )
    for _, text in write_scripts(p.Program(layout, parts), EVIL, header):
        assert not any(ord(char) < 32 and char != "\n" for char in text)
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text
        assert simulated(text, tmp_path)


def replace_label(supplied: object, label: str) -> object:
    return type(supplied)(**{**vars(supplied), "label": label})


def test_scripts_are_formatted_and_clean(tmp_path: Path) -> None:
    texts = [
        text
        for robot in BOTH
        for program in (
            made.amination(robot),
            made.amination(robot, reactions=1, api_level="2.22"),
            everything_else(robot),
            quench_alone(robot, shaker=None, mix_every=3),
        )
        for _, text in write_scripts(program, "Title " * 30, made.header())
    ]
    files = []
    for index, text in enumerate(texts):
        files.append(tmp_path / f"s{index}.py")
        files[-1].write_text(text, encoding="utf-8")
        compile(text, files[-1].name, "exec")
    ruff = [sys.executable, "-m", "ruff"]
    layout = ["format", "--isolated", "--diff", "--line-length=100"]
    for command in (
        ["check", "--isolated"],
        layout,
    ):
        done = subprocess.run([*ruff, *command, *files], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_changed_script_is_noticed(tmp_path: Path) -> None:
    """What these tests rest on: one volume two percent off is no longer the expansion."""
    program = made.amination("OT-2", reactions=1)
    ((_, text), _) = write_scripts(program, "A run", made.header())
    assert "for volume in [100.0] * 2:" in text
    found = simulated(text.replace("in [100.0] * 2:", "in [98.0] * 2:"), tmp_path)
    wanted = list(planned(program, program.parts[0]))
    with pytest.raises(AssertionError, match="volume_ul"):
        for have, want in zip(found, wanted, strict=True):
            assert_same(have, want, program)


@pytest.mark.parametrize("robot", BOTH)
def test_opentrons_simulate_by_itself(robot: str, tmp_path: Path) -> None:
    for suffix, text in write_scripts(made.amination(robot), "A run", made.header()):
        file = tmp_path / f"script{suffix}"
        file.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "opentrons.simulate", file], capture_output=True
        )
        assert done.returncode == 0, done.stderr
