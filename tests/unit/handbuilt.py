"""Stage objects built by hand, for tests of single passes."""

from __future__ import annotations

import math
from collections.abc import Mapping

from compiler.diagnostics.finding import Span
from compiler.stages.charges import (
    Charge,
    Charges,
    Liquid,
    Miscibility,
    Reaction,
    Recipe,
    Substance,
    Supplied,
)
from compiler.stages.documents import (
    Add,
    Amount,
    AmountKind,
    AnyStep,
    Dropwise,
    Extract,
    Form,
    Mixture,
    Procedure,
    Spans,
    Stir,
    Vessel,
)
from compiler.stages.quantity import Dimension, Origin, Quantity
from compiler.stages.vessels import House, Housing
from compiler.target.geometry import cylinder
from compiler.target.labware import Labware, Well

SPAN = Span("test.yaml", 1, 1, 1, 2)
SPANS = Spans(SPAN, {})

WATER, MISCIBLE, IMMISCIBLE = Miscibility.WATER, Miscibility.MISCIBLE, Miscibility.IMMISCIBLE


def keyed(line: int, *keys: str) -> Spans:
    """A step's spans: each key on the step's line, in a column of its own."""
    return Spans(
        Span("test.yaml", line),
        {key: Span("test.yaml", line, 10 * (i + 1)) for i, key in enumerate(keys)},
    )


def quantity(value: float, dimension: Dimension, text: str = "") -> Quantity:
    return Quantity(dimension, value, value, value, Origin.WRITTEN, text or f"{value:g}", SPAN)


def seconds(value: float) -> Quantity:
    return quantity(value, Dimension.TIME)


def celsius(value: float) -> Quantity:
    return quantity(value, Dimension.TEMPERATURE, f"{value:g} °C")


def volume(value_ul: float) -> Amount:
    return Amount(AmountKind.VOLUME, quantity(value_ul, Dimension.VOLUME))


def substance(
    name: str,
    mw: float,
    *,
    density: float | None = None,
    miscibility: Miscibility | None = None,
    classes: tuple[str, ...] = (),
    smiles: str | None = "C",
    cas: str | None = None,
    bp: float | None = None,
    mp: float | None = None,
    p20: float | None = None,
    ratings: Mapping[str, str] | None = None,
) -> Substance:
    return Substance(
        name=name,
        cas=cas,
        smiles=smiles,
        formula=None,
        mw_g_mol=mw,
        exact_mass_da=None,
        density_g_ml=density,
        melting_c=mp,
        boiling_c=bp,
        vapour_pressure_20c_kpa=p20,
        flash_c=None,
        miscibility=miscibility,
        classes=frozenset(classes),
        ratings=ratings or {},
    )


def supplied(
    key: str,
    what: Substance,
    form: Form,
    *,
    molarity: float | None = None,
    liquids: tuple[Liquid, ...] = (),
    density: float | None = None,
    logd: float | None = None,
    generates: Mapping[str, float] | None = None,
) -> Supplied:
    return Supplied(
        key=key,
        label=key,
        form=form,
        substance=what,
        molarity_mol_l=molarity,
        weigh_factor=1.0,
        density_g_ml=density,
        liquids=liquids,
        medium=None,
        anhydrous=False,
        generates=generates or {},
        acid_pka=(),
        base_pkah=(),
        logd=logd,
        declared=SPAN,
    )


