"""`monitor`: time that ends with somebody's decision, and the sample that it is made on."""

from __future__ import annotations

from dataclasses import replace

from compiler.chemistry.masses import ExpectedIon, expected_ions
from compiler.diagnostics.codes import platform, timing
from compiler.diagnostics.finding import Finding
from compiler.passes.lower import numbers, pipetting
from compiler.passes.lower.climate import Climate
from compiler.passes.lower.context import Context, Lowered, chosen
from compiler.passes.lower.dropwise import SHAKE_RPM
from compiler.passes.lower.holds import DEFAULT_MAX_HOLD_S, at_words, stirred
from compiler.passes.lower.mixing import mix_vessel
from compiler.passes.one_reaction import distinct_recipes
from compiler.passes.sampling import is_sampled, most_samples
from compiler.stages.charges import Assumption
from compiler.stages.documents import Monitor
from compiler.stages.operations import (
    WELLS,
    Agitate,
    Ask,
    Deliver,
    DrawPhase,
    Operation,
    Split,
    Task,
)


def lower_monitor(context: Context, step: Monitor, climate: Climate) -> Lowered:
    """Holds, takes a sample where the procedure asks for one, and asks who decides.

    A sample is due at the low end; without one the hold is as long as is planned. What is planned
    beyond the first sample follows the decision. The vessel goes on being stirred (an
    assumption). A hold longer than the bench's limit splits the script.
    """
    sampled = is_sampled(step)
    low, plan = step.between.low, step.between.value
    first_s = low if sampled else plan
    held = _pass_time(context, step, climate, first_s, _when(step, sampled))
    taken = _sample(context, step) if sampled and not step.by_operator else Lowered()
    decision = Ask(tasks=_tasks(context, step, sampled and not taken.findings))
    rest = Lowered()
    if plan > first_s:
        more = f"{numbers.duration(plan - first_s)} more, until {step.by} shows: {step.until}"
        rest = _pass_time(context, step, climate, plan - first_s, more)
    stirring = Assumption(
        step.id, "stirring", "goes on", "a reaction is stirred while it is monitored"
    )
    return Lowered(
        (*held.operations, *taken.operations, decision, *rest.operations),
        _words(context, step, climate),
        (*held.findings, *taken.findings, *rest.findings),
        (
            *chosen(step.id, "time", step.between, numbers.duration(plan)),
            stirring,
            *dict.fromkeys((*held.assumptions, *rest.assumptions)),
        ),
    )


def _when(step: Monitor, sampled: bool) -> str:
    """When the next part is to be started, `{part}` being the number of the part before."""
    low, high = numbers.duration(step.between.low), numbers.duration(step.between.high)
    if sampled:
        return f"{low} after part {{part}} ended, when the first sample is due"
    return f"{low} to {high} after part {{part}} ended, once {step.by} shows: {step.until}"


def _pass_time(
    context: Context, step: Monitor, climate: Climate, seconds: float, after: str
) -> Lowered:
    """A hold of the script, or the end of it where the bench may not wait that long."""
    if seconds <= 0:
        return Lowered()
    limit = context.bench.max_hold
    max_hold_s = limit.value if limit is not None else DEFAULT_MAX_HOLD_S
    if seconds <= max_hold_s:
        return stirred(context, step, step.vessel, seconds, climate)
    keep: tuple[str, ...] = ()
    operations: list[Operation] = []
    if climate.module is not None and (climate.shaken or climate.celsius is not None):
        keep = (climate.module,)
        if climate.shaken:
            operations.append(Agitate(step=step.id, module=climate.module, rpm=SHAKE_RPM))
    operations.append(Split(step=step.id, after=after, hold_s=seconds, keep_on=keep))
    finding = timing.HOLD.at(
        step.spans.at("between"),
        f"{numbers.duration(seconds)} is longer than the bench may wait"
        f" ({numbers.duration(max_hold_s)}): the script is split here",
        help="start the next part when it is due",
        step=step.id,
    )
    return Lowered(tuple(operations), "", (finding,))


