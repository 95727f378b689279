"""A sequence: each stage through the passes of `pipeline`, one after the other, then put together.

Every stage is a program of its own, with its own deck; what goes from one to the next is a
scale. `pipeline` calls this for documents of kind `sequence`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from compiler.diagnostics.acknowledge import Acknowledged, apply_acknowledgements
from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.finding import Finding, has_errors
from compiler.diagnostics.order import ordered
from compiler.joining import join
from compiler.passes.resolve import resolve
from compiler.passes.staging import (
    ROUNDING,
    Made,
    made_by,
    named_for,
    overdrawn,
    reaction_of,
    start,
)
from compiler.pipeline import Compiled, acknowledgements, has_holes, judge, plan_program, write
from compiler.reading.settings import weighed_scales
from compiler.stages.contents import Ledger
from compiler.stages.documents import Bench, Procedure, Sequence, Stage
from compiler.stages.program import Program


@dataclass(frozen=True, slots=True)
class JudgedStage:
    """A stage that was charged and judged. `procedure` has its steps named for the stage."""

    stage: Stage
    procedure: Procedure
    ledger: Ledger
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """All stages that could be read. `findings` are those of the sequence itself."""

    stages: tuple[JudgedStage, ...]
    findings: tuple[Finding, ...]


def judge_sequence(
    sequence: Sequence,
    bench: Bench | None,
    settings: Mapping[str, str],
    *,
    reckon_ph: bool = False,
) -> Judged:
    """The chemistry of every stage, each at the scale that the one before leaves.

    `settings` are those of `--set`: `<stage>.scale` -> amount.
    """
    weighed, findings = weighed_scales(sequence, settings)
    made: dict[str, Made] = {}
    scales: dict[str, float] = {}
    judged: list[JudgedStage] = []
    for stage in sequence.stages:
        if stage.document is None:
            continue
        procedure = named_for(stage.document, stage.id)
        recipe, identified = resolve(procedure)
        begun = start(stage, recipe, made, weighed.get(stage.id))
        recipe = replace(recipe, assumptions=(*begun.assumptions, *recipe.assumptions))
        reactions = {reaction_of(stage): begun.scale_mmol}
        ledger, found = judge(recipe, bench, reactions, stage.id, reckon_ph=reckon_ph)
        judged.append(JudgedStage(stage, procedure, ledger, (*identified, *begun.findings, *found)))
        made[stage.id] = made_by(stage, ledger.charges)
        if begun.scale_mmol is not None:
            scales[stage.id] = begun.scale_mmol
    too_much = overdrawn(sequence.stages, scales, weighed, made)
    return Judged(tuple(judged), (*findings, *too_much))


def check_sequence(
    sequence: Sequence,
    read: tuple[Finding, ...],
    bench: Bench | None,
    settings: Mapping[str, str],
) -> tuple[tuple[Finding, ...], tuple[Acknowledged, ...], tuple[Ledger, ...]]:
    """What `check` says of a sequence, `read` (the findings of reading it) included."""
    judged = judge_sequence(sequence, bench, settings)
    complete = not has_errors(read)
    standing: list[Finding] = [*read, *judged.findings]
    accepted: list[Acknowledged] = []
    for each in judged.stages:
        left, taken = apply_acknowledgements(
            each.findings, acknowledgements(each.procedure), complete=complete
        )
        standing.extend(left)
        accepted.extend(taken)
    left, taken = apply_acknowledgements(standing, sequence.acknowledge, complete=complete)
    ledgers = tuple(each.ledger for each in judged.stages)
    return left, (*accepted, *taken), ledgers


def compile_sequence(
    name: str,
    sequence: Sequence,
    bench: Bench,
    read: tuple[Finding, ...],
    settings: Mapping[str, str],
) -> Compiled:
    """Every stage as a program of its own, and one plan; nothing where any of them has an error.

    `read` are the findings of reading sequence and bench.
    """
    judged = judge_sequence(sequence, bench, settings, reckon_ph=True)
    standing: list[Finding] = [*read, *judged.findings]
    accepted: list[Acknowledged] = []
    programs: list[Program] = []
    of_stage: list[tuple[tuple[Finding, ...], tuple[Acknowledged, ...]]] = []
    for each in judged.stages:
        so_far = (*read, *judged.findings, *each.findings)
        program, planned = plan_program(
            each.ledger, stop=has_errors(so_far), holes=has_holes(so_far)
        )
        planned = (*planned, *(_left_in_stock(each, program) if program is not None else ()))
        left, taken = apply_acknowledgements(
            (*each.findings, *planned),
            acknowledgements(each.procedure),
            complete=program is not None,
        )
        standing.extend(left)
        accepted.extend(taken)
        of_stage.append((ordered(left), taken))
        programs += [] if program is None else [program]
    complete = len(programs) == len(sequence.stages)
    left, taken = apply_acknowledgements(standing, sequence.acknowledge, complete=complete)
    found, every = ordered(left), (*accepted, *taken)
    files = (sequence.file, *_files(sequence), bench.file)
    if not complete or has_errors(found):
        return Compiled(name, found, every, files, None, None, (), None)
    written = [
        _write_stage(name, sequence, bench, each, _after(each, number, program), *told)
        for number, (each, program, told) in enumerate(
            zip(judged.stages, programs, of_stage, strict=True)
        )
    ]
    stages = [stage.id for stage in sequence.stages]
    return join(name, stages, written, found, every, files)


def _files(sequence: Sequence) -> tuple[str, ...]:
    documents = [stage.document for stage in sequence.stages if stage.document is not None]
    return tuple(dict.fromkeys(document.file for document in documents))


def _after(each: JudgedStage, number: int, program: Program) -> Program:
    """The program, whose parts say what must have happened before they are started.

    Its parts count from 1 in every stage, so that a part which names the one before names the
    stage too.
    """
    first, *others = program.parts
    named = [
        replace(part, after=part.after.replace(f"part {n}", f"part {n} of {each.stage.id}", 1))
        for n, part in enumerate(others, start=1)
    ]
    first = replace(first, after=_happened(each)) if number else first
    return replace(program, parts=(first, *named))


def _happened(each: JudgedStage) -> str:
    """`protect is worked up, and 0.0830 mmol (16.6 mg) of 1-Boc-1,4-diazepane weighed in`."""
    from compiler.passes.lower import numbers

    stage, charges = each.stage, each.ledger.charges
    if stage.from_stage is None:
        return "the stage before is worked up, and the deck set up for this one"
    recipe, (reaction, *_) = charges.recipe, charges.reactions
    basis = recipe.supplied[recipe.basis or ""]
    mass_mg = reaction.scale_mmol * basis.substance.mw_g_mol * basis.weigh_factor
    amount = f"{numbers.amount(reaction.scale_mmol)} ({numbers.mass(mass_mg)})"
    return f"{stage.from_stage} is worked up, and {amount} of {basis.label} weighed in"


def _left_in_stock(each: JudgedStage, program: Program) -> tuple[Finding, ...]:
    """C-STAGE-2 where the robot draws the product of another stage from a stock: what stays
    behind in that vial is not there."""
    stage, basis = each.stage, each.ledger.charges.recipe.basis
    need_mmol = sum(
        stock.volume_ul * (stock.supplied.molarity_mol_l or 0.0) / 1000.0
        for stock in program.layout.stocks
        if stock.material == basis
    )
    scale_mmol = each.ledger.charges.reactions[0].scale_mmol
    if stage.from_stage is None or need_mmol <= scale_mmol * (1 + ROUNDING):
        return ()
    message = (
        f"The stock of {basis} for {stage.id} takes {need_mmol:.3g} mmol with what stays behind in "
        f"its vial, and {scale_mmol:.3g} mmol of {stage.from_stage}.{stage.from_product} is there."
    )
    help_ = f"Weigh {basis} into the vessel (`by: operator`), or set a smaller `{stage.id}.scale`."
    return (c.STAGE_2.at(stage.spans.at("basis from"), message, help=help_),)


def _write_stage(
    name: str,
    sequence: Sequence,
    bench: Bench,
    each: JudgedStage,
    program: Program,
    findings: tuple[Finding, ...],
    acknowledged: tuple[Acknowledged, ...],
) -> Compiled:
    inputs = tuple(
        (document.file, document.sha256) for document in (sequence, each.procedure, bench)
    )
    title = f"{each.procedure.title} (stage {each.stage.id})"
    own = f"{name}.{each.stage.id}"
    files = tuple(file for file, _ in inputs)
    return write(own, program, findings, acknowledged, files, inputs, title=title)
