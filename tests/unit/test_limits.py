"""Limits by the robot's clock: programs small enough to reckon by hand, then whole procedures."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import programs as made
import pytest
from lowering import compiled

from compiler.cli.options import shipped_benches, shipped_procedures
from compiler.diagnostics.finding import Finding, Span
from compiler.passes.limits import Limit, limits, limits_of, waits_of
from compiler.pipeline import Compiled, compile_procedure
from compiler.plan.course import course
from compiler.stages import documents as d
from compiler.stages import program as p
from compiler.stages.operations import Operations, Split, Task
from compiler.stages.quantity import Dimension, Origin, Quantity
from compiler.target import commands as c
from compiler.target.expand import expand
from compiler.target.strokes import context_of, in_place

HERE = Span("procedure.yaml", 20, 3, 20, 8)
STOCK = c.WellRef("stocks", "A1")
LET_GO_S = 16.0  # from the last drop until the tip is blown out and dropped: a timer starts then


def step(id_: str, *within: tuple[str, float], verb: str = "mix") -> d.Mix:
    """A step that is about the reactor; `within` are (after, s)."""
    times = [
        d.Within(Quantity(Dimension.TIME, s, s, s, Origin.WRITTEN, f"{s:g} s", HERE), after)
        for after, s in within
    ]
    spans = d.Spans(HERE)
    return d.Mix(id=id_, verb=verb, spans=spans, vessel="reactor", within=tuple(times))


def program(
    steps: Sequence[d.Mix], *parts: Sequence[p.Block], reactions: int = 1, holds_s: float = 0.0
) -> p.Program:
    """A program of these steps; the parts after the first stand after a hold of the first step."""
    layout = made.layout("Flex", reactions=reactions)
    procedure = SimpleNamespace(steps=tuple(steps))
    recipe = SimpleNamespace(procedure=procedure, procedure_of=lambda reaction: procedure)
    charges = SimpleNamespace(
        recipe=recipe, reactions=[SimpleNamespace(id=f"r{n + 1}") for n in range(reactions)]
    )
    splits = [
        Split(step=steps[0].id, after="", hold_s=holds_s, keep_on=()) for _ in range(len(parts) - 1)
    ]
    operations = SimpleNamespace(
        texts=(), operations=splits, ledger=SimpleNamespace(charges=charges)
    )
    layout = replace(layout, operations=cast(Operations, operations))
    one = made.one_part(layout).parts[0]
    return p.Program(
        layout,
        tuple(
            replace(one, number=n, blocks=tuple(blocks), hold_s=holds_s if n > 1 else 0.0)
            for n, blocks in enumerate(parts, start=1)
        ),
    )


def pause(*steps: str, seconds: int = 60, **task: Any) -> p.PauseBlock:
    """A pause that says how long it is, with a task for each step."""
    lines = [f"[{step}] Look." for step in steps]
    tasks = tuple(Task(step=step, text="Look", **{"vessel": "reactor", **task}) for step in steps)
    message = "\n".join([*lines, f"About {seconds} s."])
    return p.PauseBlock(step=steps[0], message=message, tasks=tasks)


def timer(step_: str, seconds: float, name: str = "t", *whose: str) -> p.TimerBlock:
    return p.TimerBlock(step=step_, timer=name, seconds=seconds, reactions=whose)


def over(step_: str, name: str = "t") -> p.AwaitBlock:
    return p.AwaitBlock(step=step_, timer=name)


def charge(step_: str, tips: made.Tips, reactions: int = 1) -> p.TransferBlock:
    own = [tips.next() for _ in range(reactions)]
    return made.charge(step_, "Flex", STOCK, 100.0, made.VOLATILE, own)


def seen(made_: p.Program) -> dict[tuple[str, str], dict[str, float]]:
    """What each reaction waits, by (after, step)."""
    waited = waits_of(made_)
    return {(w.limit.after, w.limit.step): dict(w.seconds) for w in waited}


# --- by hand ----------------------------------------------------------------------------------


def test_pauses_and_timers_add_up() -> None:
    """a: 60 s; b: a timer of 100 s; c: 30 s. From a's end to c's begin is the timer alone."""
    limits_ = [("a", 100.0), ("b", 0.0)]
    found = program(
        [step("a"), step("b", ("a", 0.0)), step("c", *limits_)],
        [pause("a"), timer("b", 100.0), over("b"), pause("c", seconds=30)],
    )
    assert seen(found) == {
        ("a", "b"): {"r1": 0.0},
        ("a", "c"): {"r1": 100.0},
        ("b", "c"): {"r1": 0.0},
    }
    assert limits(found) == ()


def test_a_limit_that_is_not_kept_is_told_with_its_numbers() -> None:
    found = program(
        [step("a"), step("b"), step("c", ("a", 90.0))],
        [pause("a"), timer("b", 100.0), over("b"), pause("c", seconds=30)],
    )
    (told,) = limits(found)
    assert (told.code, told.severity.value, told.span, told.step) == (
        "T-WITHIN",
        "error",
        HERE,
        "c",
    )
    assert told.message == (
        "c begins 1.67 min after the end of a by the robot's clock (r1, reactors A1): 10 s later"
        " than `within` allows (1.5 min)"
    )
    assert told.help == "the steps between them moved, or more time in `within` would do"


def test_tasks_of_one_pause_follow_at_once() -> None:
    found = program([step("a"), step("b", ("a", 0.0))], [pause("a", "b")])
    assert seen(found) == {("a", "b"): {"r1": 0.0}}


def test_caps_that_come_off_do_not_begin_a_step_but_lie_between() -> None:
    """Opening takes 40 s; `unseal` is about caps, and begins with it."""
    blocks = [pause("a"), pause("b", seconds=40, closes=False), pause("b", seconds=30)]
    found = program([step("a"), step("b", ("a", 0.0))], blocks)
    assert seen(found) == {("a", "b"): {"r1": 40.0}}
    unsealed = [step("a"), step("b", ("a", 0.0), verb="unseal")]
    assert seen(program(unsealed, blocks)) == {("a", "b"): {"r1": 0.0}}


def test_a_pause_for_tips_alone_is_nobodys_step() -> None:
    refill = p.PauseBlock(step="b", message="Replace the racks.\nAbout 20 s.", tasks=())
    found = program([step("a"), step("b", ("a", 0.0))], [pause("a"), refill, pause("b")])
    assert seen(found) == {("a", "b"): {"r1": 20.0}}


def test_holds_between_scripts_count() -> None:
    """a: a pause of 60 s, then its hold of 1 h; b follows in the next script."""
    steps = [step("a"), step("b", ("a", 60.0)), step("c", ("b", 60.0), ("a", 60.0))]
    found = program(steps, [pause("a")], [pause("b"), pause("c")], holds_s=3600.0)
    latch_s = times_of_pause_s(0.0)  # what each script begins with
    assert seen(found) == {
        ("a", "b"): {"r1": latch_s},  # the hold is a's
        ("b", "c"): {"r1": 0.0},
        ("a", "c"): {"r1": latch_s + 60.0},
    }
    assert course(found).holds == [(latch_s + 60.0, latch_s + 3660.0)]
    first = [step("x"), step("a"), step("b", ("a", 60.0))]
    (told,) = limits(program(first, [pause("a")], [pause("b")], holds_s=3600.0))
    assert "b begins 1 h after the end of a" in told.message
    assert told.message.endswith("the hold of 1 h at which the script is split lies between")
    shorter = program(first, [pause("a")], [pause("b")], holds_s=50.0)
    assert limits(shorter) == ()


def test_a_step_with_nothing_to_do_ends_with_the_one_before() -> None:
    found = program(
        [step("a"), step("cool", verb="cool"), step("b", ("cool", 60.0))],
        [pause("a"), timer("other", 50.0), over("other"), pause("b")],
    )
    assert seen(found) == {("cool", "b"): {"r1": 50.0}}
    idle = program([step("a"), step("cool", ("a", 60.0), verb="cool")], [pause("a")])
    assert seen(idle) == {("a", "cool"): {}}
    assert limits(idle) == ()


def test_a_module_counts_in_heat_and_cool_only() -> None:
    """At 4 degC the module needs a while; `b` begins when that is over, `cool` when it starts."""
    cold = p.TemperatureBlock(step="b", module="cold", celsius=4.0)
    blocks = [pause("a"), cold, pause("b")]
    found = program([step("a"), step("b", ("a", 0.0))], blocks)
    assert seen(found)["a", "b"]["r1"] > 60.0
    cooled = program([step("a"), step("b", ("a", 0.0), verb="cool")], blocks)
    assert seen(cooled) == {("a", "b"): {"r1": 0.0}}


def times_of(found: p.Program, step_: str) -> dict[str, tuple[float, float]]:
    """The first start and the last end at each reactor in a step, straight off the commands."""
    part = found.parts[0]
    keeper = context_of(found.layout, part).timekeeper()
    times: dict[str, tuple[float, float]] = {}
    keeper.advance(c.Latch("shaker", close=True))  # what every part begins with here
    for block, here in in_place(found.layout, part):
        for command in expand(block, here):
            start, end = keeper.advance(command)
            if not isinstance(command, c.Aspirate | c.Dispense) or block.step != step_:
                continue
            if command.well is not None and command.well.labware == "reactors":
                name = f"r{made.WELLS.index(command.well.well) + 1}"
                times[name] = (times.get(name, (start, end))[0], end)
    return times


def test_each_well_counts_by_itself() -> None:
    """Four wells get a, then b: each waits from its own end to its own beginning."""
    tips = made.Tips()
    blocks = [charge("a", tips, 4), charge("b", tips, 4)]
    found = program([step("a"), step("b", ("a", 60.0))], blocks, reactions=4)
    first, second = times_of(found, "a"), times_of(found, "b")
    expected = {r: second[r][0] - first[r][1] for r in ("r1", "r2", "r3", "r4")}
    assert seen(found)["a", "b"] == pytest.approx(expected, abs=1e-5)
    (waited,) = waits_of(found)
    assert waited.last == max(expected, key=lambda r: expected[r])
    assert waited.most_s == pytest.approx(max(expected.values()), abs=1e-5)
    assert waited.least_s == pytest.approx(min(expected.values()), abs=1e-5)


def test_the_last_well_of_a_slower_round_waits_longest() -> None:
    """A pause is for all at once, and what follows for one after the other."""
    tips = made.Tips()
    found = program(
        [step("a"), step("b", ("a", 1.0))], [pause("a"), charge("b", tips, 4)], reactions=4
    )
    (waited,) = waits_of(found)
    assert waited.last == "r4"
    (told,) = limits(found)
    assert "b begins up to " in told.message
    assert "(r4, reactors D1)" in told.message
    assert told.help == (
        "fewer reactions at a time, an eight-channel pipette, or more time in `within` would do"
    )


def test_a_timer_that_was_started_with_the_first_well_holds_for_each_from_its_own_turn() -> None:
    tips = made.Tips()
    whole = charge("a", tips, 2)
    first, second = (replace(whole, rows=(row,)) for row in whole.rows)
    found = program(
        [step("a"), step("stir", ("a", 1.0), verb="stir"), step("b", ("stir", 60.0))],
        [first, timer("stir", 300.0), second, over("stir"), charge("b", tips, 2)],
        reactions=2,
    )
    assert seen(found)["a", "stir"]["r2"] == 0.0  # it stands from its own turn on
    assert seen(found)["a", "stir"]["r1"] < LET_GO_S
    begins = times_of(found, "b")
    ends_s = times_of(found, "a")["r1"][1]
    assert seen(found)["stir", "b"]["r1"] == pytest.approx(
        begins["r1"][0] - ends_s - 300.0, abs=LET_GO_S
    )


def test_a_batch_has_its_own_hold() -> None:
    tips = made.Tips()
    whole, again = charge("a", tips, 2), charge("b", tips, 2)
    one, other = (replace(whole, rows=(row,)) for row in whole.rows)
    one_again, other_again = (replace(again, rows=(row,)) for row in again.rows)
    found = program(
        [step("a"), step("stir", verb="stir"), step("b", ("stir", 5.0))],
        [
            one,
            timer("stir", 300.0, "x", "r1"),
            other,
            timer("stir", 300.0, "y", "r2"),
            over("stir", "x"),
            one_again,
            over("stir", "y"),
            other_again,
        ],
        reactions=2,
    )
    begins, ends = times_of(found, "b"), times_of(found, "a")
    for reaction in ("r1", "r2"):
        late_s = begins[reaction][0] - ends[reaction][1] - 300.0
        assert 0.0 <= late_s - seen(found)["stir", "b"][reaction] < LET_GO_S


def test_stirring_by_pipette_begins_with_a_wells_own_mixing() -> None:
    tips = made.Tips()
    mix = p.MixSpec(cycles=3, stroke_ul=50.0, height_mm=2.0, flow_ul_s=100.0)
    rows = tuple(
        p.MixRow(reaction=f"r{n + 1}", well=made.reactor(n), mix=mix, tip=tips.next())
        for n in range(2)
    )
    stirred = p.MixHoldBlock(
        step="b", mount="left", handling=made.VOLATILE, seconds=600.0, every_s=300.0, rows=rows
    )
    found = program(
        [step("a"), step("b", ("a", 60.0), verb="stir"), step("c", ("b", 60.0))],
        [pause("a"), stirred, pause("c")],
        reactions=2,
    )
    begins = times_of(found, "b")
    assert seen(found)["a", "b"] == pytest.approx(
        {r: begins[r][0] - times_of_pause_s(60.0) for r in ("r1", "r2")}, abs=1e-5
    )
    assert seen(found)["b", "c"] == {"r1": 0.0, "r2": 0.0}  # until the time is over


def times_of_pause_s(seconds: float) -> float:
    """When a pause ends that is the first thing after the latch."""
    keeper = context_of(made.layout("Flex")).timekeeper()
    keeper.advance(c.Latch("shaker", close=True))
    return keeper.now_s + seconds


def test_the_limits_of_a_run_are_those_of_its_procedure() -> None:
    found = program([step("a"), step("b", ("a", 60.0)), step("c", ("b", 5.0), ("a", 90.0))], [])
    wanted = (Limit("b", "a", 60.0), Limit("c", "b", 5.0), Limit("c", "a", 90.0))
    assert limits_of(found) == limits_of(found.layout) == wanted


# --- whole procedures -------------------------------------------------------------------------


def told(made_: Compiled) -> list[Finding]:
    return [finding for finding in made_.findings if finding.code == "T-WITHIN"]


both = pytest.mark.parametrize("bench", ["flex", "ot2"])
QUENCH = """
- {{id: reduction, stir: {{vessel: reactor, for: 1 h}}}}
- {{id: quench, add: {{material: water, to: reactor, amount: 200 µL}}, within: {within}}}
"""


@both
def test_a_cap_costs_the_operators_time(bench: str) -> None:
    """An hour of stirring closes the vessel; opening it is one action of 20 s."""
    closed = compiled(QUENCH.format(within="5 min"), bench, vessel=", cap: vented").plan
    open_ = compiled(QUENCH.format(within="5 min"), bench).plan
    assert closed is not None
    assert open_ is not None
    (with_cap,), (without,) = closed["limits"], open_["limits"]
    assert with_cap["most_s"] - without["most_s"] == pytest.approx(20.0, abs=1.0)
    assert with_cap["step"] == "quench"
    assert with_cap["after"] == "reduction"
    assert with_cap["within_s"] == 300.0
    assert with_cap["least_s"] == with_cap["most_s"]
    late = compiled(QUENCH.format(within="20 s"), bench, vessel=", cap: vented")
    assert late.plan is None
    (finding,) = told(late)
    assert (finding.step, finding.span and finding.span.line) == ("quench", 20)


def test_a_plan_without_limits_says_so() -> None:
    plan = compiled("- stir: {vessel: reactor, for: 10 min}").plan
    assert plan is not None
    assert plan["limits"] == []


def test_what_is_chosen_is_an_assumption() -> None:
    plan = compiled(QUENCH.format(within="{is: 5 min, assumed: the hydride works on}")).plan
    assert plan is not None
    mine = [a for a in plan["assumptions"] if a["what"] == "limit"]
    assert mine == [
        {
            "step": "quench",
            "what": "limit",
            "value": "within 5 min of the end of reduction",
            "why": "the hydride works on",
        }
    ]


def test_what_is_written_is_told_once(tmp_path: Path) -> None:
    """`check` tells it, and `compile` does not tell it again by the clock."""
    steps = QUENCH.format(within="{time: 59 min, after: add-1}")
    (finding,) = told(compiled(steps))
    assert "take 1 h as they are written (reduction)" in finding.message
    (by_clock,) = told(compiled(QUENCH.format(within="{time: 60 min, after: add-1}")))
    assert "by the robot's clock" in by_clock.message


def test_a_drop_rate_is_a_written_time() -> None:
    """200 µL at 20 µL/min are ten minutes."""
    steps = """
