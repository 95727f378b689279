"""What decides, beyond the pair itself, whether two compounds may meet: the `when` functions.

Each takes a meeting and gives a verdict (a severity, where it is not the table's, and the numbers
of the message) or None where there is nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from compiler.chemistry.gas import gas_volume_ml
from compiler.chemistry.sites import amines_of
from compiler.diagnostics.finding import Severity
from compiler.passes.lint.hazard_table import hazard_table
from compiler.passes.lint.presence import Present
from compiler.passes.lint.protons import (
    base_mmol,
    net_acid_mmol,
    strong_acid_mmol,
)
from compiler.passes.lint.scenes import Scene, Story
from compiler.stages.contents import PhaseKind
from compiler.stages.documents import Add, Hydrogenate

_NOTHING = 1e-9
_QUENCHES = frozenset({"water", "alcohol_aliphatic"})
CHLOROFORM, ACETONE = "67-66-3", "67-64-1"


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two compounds in a vessel during a step; b is a for a compound that is a danger alone."""

    story: Story
    scene: Scene
    a: Present
    b: Present

    @property
    def together(self) -> tuple[Scene, ...]:
        """The scenes of the vessel from here on in which both are there."""
        keys = {self.a.key, self.b.key}
        return tuple(
            scene
            for scene in self.story.of_vessel(self.scene.vessel)
            if scene.index >= self.scene.index and keys <= {p.key for p in scene.present}
        )

    @property
    def numbers(self) -> dict[str, object]:
        """What every message may use."""
        least = min(self.a.mmol, self.b.mmol)
        return {
            "a": self.a.label,
            "b": self.b.label,
            "vessel": self.scene.vessel,
            "step": repr(self.scene.step.id),
            "a_mmol": self.a.mmol,
            "b_mmol": self.b.mmol,
            "a_ml": gas_volume_ml(self.a.mmol),
            "least_mmol": least,
            "least_ml": gas_volume_ml(least),
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to say; `severity` None leaves the table's."""

    severity: Severity | None = None
    numbers: Mapping[str, object] = field(default_factory=dict)


Condition = Callable[[Meeting], Verdict | None]


def _gas(mmol: float) -> dict[str, object]:
    return {"least_mmol": mmol, "least_ml": gas_volume_ml(mmol)}


def strong_acid_in_excess(meeting: Meeting) -> Verdict | None:
    """More strong acid, latent acid included, than all base takes up."""
    net = net_acid_mmol(meeting.story.procedure, meeting.scene.present)
    if net <= _NOTHING:
        return None
    return Verdict(numbers={"net_mmol": net, **_gas(min(meeting.a.mmol, net))})


def acid_in_excess(meeting: Meeting) -> Verdict | None:
    """More acid, weak acids included, than all base takes up."""
    present = meeting.scene.present
    net = net_acid_mmol(meeting.story.procedure, present, weak=True)
    return None if net <= _NOTHING else Verdict(numbers=_gas(min(meeting.a.mmol, net)))


def acid_on_hydride(meeting: Meeting) -> Verdict | None:
    """Strong acid in excess: an error at once, a warning dropwise into an open vessel.

    NaBH(OAc)3 that water or an alcohol has quenched for five minutes is gone; NaBH4 that has
    stood in them for an hour is a remainder, and a warning.
    """
    net = net_acid_mmol(meeting.story.procedure, meeting.scene.present)
    if net <= _NOTHING:
        return None
    step = meeting.scene.step
    slow = isinstance(step, Add) and step.dropwise is not None
    quenched_s = _in_protic_s(meeting)
    if "acyloxyborohydride" in meeting.a.classes and quenched_s >= 300.0:
        return None
    gentle = meeting.scene.condition.closure != "sealed" and (slow or quenched_s >= 3600.0)
    return Verdict(
        Severity.WARNING if gentle else None,
        {"net_mmol": net, "pace": ", dropwise" if slow else ""},
    )


def _in_protic_s(meeting: Meeting) -> float:
    """How long (s) a hydride has stood with water or an alcohol before the scene."""
    return sum(
        scene.condition.seconds
        for scene in meeting.story.of_vessel(meeting.scene.vessel)
        if scene.index < meeting.scene.index
        and any(part.key == meeting.a.key for part in scene.present)
        and any(part.any_of(_QUENCHES) for part in scene.present)
    )


def hydride_into_alcohol(meeting: Meeting) -> Verdict | None:
    """The alcohol was there first, in excess; one that comes later is a quench."""
    ratio = meeting.b.mmol / meeting.a.mmol
    if meeting.a.came_at < meeting.b.came_at or ratio <= hazard_table().limits["alcohol_excess"]:
        return None
    return Verdict(numbers={"excess": ratio})


def sealed_while_together(meeting: Meeting) -> Verdict | None:
    """The vessel is sealed while both are in it."""
    sealed = next((s for s in meeting.together if s.condition.closure == "sealed"), None)
    return None if sealed is None else Verdict(numbers={"sealed_at": repr(sealed.step.id)})


def boc_removal(meeting: Meeting) -> Verdict | None:
    """Deprotection is intended; a warning where the vessel is sealed."""
    if meeting.story.procedure.transformation != "deprotect":
        return None
    if net_acid_mmol(meeting.story.procedure, meeting.scene.present) <= _NOTHING:
        return None
    twice = 2.0 * meeting.a.mmol
    sealed = any(scene.condition.closure == "sealed" for scene in meeting.together)
    return Verdict(
        Severity.WARNING if sealed else None,
        {"two_mmol": twice, "two_ml": gas_volume_ml(twice)},
    )


def halide_meets_protic(meeting: Meeting) -> Verdict | None:
    """HCl forms: trapped by base that was there before, or free.

    What an amine has taken up before the protic compound came in gives no HCl any more.
    """
    story, scene, a = meeting.story, meeting.scene, meeting.a
    per_mol = strong_acid_mmol(story.procedure, (a,)) / a.mmol
    left = a.mmol - (_acylated_before(meeting) if a.came_at < meeting.b.came_at else 0.0)
    acid = per_mol * left
    if left <= 0.2 * a.mmol or acid <= _NOTHING:
        return None
    base = base_mmol(scene.present)  # what comes later is not in this scene yet
    sealed = scene.condition.closure == "sealed"
    trapped = base >= acid and not sealed
    if trapped:
        how = f"{base:.3f} mmol base is there to take it up"
    elif sealed:
        how = f"the vessel is sealed ({gas_volume_ml(acid):.2f} mL gas)"
    else:
        how = (
            f"only {base:.3f} mmol base is there before it, so that "
            f"{gas_volume_ml(acid - base):.2f} mL HCl gas goes free"
        )
    return Verdict(
        Severity.WARNING if trapped else Severity.ERROR, {"acid_mmol": acid, "trapped": how}
    )


def _acylated_before(meeting: Meeting) -> float:
    """mmol of the halide that N-H has consumed: they were together before the protic partner."""
    return sum(
        part.mmol * amines_of(part.substance.smiles or "").hydrogens
        for part in meeting.scene.present
        if "amine_nucleophilic_NH" in part.classes and part.came_at < meeting.b.came_at
    )


def warmer_than_swern(meeting: Meeting) -> Verdict | None:
    """Above -40 °C."""
    celsius = meeting.scene.condition.temperature_c
    above = celsius > hazard_table().limits["swern_above_c"]
    return Verdict(numbers={"celsius": celsius}) if above else None


def base_on_halomethane(meeting: Meeting) -> Verdict:
    """A note; a warning for concentrated base, long contact or warmth, or CHCl3 with acetone."""
    limits, scene = hazard_table().limits, meeting.scene
    minutes = sum(s.condition.seconds for s in meeting.together) / 60.0
    celsius = max((s.condition.temperature_c for s in meeting.together), default=0.0)
    watery_ul = sum(p.volume_ul for p in scene.phases if p.kind is not PhaseKind.ORGANIC)
    molar = 1000.0 * meeting.b.mmol / watery_ul if watery_ul > 0 else 0.0
    chloroform = meeting.a.substance.cas == CHLOROFORM
    acetone = chloroform and any(p.substance.cas == ACETONE for p in scene.present)
    serious = (
        molar >= limits["chx_base_molar"]
        or minutes > limits["chx_base_contact_s"] / 60.0
        or celsius > limits["chx_base_c"]
        or acetone
    )
    return Verdict(
        Severity.WARNING if serious else None,
        {
            "molar": molar,
            "minutes": minutes,
            "celsius": celsius,
            "acetone": ", with acetone: an exothermic condensation" if acetone else "",
        },
    )


def ketone_is_solvent(meeting: Meeting) -> Verdict | None:
    """The ketone is a liquid medium, not a substrate of the procedure."""
    products = meeting.story.procedure.products.values()
    if not meeting.a.is_solvent or any(meeting.a.key in product.from_ for product in products):
        return None
    hydride = any("hydridic_boron" in part.classes for part in meeting.scene.present)
    return Verdict(numbers={"hydride": ", with a hydride" if hydride else ""})


def catalyst_into_solvent(meeting: Meeting) -> Verdict | None:
    """The solvent was there before the catalyst; a note where the operator does it."""
    flash_c = meeting.b.substance.flash_c
    if flash_c is None or flash_c >= hazard_table().limits["flash_c"]:
        return None
    if meeting.a.came_at < meeting.b.came_at:
        return None
    step = meeting.scene.step
    by_hand = isinstance(step, Hydrogenate) or step.by_operator
    return Verdict(Severity.NOTE if by_hand else None, {"flash": flash_c})


PAIR_CONDITIONS: Mapping[str, Condition] = {
    function.__name__: function
    for function in (
        strong_acid_in_excess,
        acid_in_excess,
        acid_on_hydride,
        hydride_into_alcohol,
        sealed_while_together,
        boc_removal,
        halide_meets_protic,
        warmer_than_swern,
        base_on_halomethane,
        ketone_is_solvent,
        catalyst_into_solvent,
    )
}