# --- the sample -----------------------------------------------------------------------------


def _sample(context: Context, step: Monitor) -> Lowered:
    """The aliquot into its well, then the diluent, mixed with the tip that brings it."""
    drawn = _aliquot(context, step)
    diluted = _diluent(context, step) if not drawn.findings else Lowered()
    return Lowered(
        (*drawn.operations, *diluted.operations), "", (*drawn.findings, *diluted.findings)
    )


def _aliquot(context: Context, step: Monitor) -> Lowered:
    """Drawn slowly, and touched off: a few microlitres do not fall from a tip."""
    draws = context.draws(step.id)
    found = {
        d.reaction: pipetting.strokes(d.volume_ul, context.instruments, "layer") for d in draws
    }
    usable = {reaction: strokes for reaction, strokes in found.items() if strokes is not None}
    if len(usable) < len(draws):
        return Lowered(findings=(_too_little(context, step),))
    if not usable:
        return Lowered()
    first = next(iter(usable.values()))
    operation = DrawPhase(
        step=step.id,
        vessel=step.vessel,
        into=step.samples,
        draws=draws,
        stroke_ul={reaction: strokes.volumes_ul for reaction, strokes in usable.items()},
        handling=pipetting.touching(first.handling),
        pipette=first.instrument.mount,
        round=1,
    )
    return Lowered((operation,))


def _diluent(context: Context, step: Monitor) -> Lowered:
    charges = context.charges(step.id)
    supplied = context.supplied(charges[0].material) if charges else None
    if supplied is None:
        return Lowered()
    volumes = {c.reaction: c.volume_ul for c in charges if c.volume_ul is not None}
    kind = pipetting.kind_of(supplied)
    best = pipetting.for_all(volumes.values(), context.instruments, kind)
    found = {r: pipetting.strokes(v, best, kind) for r, v in volumes.items()}
    usable = {reaction: strokes for reaction, strokes in found.items() if strokes is not None}
    if len(usable) < len(volumes) or not usable:
        return Lowered(findings=(_too_little(context, step, "dilute"),))
    first = next(iter(usable.values()))
    mix = mix_vessel(context, step.id, step.samples, "charged")
    same = mix is not None and mix.pipette == first.instrument.mount
    deliver = Deliver(
        step=step.id,
        material=supplied.key,
        vessel=step.samples,
        volume_ul=volumes,
        handling=first.handling,
        pipette=first.instrument.mount,
        stroke_ul={reaction: strokes.volumes_ul for reaction, strokes in usable.items()},
        mix=mix if same else None,
    )
    return Lowered((deliver,) if same or mix is None else (deliver, replace(mix, step=step.id)))


def _too_little(context: Context, step: Monitor, key: str = "aliquot") -> Finding:
    least = pipetting.smallest_minimum_ul(context.instruments)
    what = "the aliquot" if key == "aliquot" else "the volume of the diluent"
    known = f" ({numbers.volume(least)} is the smallest)" if least is not None else ""
    return platform.PIP_1.at(
        step.spans.at(key),
        f"{what} is less than any pipette of the bench delivers{known}",
        help="take a larger aliquot, or dilute it further",
        step=step.id,
    )


# --- the decision ---------------------------------------------------------------------------


def _tasks(context: Context, step: Monitor, sampled: bool) -> tuple[Task, ...]:
    """Caps on while the analysis runs, and the question that it is to answer."""
    tasks: list[Task] = []
    declared = context.vessel(step.vessel)
    if sampled and step.by_operator:
        tasks.append(Task(step=step.id, text=_by_hand(context, step), vessel=step.vessel))
    elif sampled and declared is not None and declared.cap is not None:
        lid = "vented caps" if declared.cap == "vented" else "tight caps"
        text = f"Close {WELLS} with {lid} again"
        tasks.append(Task(step=step.id, text=text, vessel=step.vessel, closes=True))
    vessel = step.samples if sampled else step.vessel
    return (*tasks, Task(step=step.id, text=_question(context, step, sampled), vessel=vessel))


