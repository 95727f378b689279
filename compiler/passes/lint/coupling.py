"""Couplings and ring closures: C-GAMMA, C-DIL-1 and C-DIL-2, C-BASE-1, C-ORDER-1."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.chemistry.sites import amines_of
from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.finding import Finding, Severity
from compiler.passes.lint.hazards import last_span, related
from compiler.passes.lint.presence import Present
from compiler.passes.lint.protons import bases_per_mol, strong_acid_mmol
from compiler.passes.lint.scenes import Scene, Story
from compiler.passes.lint.selectivity import reacting
from compiler.passes.lint.templates import Order, templates
from compiler.stages.documents import Add

_COUPLERS = frozenset({"carbodiimide", "acid_halide_like"})
_LACTAM = "gamma_delta_lactamisation_risk"
_SEVEN = "seven_ring_lactam_precursor"
_SLOW_S = 1800.0
_REACTION_S = 300.0


def small_lactams(story: Story) -> Iterator[Finding]:
    """C-GAMMA: the amine is 4 or 5 atoms from an acyl carbon that is activated or heated."""
    for vessel in story.vessels:
        for scene in reacting(story, vessel):
            acid = next((p for p in scene.present if _LACTAM in p.classes), None)
            if acid is None:
                continue
            couplers = [p for p in scene.present if p.any_of(_COUPLERS) and p.key != acid.key]
            hot = scene.condition.temperature_c > templates().lactam_c
            if not couplers and not hot:
                continue
            how = (
                f"is activated by {couplers[0].label}"
                if couplers
                else f"is heated to {scene.condition.temperature_c:g} °C"
            )
            parts = (acid, *couplers[:1])
            yield c.GAMMA.at(
                last_span(scene, parts),
                f"{acid.label} {how} in {vessel}, and its amine is 4 or 5 atoms from the acyl "
                "carbon: a five- or six-membered lactam closes faster than a seven-ring",
                help="protect that amine, or choose a precursor whose amine is 6 atoms away",
                step=scene.step.id,
                related=related(scene, parts),
            )
            break


def dilution_of_rings(story: Story) -> Iterator[Finding]:
    """C-DIL-1: a seven-ring lactam is closed above 0.01 M and no `max concentration` is asked.

    A precursor that is added slowly into the rest is dilute in another way, and is not judged.
    """
    if story.procedure.max_concentration is not None:
        return
    limit = templates().dilute_molar
    for vessel in story.vessels:
        for scene in reacting(story, vessel):
            acid = next((p for p in scene.present if _SEVEN in p.classes), None)
            couplers = [p for p in scene.present if p.any_of(_COUPLERS)]
            if acid is None or not couplers or scene.volume_ul <= 0 or _slow(story, acid):
                continue
            molar = 1000.0 * acid.mmol / scene.volume_ul
            if scene.condition.seconds < _REACTION_S or molar <= limit:
                continue
            yield c.DIL_1.at(
                acid.span,
                f"{acid.label} is {molar:.3g} M in {vessel} when its seven-ring closes at "
                f"{scene.step.id!r}; above {limit:g} M two molecules find each other first",
                help=f"use at least {acid.mmol / limit:.3g} mL, add it slowly over at least "
                "30 min, or state your own `max concentration`",
                step=scene.step.id,
                related=related(scene, (couplers[0],)),
            )
            break


def _slow(story: Story, part: Present) -> bool:
    """Whether a compound is added dropwise over at least half an hour."""
    step = story.procedure.steps[part.came_at]
    if not isinstance(step, Add) or step.dropwise is None:
        return False
    scenes = [s for s in story.scenes if s.index == part.came_at]
    return any(scene.condition.seconds >= _SLOW_S for scene in scenes)


def room_for_dilution(story: Story) -> Iterator[Finding]:
    """C-DIL-2: `max concentration` needs more volume than the vessel has."""
    asked = story.procedure.max_concentration
    if asked is None or not asked.limit.plan:
        return
    said: set[str] = set()
    for scene in story.scenes:
        amount = scene.mmol.get(asked.material, 0.0)
        capacity_ul = scene.housing.capacity_ul if scene.housing is not None else None
        if capacity_ul is None or scene.vessel in said or not amount or not scene.named:
            continue
        needed_ul = 1000.0 * amount / asked.limit.plan
        if needed_ul <= capacity_ul * (1 + 1e-9):
            continue
        said.add(scene.vessel)
        usable_ul = story.ledger.house.fill_limit * capacity_ul
        yield c.DIL_2.at(
            asked.span,
            f"{amount:.4g} mmol {asked.material} at no more than {asked.limit.text} needs "
            f"{needed_ul / 1000:.3g} mL, and {scene.vessel} holds {capacity_ul / 1000:.3g} mL",
            help=f"use a vessel of at least {needed_ul / 1000:.3g} mL, a scale of at most "
            f"{usable_ul / 1000 * asked.limit.plan:.3g} mmol, or slow addition",
            step=scene.step.id,
        )


def enough_base(story: Story) -> Iterator[Finding]:
    """C-BASE-1: hydrochlorides, acids and the HX that forms, against the base.

    Counted when the mixture first stands to react. The amine that is to react counts as base only
    for what is left of it, times its nitrogens.
    """
    for vessel in story.vessels:
        for scene in reacting(story, vessel):
            driver = next(
                (p for p in scene.present if p.any_of(_COUPLERS) or "alkylator_sn2" in p.classes),
                None,
            )
            amines = [p for p in scene.present if "amine_nucleophilic_NH" in p.classes]
            if driver is None or not amines or scene.condition.seconds < _REACTION_S:
                continue
            if isinstance(scene.step, Add):
                continue
            sums = _acid(story, scene, driver)
            acid = sum(sums.values())
            base = _base(scene, driver)
            if acid > base * (1 + 1e-6):
                listed = " + ".join(f"{n:.3f} {what}" for what, n in sums.items())
                yield c.BASE_1.at(
                    driver.span,
                    f"{base:.3f} mmol base in {vessel} at {scene.step.id!r} for {acid:.3f} mmol "
                    f"acid ({listed})",
                    help=f"add at least {acid - base:.3g} mmol more base (DIPEA, Et3N, K2CO3), or "
                    "more of the amine",
                    step=scene.step.id,
                    related=related(scene, tuple(amines[:1])),
                )
            break


def _acid(story: Story, scene: Scene, driver: Present) -> dict[str, float]:
    sums: dict[str, float] = {}
    hydrogens = sum(
        part.mmol * amines_of(part.substance.smiles or "").hydrogens
        for part in scene.present
        if "amine_nucleophilic_NH" in part.classes
    )
    for part in scene.present:
        count = strong_acid_mmol(story.procedure, (part,))
        if "alkylator_sn2" in part.classes:
            count += min(part.mmol, hydrogens)
        carboxylic = "carboxylic_acid" in part.classes and "strong_acid" not in part.classes
        if carboxylic and driver.any_of(_COUPLERS):
            count += part.mmol
        if count > 0:
            sums[part.label] = count
    return sums


def _base(scene: Scene, driver: Present) -> float:
    """Base that is free to take up acid; a carbodiimide's own amine is taken by its HCl."""
    total = 0.0
    for part in scene.present:
        if part.any_of({"carbodiimide"}):
            continue
        left = part.mmol
        if "amine_nucleophilic_NH" in part.classes:
            left = max(part.mmol - driver.mmol, 0.0)
        if left > 0:
            total += left * bases_per_mol(part)
    return total


def order(story: Story) -> Iterator[Finding]:
    """C-ORDER-1: what should have come first came last."""
    for vessel in story.vessels:
        said: set[int] = set()
        for scene in reacting(story, vessel):
            for number, row in enumerate(templates().orders):
                if number not in said:
                    for finding in _wrong_order(story, scene, row):
                        said.add(number)
                        yield finding


def _wrong_order(story: Story, scene: Scene, row: Order) -> Iterator[Finding]:
    late = next((p for p in scene.present if p.any_of(row.late)), None)
    early = next((p for p in scene.present if p.any_of(row.early) and not p.is_solvent), None)
    others = [p for p in scene.present if p.any_of(row.needs)]
    if late is None or early is None or not others or late.came_at >= early.came_at:
        return
    needed = next((p for p in others if p.key != early.key), others[0])
    if needed.came_at >= early.came_at and needed.key != early.key:
        return
    if row.slow_excuses and _slow(story, early):
        return
    yield c.ORDER_1.at(
        early.span,
        row.why.format(late=late.label, early=early.label, vessel=scene.vessel),
        help=row.help,
        step=scene.step.id,
        related=related(scene, (late,)),
        severity=Severity(row.severity),
    )