DCE = substance(
    "1,2-dichloroethane",
    98.96,
    density=1.253,
    miscibility=IMMISCIBLE,
    smiles="ClCCCl",
    cas="107-06-2",
    bp=83.5,
    mp=-35.7,
    p20=8.2416,
    ratings={"PP": "0", "PS": "-", "glass": "+"},
)
DCM = substance(
    "dichloromethane",
    84.933,
    density=1.3266,
    miscibility=IMMISCIBLE,
    smiles="ClCCl",
    cas="75-09-2",
    bp=39.8,
    mp=-95,
    p20=46.8478,
    ratings={"PP": "0", "PS": "-", "glass": "+"},
)
ETHER = substance(
    "diethyl ether",
    74.123,
    density=0.7138,
    miscibility=IMMISCIBLE,
    smiles="CCOCC",
    cas="60-29-7",
    bp=34.5,
    mp=-116,
    p20=58.8292,
    ratings={"PP": "-", "PS": "-", "glass": "+"},
)
THF = substance(
    "tetrahydrofuran",
    72.107,
    density=0.889,
    miscibility=MISCIBLE,
    smiles="C1CCOC1",
    cas="109-99-9",
    bp=66,
    mp=-108,
    p20=17.2191,
    ratings={"PP": "-", "PS": "-", "glass": "+"},
)
DIOXANE = substance(
    "1,4-dioxane",
    88.106,
    density=1.0337,
    miscibility=MISCIBLE,
    smiles="C1COCCO1",
    cas="123-91-1",
    bp=101.3,
    mp=11.8,
    p20=3.9411,
    ratings={"PP": "-", "PS": "-", "glass": "+"},
)
METHANOL = substance(
    "methanol",
    32.042,
    density=0.7914,
    miscibility=MISCIBLE,
    smiles="CO",
    cas="67-56-1",
    bp=64.7,
    mp=-97.6,
    p20=13.0318,
    classes=("protic_solvent", "alcohol_aliphatic"),
)
H2O = substance(
    "water",
    18.015,
    density=0.9982,
    miscibility=WATER,
    smiles="O",
    cas="7732-18-5",
    bp=100.0,
    mp=0.0,
    p20=2.3393,
    classes=("protic_solvent", "water"),
)
AMINE = substance(
    "1-Boc-1,4-diazepane",
    200.282,
    smiles="CC(C)(C)OC(=O)N1CCCNCC1",
    classes=("amine_nucleophilic_NH",),
)
ALDEHYDE = substance("4-fluorobenzaldehyde", 124.114, smiles="O=Cc1ccc(F)cc1")
STAB = substance(
    "NaBH(OAc)3",
    211.942,
    smiles="[Na+].CC(=O)O[BH-](OC(C)=O)OC(C)=O",
    classes=("hydridic_boron", "acyloxyborohydride"),
)
BICARBONATE = substance(
    "NaHCO3", 84.006, smiles="[Na+].OC([O-])=O", classes=("carbonate_or_bicarbonate",)
)


def liquid(name: str, what: Substance, density: float | None = None) -> Liquid:
    assert what.miscibility is not None
    return Liquid(name, what, 1.0, density or what.density_g_ml or 1.0, what.miscibility)


def neat(key: str, what: Substance) -> Supplied:
    return supplied(key, what, Form.NEAT, liquids=(liquid(key, what),), density=what.density_g_ml)


def solution(key: str, what: Substance, molarity: float, medium: Liquid) -> Supplied:
    return supplied(
        key,
        what,
        Form.SOLUTION,
        molarity=molarity,
        liquids=(medium,),
        density=medium.density_g_ml,
    )


MATERIALS: dict[str, Supplied] = {
    "diazepane": solution("diazepane", AMINE, 0.5, liquid("DCE", DCE)),
    "aldehyde": solution("aldehyde", ALDEHYDE, 0.55, liquid("DCE", DCE)),
    "hydride": supplied("hydride", STAB, Form.SOLID),
    "bicarb": supplied(
        "bicarb",
        BICARBONATE,
        Form.SATURATED,
        molarity=1.1,
        liquids=(liquid("sat. aq. NaHCO3", H2O, 1.06),),
        density=1.06,
    ),
    "DCE": neat("DCE", DCE),
    "DCM": neat("DCM", DCM),
    "Et2O": neat("Et2O", ETHER),
    "THF": neat("THF", THF),
    "dioxane": neat("dioxane", DIOXANE),
    "MeOH": neat("MeOH", METHANOL),
    "water": neat("water", H2O),
}


def add(
    step: str,
    material: str,
    to: str = "reactor",
    *,
    line: int = 1,
    over_s: float | None = None,
    at: Quantity | None = None,
) -> Add:
    drops = None if over_s is None else Dropwise(SPANS, over=seconds(over_s))
    return Add(
        id=step,
        verb="add",
        spans=keyed(line, "material", "to", "amount", "at"),
        material=material,
        to=to,
        amount=volume(1.0),
        dropwise=drops,
        at=at,
    )


def extract(
    step: str,
    with_: str,
    *,
    keep: str = "organic",
    times: int = 1,
    into: str | None = "extract",
    vessel: str = "reactor",
    guard: Quantity | None = None,
    line: int = 1,
    verb: str = "extract",
    settle: Quantity | None = None,
) -> Extract:
    return Extract(
        id=step,
        verb=verb,
        spans=keyed(line, "vessel", "with", "volume", "keep", "guard"),
        vessel=vessel,
        with_=Mixture({with_: 1.0}, SPAN),
        volume=volume(500.0),
        times=times,
        keep=keep,
        into=into,
        guard=guard,
        settle=settle,
    )


def stir(step: str, hours: float, *, vessel: str = "reactor", at: Quantity | None = None) -> Stir:
    return Stir(
        id=step,
        verb="stir",
        spans=keyed(1, "vessel", "for", "at"),
        vessel=vessel,
        for_=seconds(hours * 3600),
        at=at,
    )