- {id: slow, add: {material: DMF, to: reactor, amount: 200 µL, dropwise: {rate: 20 µL/min}}}
- {wait: {for: 1 min}, within: {time: 9 min, after: add-1}}
"""
    (finding,) = told(compiled(steps))
    assert "take 10 min as they are written (slow)" in finding.message


def test_check_judges_limits_without_the_robots_side() -> None:
    path = Path(__file__).parents[1] / "findings" / "cases" / "within-written.yaml"
    code = (
        "import sys; from pathlib import Path; from compiler.pipeline import check_files; "
        f"assert not [f for f in check_files([Path({str(path)!r})]).findings if f.code == 'x']; "
        "print([m for m in sys.modules if m.startswith('compiler.plan')])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


# --- libraries --------------------------------------------------------------------------------

NABH4 = shipped_procedures()["reductive-amination-nabh4"]


def library(folder: Path, text: str, bench: str, within: str = "30 min") -> Compiled:
    procedure = NABH4.read_text(encoding="utf-8").replace("within: 30 min", f"within: {within}")
    protocols = folder / "protocols"
    (protocols / "nabh4").mkdir(parents=True)
    (protocols / "blocks").mkdir()
    block = NABH4.parents[1] / "blocks" / "dcm-extraction.yaml"
    (protocols / "blocks" / block.name).write_bytes(block.read_bytes())
    path = protocols / "nabh4" / "procedure.yaml"
    path.write_text(procedure, encoding="utf-8")
    table = path.with_name("library.yaml")
    table.write_text(f"kind: library\nversion: 1\n{text}\n", encoding="utf-8")
    return compile_procedure(path, shipped_benches()[bench], library=table)


@both
def test_the_shipped_limit_holds_for_a_rack_of_24(tmp_path: Path, bench: str) -> None:
    made_ = library(tmp_path, "replicates: 24", bench)
    assert made_.plan is not None, [f.message for f in made_.findings]
    (limit,) = made_.plan["limits"]
    caps_s = 24 * 20.0  # all of them come off before the first is quenched
    assert caps_s < limit["least_s"] <= limit["most_s"] <= limit["within_s"] == 1800.0


def test_a_rack_of_24_breaks_one_that_a_single_vial_keeps(tmp_path: Path) -> None:
    assert library(tmp_path / "one", "replicates: 1", "flex", "5 min").plan is not None
    made_ = library(tmp_path / "rack", "replicates: 24", "flex", "5 min")
    assert made_.plan is None
    (finding,) = told(made_)
    assert finding.step == "quench"
    assert finding.message.startswith("quench begins up to ")
    assert "fewer reactions at a time" in finding.help


def test_a_control_without_the_step_has_no_such_limit(tmp_path: Path) -> None:
    text = "replicates: 2\ncontrols: [{without: hydride}]"
    made_ = library(tmp_path, text, "flex", "{time: 3 h, after: hydride}")
    assert made_.program is not None, [f.message for f in made_.findings]
    (waited,) = waits_of(made_.program)
    assert set(waited.seconds) == {"r1", "r2"}
