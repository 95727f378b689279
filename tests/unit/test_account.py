"""The ledger against the worked references of the design (0.1 %), and its findings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compiler.diagnostics import Finding, Severity
from compiler.passes.account import account
from compiler.stages.contents import Draw, Ledger, PhaseKind, Snapshot
from compiler.stages.documents import (
    Add,
    Amount,
    AmountKind,
    Closure,
    Concentrate,
    Filter,
    Monitor,
    Transfer,
)
from compiler.stages.quantity import Dimension, Origin, Quantity
from tests.unit.handbuilt import (
    IMMISCIBLE,
    MATERIALS,
    SPAN,
    SPANS,
    VIAL10_AREA_MM2,
    add,
    celsius,
    charge,
    charges,
    extract,
    house,
    housing,
    keyed,
    liquid,
    quantity,
    reductive_amination,
    seconds,
    solution,
    stir,
    substance,
    vessel,
    vial,
    volume,
)

BELOW_TIP_UL = 78.5398 * 0.5  # VIAL10 has 78.54 mm2; the tip stands 0.5 mm above the bottom


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-3)


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


def moment(ledger: Ledger, step: str, what: str, round_: int = 1, of: str = "reactor") -> Snapshot:
    found = [
        s
        for s in ledger.snapshots
        if (s.step, s.moment, s.round, s.vessel) == (step, what, round_, of)
    ]
    assert len(found) == 1
    return found[0]


class TestReductiveAmination:
    @pytest.fixture
    def ledger(self) -> Ledger:
        ledger, findings = account(reductive_amination(), house())
        assert findings == ()
        return ledger

    def test_charges_add_up(self, ledger: Ledger) -> None:
        snap = moment(ledger, "quench", "charged")
        assert snap.volume_ul == near(900.0)
        assert snap.mmol["diazepane"] == near(0.1)
        assert snap.mmol["aldehyde"] == near(0.11)
        assert snap.mmol["hydride"] == near(0.15)
        assert snap.mmol["bicarb"] == near(0.55)
        assert snap.mmol["DCE"] == near(400 * 1.253 / 98.96)
        # 500 uL of 1.06 g/mL less 0.55 mmol NaHCO3, as water
        assert snap.mmol["water"] == near((530.0 - 0.55 * 84.006) / 18.015)

    def test_single_phase_height(self, ledger: Ledger) -> None:
        (phase,) = moment(ledger, "ald", "charged").phases
        assert (phase.kind, phase.position) == (PhaseKind.SINGLE, None)
        assert phase.top_mm == near(5.093)

    def test_organic_layer_is_lower(self, ledger: Ledger) -> None:
        organic, aqueous = moment(ledger, "work-up", "settled").phases
        assert (organic.kind, organic.position) == (PhaseKind.ORGANIC, "lower")
        assert (aqueous.kind, aqueous.position) == (PhaseKind.AQUEOUS, "upper")
        assert organic.volume_ul == near(900.0)
        assert organic.density_g_ml == near(1.2939)
        assert aqueous.density_g_ml == near(1.06)
        assert organic.interface_mm == near(11.459)
        assert organic.top_mm == near(17.825)
        assert set(organic.mmol) == {"DCE", "DCM", "diazepane", "aldehyde"}
        assert set(aqueous.mmol) == {"water", "bicarb", "hydride"}

    def test_draws(self, ledger: Ledger) -> None:
        first, second = ledger.draws
        assert first.volume_ul == near(810.0)
        assert first.guard_ul == near(90.0)
        assert first.recovered == near(0.9)
        assert first.tip_mm == 0.5
        assert (first.vessel, first.into) == ("reactor", "extract")
        assert second.volume_ul == near(511.46)
        assert second.guard_ul == near(78.54)
        assert second.interface_mm == near(7.512)
        assert moment(ledger, "work-up", "settled", 2).phases[0].top_mm == near(13.878)
        assert second.recovered == near(0.9867)
        assert moment(ledger, "work-up", "drawn", 2, "extract").volume_ul == near(1321.46)

    def test_product_side_is_recovered(self, ledger: Ledger) -> None:
        drawn = moment(ledger, "work-up", "drawn", 2, "extract")
        assert drawn.mmol["diazepane"] == near(0.1 * 0.98669)
        assert "bicarb" not in drawn.mmol

    def test_gas(self, ledger: Ledger) -> None:
        hydrogen, dioxide = ledger.gas
        assert (hydrogen.step, hydrogen.gas, hydrogen.vessel) == ("quench", "H2", "reactor")
        assert hydrogen.mmol == near(0.150)
        assert hydrogen.volume_ml == near(3.670)
        assert dioxide.gas == "CO2"
        assert dioxide.mmol == near(0.300)
        assert dioxide.volume_ml == near(7.340)

    def test_highest_and_assumptions(self, ledger: Ledger) -> None:
        assert ledger.highest_ul["reactor"] == near(1400.0)
        assert ledger.highest_ul["extract"] == near(1321.46)
        guards = {a.what: a.value for a in ledger.assumptions if a.step == "work-up"}
        assert guards["guard"].startswith("90.0 µL (10 % of the layer")
        assert guards["guard, round 2"].startswith("78.5 µL (a 1.0 mm slice")
        assert any(a.what == "volumes" and a.step is None for a in ledger.assumptions)

    def test_without_labware_the_guard_is_ten_percent(self) -> None:
        bare = house(reactor=housing("reactor", None), extract=housing("extract", None))
        ledger, findings = account(reductive_amination(), bare)
        assert findings == ()
        assert [d.guard_ul for d in ledger.draws] == [near(90.0), near(59.0)]
        assert ledger.draws[0].tip_mm is None
        assert ledger.draws[0].interface_mm is None

    def test_aliquot_moves_the_interface(self) -> None:
        base = reductive_amination()
        sample = Monitor(
            id="lcms",
            verb="monitor",
            spans=SPANS,
            vessel="reactor",
            by="LC-MS",
            until="done",
            between=seconds(12 * 3600),
            aliquot=quantity(5.0, Dimension.VOLUME),
        )
        steps = base.recipe.procedure.steps
        with_sample = charges((*steps[:5], sample, *steps[5:]), base.charges)
        ledger, findings = account(with_sample, house())
        assert findings == ()
        assert moment(ledger, "work-up", "settled").phases[0].interface_mm == near(11.395)
        assert ledger.draws[0].into == "analysis"


class TestEtherOnTop:
    """Section 2.3: ether above the water, then DCM below it, in the same vessel."""

    def run(self, **more: object) -> tuple[Ledger, tuple[Finding, ...]]:
        steps = (
            add("acid", "water"),
            extract("ether", "Et2O", keep="aqueous", into=None, verb="wash"),
            add("base", "water"),
            extract("dcm", "DCM", keep="organic"),
        )
        given = (
            charge("acid", "water", 732.69),
            charge("ether", "Et2O", 500.0),
            charge("base", "water", 100.0),
            charge("dcm", "DCM", 500.0),
        )
        return account(charges(steps, given), house())

    def test_upper_layer(self) -> None:
        ledger, _ = self.run()
        draw = ledger.draws[0]
        assert (draw.phase, draw.position) == (PhaseKind.ORGANIC, "upper")
        assert draw.interface_mm == near(9.329)
        assert moment(ledger, "ether", "settled").phases[1].top_mm == near(15.695)
        assert draw.guard_ul == near(157.08)
        assert draw.volume_ul == near(342.9)
        assert draw.tip_mm == near(11.329)
        assert draw.into == "waste.organic"

    def test_retained_ether_and_dcm_below(self) -> None:
        ledger, _ = self.run()
        organic = moment(ledger, "dcm", "settled").phases[0]
        assert (organic.kind, organic.position) == (PhaseKind.ORGANIC, "lower")
        assert organic.volume_ul == near(657.1)
        assert organic.density_g_ml == near(1.1801)

    def test_cosolvent_warns(self) -> None:
        steps = (add("w", "water"), add("m", "MeOH"), extract("ether", "Et2O", keep="organic"))
        given = (
            charge("w", "water", 532.69),
            charge("m", "MeOH", 200.0),
            charge("ether", "Et2O", 500.0),
        )
        _, findings = account(charges(steps, given), house())
        assert codes(findings) == ["C-PH-4"]
        assert "27.3 %" in findings[0].message
        assert "MeOH" in findings[0].message


def two_layers(
    with_: str = "DCM",
    *,
    keep: str = "organic",
    water_ul: float = 500.0,
    org_ul: float = 500.0,
    guard: Quantity | None = None,
    settle: Quantity | None = None,
    verb: str = "extract",
) -> tuple[Ledger, tuple[Finding, ...]]:
    into = "extract" if verb == "extract" else None
    steps = (
        add("w", "water", line=3),
        extract("x", with_, keep=keep, guard=guard, settle=settle, line=7, verb=verb, into=into),
    )
    given = (charge("w", "water", water_ul), charge("x", with_, org_ul))
    return account(charges(steps, given), house())


class TestPhaseFindings:
    def test_thf_and_water_do_not_separate(self) -> None:
        ledger, findings = two_layers("THF")
        assert codes(findings) == ["C-PH-0"]
        assert "THF" in findings[0].message
        assert "water" in findings[0].message
        assert findings[0].span is not None and findings[0].span.line == 7
        assert ledger.draws == ()

    def test_what_follows_a_failed_extraction_is_not_judged(self) -> None:
        steps = (
            add("w", "water"),
            extract("x", "THF"),
            Concentrate(id="c", verb="concentrate", spans=SPANS, vessel="extract", to=None),
            Transfer(
                id="t", verb="transfer", spans=SPANS, from_="extract", to="reactor", volume=None
            ),
        )
        given = (charge("w", "water", 500.0), charge("x", "THF", 500.0))
        _, findings = account(charges(steps, given), house())
        assert codes(findings) == ["C-PH-0"]

    def test_two_organics(self) -> None:
        steps = (add("d", "DCE"), extract("x", "DCM"))
        given = (charge("d", "DCE", 500.0), charge("x", "DCM", 500.0))
        _, findings = account(charges(steps, given), house())
        assert codes(findings) == ["C-PH-1"]

    @pytest.mark.parametrize(
        ("with_", "keep", "verb", "wrong"),
        [
            ("DCM", "upper", "extract", True),
            ("DCM", "lower", "extract", False),
            ("Et2O", "lower", "extract", True),
            ("Et2O", "upper", "extract", False),
            ("DCM", "lower", "wash", True),
            ("DCM", "upper", "wash", False),
        ],
    )
    def test_keep_by_position(self, with_: str, keep: str, verb: str, wrong: bool) -> None:
        ledger, findings = two_layers(with_, keep=keep, verb=verb)
        assert codes(findings) == (["C-PH-3"] if wrong else [])
        # either way the rest of the plan goes on with the layer that holds the solvent
        assert ledger.draws[0].phase is PhaseKind.ORGANIC

    def test_keep_upper_message(self) -> None:
        _, (finding,) = two_layers("DCM", keep="upper")
        assert "1.327" in finding.message
        assert "0.998" in finding.message
        assert finding.span is not None and finding.span.column == 40  # the value of `keep`
        assert "keep: lower" in finding.help

    @pytest.mark.parametrize(
        ("density", "code"),
        [(1.020, Severity.ERROR), (1.060, Severity.WARNING), (1.10, None)],
    )
    def test_densities_too_close(self, density: float, code: Severity | None) -> None:
        heavy = substance("mix", 100.0, density=density, miscibility=IMMISCIBLE)
        materials = {**MATERIALS, "mix": solution("mix", heavy, 0.1, liquid("mix", heavy))}
        steps = (add("w", "water"), extract("x", "mix"))
        given = (
            charge("w", "water", 500.0),
            charge("x", "mix", 500.0, materials=materials),
        )
        _, findings = account(charges(steps, given, materials=materials), house())
        expected = [] if code is None else [("C-PH-2", code)]
        assert [(f.code, f.severity) for f in findings] == expected

    def test_thin_guard(self) -> None:
        _, findings = two_layers(guard=quantity(20.0, Dimension.VOLUME))
        assert codes(findings) == ["C-PH-5"]
        assert "20 µL" in findings[0].message

    @pytest.mark.parametrize(
        ("dimension", "value", "expected"),
        [
            (Dimension.VOLUME, 100.0, 100.0),
            (Dimension.LENGTH, 2.0, 2.0 * VIAL10_AREA_MM2),
            (Dimension.FRACTION, 0.25, 125.0),
        ],
    )
    def test_guard_override(self, dimension: Dimension, value: float, expected: float) -> None:
        ledger, findings = two_layers(guard=quantity(value, dimension))
        assert findings == ()
        assert ledger.draws[0].guard_ul == pytest.approx(expected)

    def test_guard_takes_all(self) -> None:
        ledger, findings = two_layers(org_ul=60.0)
        assert codes(findings) == ["C-PH-5", "P-UNDERFLOW"]
        assert ledger.draws == ()

    def test_short_settling(self) -> None:
        _, findings = two_layers(settle=seconds(30))
        assert codes(findings) == ["C-PH-6"]

    def test_solute_with_logd_is_shared(self) -> None:
        base = MATERIALS["diazepane"]
        materials = {**MATERIALS, "diazepane": replace(base, logd=1.0)}
        steps = (add("a", "diazepane"), add("w", "water"), extract("x", "DCM"))
        given = (
            charge("a", "diazepane", 200.0),
            charge("w", "water", 500.0),
            charge("x", "DCM", 300.0),
        )
        ledger, _ = account(charges(steps, given, materials=materials), house())
        organic, aqueous = moment(ledger, "x", "settled").phases
        # equal volumes, D = 10: 10/11 of it is in the organic layer
        assert organic.mmol["diazepane"] == pytest.approx(0.1 * 10 / 11)
        assert aqueous.mmol["diazepane"] == pytest.approx(0.1 / 11)


class TestVolumes:
    def test_overflow_names_the_step(self) -> None:
        steps = (add("one", "DCE", line=3), add("two", "DCE", line=4))
        given = (charge("one", "DCE", 1000.0), charge("two", "DCE", 700.0))
        _, findings = account(charges(steps, given), house())
        assert codes(findings) == ["P-CAP-1"]
        assert findings[0].step == "two"
        assert findings[0].span is not None and findings[0].span.line == 4
        for number in ("1700 µL", "1600 µL", "80 %", "2000 µL"):
            assert number in findings[0].message

    def test_exactly_full_is_allowed(self) -> None:
        steps = (add("one", "DCE"),)
        _, findings = account(charges(steps, (charge("one", "DCE", 1600.0),)), house())
        assert findings == ()

    def test_declared_size_without_a_bench(self) -> None:
        plain = house(elsewhere=housing("elsewhere", None))
        steps = (add("one", "DCE"),)
        vessels = {"reactor": vessel("reactor", size_ul=2000.0)}
        given = (charge("one", "DCE", 1700.0),)
        _, findings = account(charges(steps, given, vessels=vessels), plain)
        assert codes(findings) == ["P-CAP-1"]

    def test_all_rows_share_one_finding_and_one_row_names_itself(self) -> None:
        steps = (add("one", "DCE"),)
        both = (
            charge("one", "DCE", 1700.0),
            charge("one", "DCE", 1700.0, reaction="r2"),
        )
        _, findings = account(charges(steps, both, reactions=2), house())
        assert [(f.code, f.row) for f in findings] == [("P-CAP-1", None)]
        second = (charge("one", "DCE", 100.0), charge("one", "DCE", 1700.0, reaction="r2"))
        _, findings = account(charges(steps, second, reactions=2), house())
        assert [(f.code, f.row) for f in findings] == [("P-CAP-1", 2)]

    def transfer(self, amount: Amount | None) -> Transfer:
        return Transfer(
            id="t",
            verb="transfer",
            spans=keyed(5, "from", "volume"),
            from_="reactor",
            to="extract",
            volume=amount,
        )

    def test_transfer_more_than_there_is(self) -> None:
        steps = (add("one", "DCE"), self.transfer(volume(500.0)))
        ledger, findings = account(charges(steps, (charge("one", "DCE", 400.0),)), house())
        assert codes(findings) == ["P-UNDERFLOW"]
        assert "500 µL" in findings[0].message
        assert "400 µL" in findings[0].message
        assert ledger.draws[0].volume_ul == pytest.approx(400.0 - BELOW_TIP_UL)

    def test_a_transfer_of_what_the_tip_does_not_reach(self) -> None:
        steps = (add("one", "diazepane"), self.transfer(volume(400.0)))
        _, findings = account(charges(steps, (charge("one", "diazepane", 400.0),)), house())
        assert codes(findings) == ["P-UNDERFLOW"]
        assert "the tip reaches 361 µL" in findings[0].message

    def test_transfer_from_an_empty_vessel(self) -> None:
        _, findings = account(charges((self.transfer(None),), ()), house())
        assert codes(findings) == ["P-UNDERFLOW"]

    def test_transfer_all_and_rinse(self) -> None:
        steps = (add("one", "diazepane"), self.transfer(None))
        given = (charge("one", "diazepane", 400.0), charge("t", "DCE", 100.0))
        ledger, findings = account(charges(steps, given), house())
        assert findings == ()
        drawn_ul = 400.0 - BELOW_TIP_UL
        assert [d.volume_ul for d in ledger.draws] == pytest.approx([drawn_ul, 100.0])
        final = [s for s in ledger.snapshots if s.vessel == "extract"][-1]
        assert final.volume_ul == pytest.approx(drawn_ul + 100.0)
        rinsed_out = BELOW_TIP_UL * 100.0 / (100.0 + BELOW_TIP_UL)
        assert final.mmol["diazepane"] == pytest.approx(0.2 * (drawn_ul + rinsed_out) / 400.0)

    def test_filter_and_concentrate(self) -> None:
        from compiler.stages.documents import Dry

        steps = (
            add("one", "diazepane"),
            Dry(id="dry", verb="dry", spans=SPANS, vessel="reactor", over="hydride"),
            Filter(id="f", verb="filter", spans=SPANS, vessel="reactor", keep="filtrate"),
            Concentrate(id="c", verb="concentrate", spans=SPANS, vessel="reactor", to=None),
        )
        given = (
            charge("one", "diazepane", 400.0),
            charge("dry", "hydride", None, mmol=1.0),
        )
        ledger, findings = account(charges(steps, given), house())
        assert findings == ()
        assert moment(ledger, "dry", "charged").mmol["hydride"] == 1.0
        assert "hydride" not in moment(ledger, "f", "drawn").mmol
        dry = moment(ledger, "c", "drawn")
        assert dry.volume_ul == 0
        assert dry.phases == ()
        assert dry.mmol == {"diazepane": pytest.approx(0.2)}

    def make_up(self, molar: float) -> Add:
        amount = Amount(
            AmountKind.MAKE_UP_TO, quantity(molar, Dimension.CONCENTRATION, f"{molar} M")
        )
        return Add(
            id="fill",
            verb="add",
            spans=keyed(9, "amount"),
            material="DCM",
            to="reactor",
            amount=amount,
        )

    def test_make_up_to(self) -> None:
        steps = (add("one", "diazepane"), self.make_up(0.1))
        given = (charge("one", "diazepane", 200.0),)
        ledger, findings = account(charges(steps, given), house())
        assert findings == ()
        assert ledger.charges.charges[-1].volume_ul == pytest.approx(800.0)
        assert moment(ledger, "fill", "charged").volume_ul == pytest.approx(1000.0)

    def test_make_up_to_less_than_there_is(self) -> None:
        steps = (add("one", "diazepane"), self.make_up(1.0))
        given = (charge("one", "diazepane", 200.0),)
        _, findings = account(charges(steps, given), house())
        assert codes(findings) == ["C-MAKE-UP"]
        assert "100 µL" in findings[0].message

    def test_waste_is_shared_by_reactions(self) -> None:
        steps = (add("w", "water"), extract("x", "DCM", into=None, verb="wash", keep="aqueous"))
        given = tuple(
            charge(step, material, 500.0, reaction=reaction)
            for step, material in (("w", "water"), ("x", "DCM"))
            for reaction in ("r1", "r2")
        )
        ledger, _ = account(charges(steps, given, reactions=2), house())
        one = ledger.draws[0].volume_ul
        assert ledger.highest_ul["waste.organic"] == pytest.approx(2 * one)

    def test_a_shared_vessel_takes_from_all_and_is_told_once(self) -> None:
        steps = (add("mix", "DCE"),)
        given = tuple(charge("mix", "DCE", 700.0, reaction=f"r{i}") for i in (1, 2, 3, 4))
        vessels = {"reactor": replace(vessel("reactor"), shared=True)}
        ledger, findings = account(charges(steps, given, vessels=vessels, reactions=4), house())
        assert ledger.highest_ul["reactor"] == pytest.approx(2800.0)
        assert [(f.code, f.row) for f in findings] == [("P-CAP-1", 3)]


class TestConditions:
    def test_temperature_reverts_and_cap_closes(self) -> None:
        steps = (
            add("one", "DCE", at=celsius(4.0)),
            stir("long", 12.0),
            add("two", "DCE"),
        )
        given = (charge("one", "DCE", 100.0), charge("two", "DCE", 100.0))
        vessels = {"reactor": vessel("reactor", cap="vented")}
        ledger, _ = account(charges(steps, given, vessels=vessels), house())
        assert moment(ledger, "one", "charged").temperature_c == 4.0
        assert moment(ledger, "two", "charged").temperature_c == 22.5
        assert not moment(ledger, "two", "charged").closed

    def test_robot_cannot_open_a_seal(self) -> None:
        seal = Closure(id="s", verb="seal", spans=SPANS, vessel="reactor")
        open_ = Closure(id="u", verb="unseal", spans=SPANS, vessel="reactor")
        given = (charge("one", "DCE", 100.0),)
        _, findings = account(charges((seal, add("one", "DCE")), given), house())
        assert codes(findings) == ["P-SEALED"]
        _, findings = account(charges((seal, open_, add("one", "DCE")), given), house())
        assert findings == ()

    def test_open_range_takes_what_the_module_reaches(self) -> None:
        from compiler.chemistry.temperature import planned_c
        from compiler.target.modules import Module

        cold = Module(
            model="temperatureModuleV2",
            display_name="",
            min_c=4.0,
            max_c=95.0,
            tolerance_c=1.0,
            cools=True,
            min_rpm=None,
            max_rpm=None,
            slots={},
            occupies={},
        )
        span = Quantity(Dimension.TEMPERATURE, -4.0, 4.0, None, Origin.OPEN, "0 ± 4 °C", SPAN)
        assert planned_c(span, (cold,)) == 4.0
        assert planned_c(span) == 0.0


def test_draw_is_ordered_and_same_every_time() -> None:
    one, _ = account(reductive_amination(), house())
    two, _ = account(reductive_amination(), house())
    assert repr(one) == repr(two)
    assert [type(d) for d in one.draws] == [Draw, Draw]


def test_reactor_that_is_overfull_has_no_heights() -> None:
    small = house(reactor=housing("reactor", vial(depth_mm=5.0)))
    steps = (add("one", "DCE"),)
    ledger, findings = account(charges(steps, (charge("one", "DCE", 900.0),)), small)
    assert codes(findings) == ["P-CAP-1"]
    assert ledger.snapshots[0].phases[0].top_mm is None