def charge(
    step: str,
    material: str,
    volume_ul: float | None,
    *,
    mmol: float | None = None,
    vessel: str = "reactor",
    reaction: str = "r1",
    equiv: float | None = None,
    materials: Mapping[str, Supplied] = MATERIALS,
) -> Charge:
    known = materials[material]
    if mmol is None and volume_ul is not None and known.molarity_mol_l is not None:
        mmol = volume_ul / 1000.0 * known.molarity_mol_l
    return Charge(
        step=step,
        reaction=reaction,
        material=material,
        vessel=vessel,
        equiv=equiv,
        mmol=mmol,
        mass_mg=None,
        volume_ul=volume_ul,
        form=known.form,
        by_operator=volume_ul is None,
    )


def vessel(
    name: str,
    *,
    cap: str | None = None,
    size_ul: float | None = None,
    atmosphere: str | None = None,
) -> Vessel:
    return Vessel(
        name=name,
        spans=keyed(1, "size", "atmosphere"),
        cap=cap,
        atmosphere=atmosphere,
        size=None if size_ul is None else quantity(size_ul, Dimension.VOLUME),
    )


def charges(
    steps: tuple[AnyStep, ...],
    given: tuple[Charge, ...],
    *,
    vessels: Mapping[str, Vessel] | None = None,
    materials: Mapping[str, Supplied] = MATERIALS,
    reactions: int = 1,
) -> Charges:
    procedure = Procedure(
        file="test.yaml",
        sha256="",
        title="test",
        source={},
        transformation=None,
        scale=None,
        materials={},
        vessels=vessels or {"reactor": vessel("reactor")},
        products={},
        steps=steps,
        max_concentration=None,
        acknowledge=(),
        spans=SPANS,
    )
    return Charges(
        Recipe(procedure, materials, "diazepane"),
        tuple(Reaction(f"r{i}", i, "", 0.1, "diazepane") for i in range(1, reactions + 1)),
        given,
        (),
    )


def vial(
    diameter_mm: float = 10.0,
    depth_mm: float = 30.0,
    *,
    material: str = "glass",
    declared_ul: float = 2000.0,
) -> Labware:
    shape = cylinder(diameter_mm, depth_mm)
    well = Well(
        name="A1",
        x=0,
        y=0,
        z=0,
        depth_mm=depth_mm,
        declared_ul=declared_ul,
        capacity_ul=min(declared_ul, shape.capacity_ul),
        mouth_mm=diameter_mm,
        shape=shape,
    )
    return Labware(
        load_name="vial",
        namespace="test",
        version=1,
        display_name="vial",
        category="tubeRack",
        custom=True,
        definition={},
        wells={"A1": well},
        columns=(("A1",),),
        material=material,
        fits=frozenset(),
        adapters={},
        height_mm=depth_mm,
    )


def housing(name: str, labware: Labware | None, *, material: str = "glass") -> Housing:
    capacity = None
    if labware is not None:
        capacity = min(well.capacity_ul for well in labware.wells.values())
    return Housing(
        vessel=name,
        labware=labware,
        entry=name,
        capacity_ul=capacity,
        material=material,
        positions=(),
    )


def house(fill_limit: float = 0.8, **housings: Housing) -> House:
    """A house of 2 mL glass vials (inner diameter 10.0 mm) unless told otherwise."""
    given = housings or {
        "reactor": housing("reactor", vial()),
        "extract": housing("extract", vial(17.0, 60.0, declared_ul=8000.0)),
    }
    return House(None, given, {}, fill_limit, ())


VIAL10_AREA_MM2 = math.pi * 25.0


def reductive_amination() -> Charges:
    """Section 2.1 of the worked references, without the aliquot."""
    steps = (
        add("amine", "diazepane", line=1),
        add("ald", "aldehyde", line=2),
        stir("imine", 1.0),
        add("hydride", "hydride", line=4),
        stir("overnight", 12.0),
        add("quench", "bicarb", line=6, over_s=600.0),
        extract("work-up", "DCM", times=2, line=7),
    )
    given = (
        charge("amine", "diazepane", 200.0, equiv=1.0),
        charge("ald", "aldehyde", 200.0, equiv=1.1),
        charge("hydride", "hydride", None, mmol=0.15, equiv=1.5),
        charge("quench", "bicarb", 500.0),
        charge("work-up", "DCM", 500.0),
        charge("work-up", "DCM", 500.0),
    )
    vessels = {"reactor": vessel("reactor", cap="vented"), "extract": vessel("extract")}
    return charges(steps, given, vessels=vessels)