def _by_hand(context: Context, step: Monitor) -> str:
    """The sample as the operator's work."""
    volumes = (draw.volume_ul for draw in context.draws(step.id))
    text = f"Take {numbers.spread(volumes, numbers.volume)} for {step.by} from {WELLS}"
    diluent = [c.volume_ul for c in context.charges(step.id) if c.volume_ul is not None]
    if diluent and step.dilute_with is not None:
        volume = numbers.spread(diluent, numbers.volume)
        text += f" and dilute each with {volume} {step.dilute_with.name}"
    return text


def _question(context: Context, step: Monitor, sampled: bool) -> str:
    window = f"{numbers.duration(step.between.low)} to {numbers.duration(step.between.high)}"
    what = f"the samples of {step.vessel} in {WELLS}" if sampled else WELLS
    words = [f"Check {what} by {step.by}: {step.until}? Allowed: {window}"]
    ions = ions_of(context, step)
    if ions:
        words.append(f"expected {_listed(ions)}")
    if shows_masses(step) and context.ledger.charges.recipe.names:
        words.append("the masses of each well stand in plan.json")
    words.append(f"the operator decides; if so: {_next(step.pass_, 'go on with')}")
    failing = f"if not: {_next(step.fail or 'extend', 'go back to')}"
    if sampled and step.every is not None:
        left = most_samples(step) - 1
        failing += (
            f" and sample again by hand every {numbers.duration(step.every.value)}"
            f" (at most {numbers.times(left)})"
        )
    words.append(failing)
    return "; ".join(words)


def _next(where: str | None, verb: str) -> str:
    """What follows a decision, in words: a step's id, or one of the language's three."""
    known = {None: "go on", "continue": "go on", "extend": "extend the hold", "abort": "abort"}
    return known.get(where) or f"{verb} {where}"


def ions_of(context: Context, step: Monitor) -> tuple[ExpectedIon, ...]:
    """The ions to look for in every well, where the analysis shows masses."""
    if not shows_masses(step):
        return ()
    recipe = context.ledger.charges.recipe
    first, *others = (expected_ions(one) for one in distinct_recipes(recipe, context.reactions))
    return tuple(ion for ion in first if all(ion in ions for ions in others))


def shows_masses(step: Monitor) -> bool:
    """Whether an analysis has a mass spectrometer in it: LC-MS, UPLC/MS, MALDI."""
    name = step.by.upper()
    return "MS" in name or "MALDI" in name or "MASS" in name


def _listed(ions: tuple[ExpectedIon, ...]) -> str:
    return ", ".join(f"{ion.ion} {ion.mz:.4f} ({ion.role}: {ion.name})" for ion in ions)


def _words(context: Context, step: Monitor, climate: Climate) -> str:
    low, high = numbers.duration(step.between.low), numbers.duration(step.between.high)
    plan = numbers.duration(step.between.value)
    text = (
        f"The mixture was kept{at_words(climate)} and checked by {step.by} until {step.until}"
        f" ({low} to {high}; planned: {plan})."
    )
    draws = context.draws(step.id)
    if draws:
        how_much = numbers.spread((d.volume_ul for d in draws), numbers.volume)
        text += f" A sample of {how_much} was taken after {low}"
        diluent = [c.volume_ul for c in context.charges(step.id) if c.volume_ul is not None]
        if diluent and step.dilute_with is not None:
            to = f" to {step.dilute_to.text}" if step.dilute_to is not None else ""
            volume = numbers.spread(diluent, numbers.volume)
            text += f" and diluted with {volume} {step.dilute_with.name}{to}"
        text += "."
    ions = ions_of(context, step)
    if ions:
        listed = ", ".join(f"{ion.name} {ion.mz:.4f}" for ion in ions)
        text += f" Expected {ions[0].ion}: {listed}."
    return text
