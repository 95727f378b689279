"""What may not be evaporated, or will be gone: H-EVAP-AZ, H-EVAP-PEROX, H-PEROX, C-EVAP-1."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.chemistry.catalogue import Compound, load_catalogue
from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.codes import hazards as h
from compiler.diagnostics.finding import Finding, Related, Severity
from compiler.passes.lint.hazard_table import hazard_table
from compiler.passes.lint.presence import Present
from compiler.passes.lint.scenes import Scene, Story
from compiler.stages.documents import Concentrate

_AZIDES = frozenset({"azide_ionic", "azide_organic_or_silyl"})


def evaporated(story: Story) -> Iterator[Finding]:
    """H-EVAP-AZ, H-EVAP-PEROX, H-PEROX and H-EXPL-HOBT at each `concentrate`."""
    for step in story.procedure.steps:
        if not isinstance(step, Concentrate):
            continue
        before = _before(story, step)
        if before is None:
            continue
        for part in before.present:
            yield from _azide(step, before, part)
            yield from _ether(step, before, part)
            yield from _hobt(step, before, part)


def _before(story: Story, step: Concentrate) -> Scene | None:
    """The vessel as it was before the step that concentrates it."""
    index = story.procedure.steps.index(step)
    earlier = [s for s in story.of_vessel(step.vessel) if s.index < index]
    return earlier[-1] if earlier else None


def _azide(step: Concentrate, scene: Scene, part: Present) -> Iterator[Finding]:
    if part.any_of(_AZIDES):
        yield h.EVAP_AZ.at(
            step.spans.at("vessel"),
            f"{step.vessel} holds {part.mmol:.3f} mmol {part.label} when it is concentrated",
            help="destroy or wash out the azide first, or keep the product in solution",
            step=step.id,
            related=(Related(part.span, f"{part.label} comes in here"),),
        )


def _ether(step: Concentrate, scene: Scene, part: Present) -> Iterator[Finding]:
    limits = hazard_table().limits
    if "peroxide_former_ether" not in part.classes or part.share < limits["ether_note_share"]:
        return
    volume = f"{100 * part.share:.0f} % of the {scene.volume_ul:.0f} µL in {step.vessel}"
    if part.share >= limits["ether_main_share"] and step.to is None:
        yield h.EVAP_PEROX.at(
            step.spans.at("to"),
            f"{part.label}, {volume}, is evaporated to dryness: its peroxides stay behind",
            help="test it for peroxides first (strips), leave 10 % of the volume, or use MTBE",
            step=step.id,
            related=(Related(part.span, f"{part.label} comes in here"),),
        )
        return
    yield h.PEROX.at(
        step.spans.at("vessel"),
        f"{part.label} is {volume}: it forms peroxides in an opened bottle",
        help="use a stabilised or freshly tested lot; date the bottle when it is opened",
        step=step.id,
        related=(Related(part.span, f"{part.label} comes in here"),),
    )


def _hobt(step: Concentrate, scene: Scene, part: Present) -> Iterator[Finding]:
    limit_c = hazard_table().limits["hobt_heat_c"]
    hot = step.at is not None and step.at.plan is not None and step.at.plan > limit_c
    if "n_hydroxytriazole" in part.classes and hot and step.to is None:
        yield h.EXPL_HOBT.at(
            step.spans.at("at"),
            f"{part.label} is taken to dryness above {limit_c:g} °C in {step.vessel}",
            help="wash it out with sat. NaHCO3 first, and stay below 40 °C",
            step=step.id,
            severity=Severity.ERROR,
            related=(Related(part.span, f"{part.label} comes in here"),),
        )


def volatile_product(story: Story) -> Iterator[Finding]:
    """C-EVAP-1: the product boils below 150 °C, and its solution is concentrated."""
    steps = [s for s in story.procedure.steps if isinstance(s, Concentrate)]
    products = story.procedure.products
    if not steps or not products:
        return
    desired = next(iter(products.values()))
    known = _known(desired.smiles)
    limit_c = hazard_table().limits["volatile_bp_c"]
    if known is None or known.boiling_c is None or known.boiling_c >= limit_c:
        return
    for step in steps:
        yield c.EVAP_1.at(
            step.spans.at("vessel"),
            f"{desired.label or known.label} boils at {known.boiling_c:g} °C: part of it leaves "
            f"with the solvent at {step.id!r}",
            help="keep it as a salt (HCl), concentrate to a volume, cold and at mild pressure, or "
            "use it in solution",
            step=step.id,
            related=(Related(desired.spans.whole, "the product is declared here"),),
        )


def _known(smiles: str | None) -> Compound | None:
    """The catalogue's compound of a SMILES."""
    if smiles is None:
        return None
    from compiler.chemistry.substances import SmilesError, structure_of

    try:
        structure = structure_of(smiles)
    except SmilesError:
        return None  # said by C-SMILES
    for compound in load_catalogue().same_formula(structure.formula):
        if structure_of(compound.smiles or "").canonical == structure.canonical:
            return compound
    return None
