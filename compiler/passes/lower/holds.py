"""`stir`, `heat`, `cool` and `wait`: time that passes at a temperature."""

from __future__ import annotations

from compiler.diagnostics.codes import platform
from compiler.diagnostics.finding import Finding
from compiler.passes.lower import numbers
from compiler.passes.lower.climate import Climate
from compiler.passes.lower.context import Context, Lowered, chosen
from compiler.passes.lower.dropwise import SHAKE_RPM
from compiler.passes.lower.mixing import mix_vessel, standing_mix
from compiler.stages.charges import Assumption
from compiler.stages.documents import Monitor, Stir, Temper, Wait
from compiler.stages.operations import (
    WELLS,
    Agitate,
    Ask,
    Hold,
    Operation,
    Task,
)

MIX_EVERY_S = 300.0  # where a pipette has to stand in for a stirrer
DEFAULT_MAX_HOLD_S = 4 * 3600.0


def lower_stir(context: Context, step: Stir, climate: Climate) -> Lowered:
    """Shakes where the vessel stands on a shaker, else mixes by pipette at intervals."""
    seconds = step.for_.value
    text = f"The mixture was stirred for {numbers.duration(seconds)}{at_words(climate)}."
    made = stirred(context, step, step.vessel, seconds, climate)
    time = chosen(step.id, "time", step.for_, numbers.duration(seconds))
    return Lowered(made.operations, text, made.findings, (*time, *made.assumptions))


def stirred(
    context: Context, step: Stir | Monitor, vessel: str, seconds: float, climate: Climate
) -> Lowered:
    """Time on a shaker, in the operator's bath, or with a pipette that mixes now and then."""
    if climate.by_operator:
        task = Task(
            step=step.id,
            text=f"Stir {WELLS} for {numbers.duration(seconds)} in an ice bath",
            vessel=vessel,
            at_once=True,
            lasts_s=seconds,
        )
        return Lowered((Ask(tasks=(task,)),))
    if climate.shaken and climate.module is not None:
        return _shaken(context, step, vessel, seconds, climate.module)
    mix = mix_vessel(context, step.id, vessel, "charged") or standing_mix(context, step, vessel)
    if mix is None:
        finding = platform.STIR_1.at(
            step.spans.at("vessel"),
            f"nothing on the bench stirs {vessel}: no shaker is under it and no pipette mixes it",
            help="put its labware on a heater-shaker, or let the operator stir it",
            step=step.id,
        )
        return Lowered((Hold(step=step.id, seconds=seconds, vessel=vessel),), "", (finding,))
    every_s = min(MIX_EVERY_S, seconds)
    hold = Hold(step=step.id, seconds=seconds, vessel=vessel, mix=mix, every_s=every_s)
    why = "no shaker is under the vessel"
    findings: tuple[Finding, ...] = ()
    if climate.celsius is not None and climate.celsius < 20:
        why = "a module that cools does not shake"
        findings = (
            platform.STIR_COLD.at(
                step.spans.at("vessel"),
                f"{vessel} is mixed by pipette every {numbers.duration(every_s)} at"
                f" {numbers.temperature(climate.celsius)}, since {why}",
                help="a stirrer in an ice bath stirs better: `by: operator`",
                step=step.id,
            ),
        )
    value = f"{mix.cycles} strokes by pipette every {numbers.duration(every_s)}"
    return Lowered((hold,), "", findings, (Assumption(step.id, "stirring", value, why),))


def _shaken(
    context: Context, step: Stir | Monitor, vessel: str, seconds: float, module: str
) -> Lowered:
    rpm = SHAKE_RPM
    assumptions: tuple[Assumption, ...] = ()
    speed = step.speed if isinstance(step, Stir) else None
    if speed is not None:
        rpm = round(speed.value)
        found = context.ledger.house.modules[module]
        low, high = found.min_rpm or 0, found.max_rpm or 0
        if not low <= rpm <= high:
            finding = platform.SPEED.at(
                step.spans.at("speed"),
                f"{rpm} rpm is outside what {found.display_name} does ({low} to {high} rpm)",
                help=f"choose a speed between {low} and {high} rpm",
                step=step.id,
            )
            return Lowered(findings=(finding,))
    else:
        why = "the procedure gives no speed; small vials at most 80 % full do not spill at this one"
        assumptions = (Assumption(step.id, "shaking", f"{rpm} rpm", why),)
    operations: tuple[Operation, ...] = (
        Agitate(step=step.id, module=module, rpm=rpm),
        Hold(step=step.id, seconds=seconds, vessel=vessel),
        Agitate(step=step.id, module=module, rpm=0),
    )
    return Lowered(operations, "", (), assumptions)


def lower_temper(context: Context, step: Temper, climate: Climate) -> Lowered:
    """`heat`, `cool`: the module change itself is the caller's; this adds the hold."""
    verb = "heated" if step.verb == "heat" else "cooled"
    goal = step.to.text if climate.celsius is None else numbers.temperature(climate.celsius)
    held = step.hold.value if step.hold is not None else 0.0
    text = f"The mixture was {verb} to {goal}"
    text += f" and held there for {numbers.duration(held)}." if held else "."
    operations: list[Operation] = []
    if climate.by_operator:
        words = f"Put {WELLS} into an ice bath ({goal})"
        task = Task(step=step.id, text=words, vessel=step.vessel, at_once=True)
        operations.append(Ask(tasks=(task,)))
    if held:
        operations.append(Hold(step=step.id, seconds=held, vessel=step.vessel))
    return Lowered(tuple(operations), text)


def lower_wait(context: Context, step: Wait) -> Lowered:
    """The clock."""
    seconds = step.for_.value
    text = f"The mixture was left for {numbers.duration(seconds)}."
    time = chosen(step.id, "time", step.for_, numbers.duration(seconds))
    return Lowered((Hold(step=step.id, seconds=seconds, vessel=step.vessel),), text, (), time)


def at_words(climate: Climate) -> str:
    """` at 4 °C`, or ` at room temperature`."""
    if climate.celsius is not None:
        return f" at {numbers.temperature(climate.celsius)}"
    return " at room temperature"
