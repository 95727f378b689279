"""Pairs where the numbers decide: excess of acid, latent acid, order, pace, consumption, waste."""

import subprocess
import sys
from pathlib import Path

import pytest

from compiler.diagnostics.finding import Finding, Severity
from compiler.pipeline import check_files

E, W = Severity.ERROR, Severity.WARNING
MATERIALS = {
    "boc": '{is: "1-Boc-1,4-diazepane", supplied: {solution: 0.5 M, in: MeCN}, basis: true}',
    "diamine": '{is: "1,4-diazepane", supplied: {solution: 1 M, in: MeOH}}',
    "cyano": "{is: NaBH3CN, supplied: solid}",
    "stab": "{is: NaBH(OAc)3, supplied: solid}",
    "borohydride": "{is: NaBH4, supplied: solid}",
    "hcl": "{is: HCl, supplied: {aqueous: 1 M}}",
    "naoh": "{is: NaOH, supplied: {aqueous: 1 M}}",
    "bicarb": "{is: NaHCO3, supplied: {saturated in: water}}",
    "silyl": "{is: TMSCl, supplied: {solution: 1 M, in: MeCN}}",
    "acetyl": "{name: acetyl chloride, smiles: CC(=O)Cl, supplied: {solution: 1 M, in: MeCN}}",
    "edc": '{is: "EDC·HCl", supplied: solid}',
    "base": "{is: DIPEA, supplied: neat}",
    "ald": "{is: benzaldehyde, supplied: neat}",
    "boc2o": "{is: Boc2O, supplied: {solution: 1 M, in: MeCN}}",
    "bnbr": "{is: BnBr, supplied: {solution: 1 M, in: MeCN}}",
    "chcl3": "{is: CHCl3, supplied: neat}",
}


def findings(tmp_path: Path, *steps: str, top: str = "", vessel: str = "") -> list[Finding]:
    lines = [f"  - {step}" if ":" in step else f"  - {_add(step)}" for step in steps]
    used = "\n".join(f"  {key}: {text}" for key, text in MATERIALS.items())
    path = tmp_path / "procedure.yaml"
    path.write_text(
        f"kind: procedure\nversion: 1\ntitle: t\nscale: 0.1 mmol\n{top}materials:\n{used}\n"
        f"vessels:\n  reactor: {{size: 50 mL{vessel}}}\n  out: {{size: 50 mL}}\nsteps:\n"
        + "\n".join(lines)
        + "\n",
        encoding="utf-8",
    )
    return list(check_files([path]).findings)


def _add(step: str) -> str:
    """`boc 1 equiv` or `hcl 2 equiv slowly` as an `add`."""
    material, number, unit, *slowly = step.split()
    drops = ", dropwise: {over: 30 min}" if slowly else ""
    return f"add: {{material: {material}, to: reactor, amount: {number} {unit}{drops}}}"


def told(found: list[Finding], code: str) -> list[tuple[Severity, str | None]]:
    return [(f.severity, f.step) for f in found if f.code == code]


def test_hcn_needs_acid_beyond_the_base(tmp_path: Path) -> None:
    # 0.1 mmol of one basic N; 0.1 mmol HCl is taken up, 0.11 mmol is not
    assert not told(findings(tmp_path, "boc 1 equiv", "cyano 2 equiv", "hcl 1 equiv"), "H-HCN-1")
    found = findings(tmp_path, "boc 1 equiv", "cyano 2 equiv", "hcl 1.1 equiv")
    assert told(found, "H-HCN-1") == [(E, "add-3")]
    message = next(f.message for f in found if f.code == "H-HCN-1")
    assert "0.010 mmol strong acid" in message
    assert "0.010 mmol HCN (0.24 mL gas)" in message


def test_a_hydrochloride_carries_its_own_base(tmp_path: Path) -> None:
    assert not told(findings(tmp_path, "boc 1 equiv", "cyano 2 equiv", "edc 2 equiv"), "H-HCN-1")


def test_hcn_from_acid_that_forms_in_situ(tmp_path: Path) -> None:
    found = findings(tmp_path, "MeOH 1 mL", "cyano 1 equiv", "acetyl 1 equiv")
    assert told(found, "H-HCN-1") == [(E, "add-3")]


def test_the_last_partner_bears_it_and_the_others_are_related(tmp_path: Path) -> None:
    found = findings(tmp_path, "hcl 2 equiv", "cyano 1 equiv")
    mine = next(f for f in found if f.code == "H-HCN-1")
    assert mine.step == "add-2"
    assert mine.span is not None
    assert [(r.span.line, r.message) for r in mine.related] == [
        (mine.span.line - 1, "HCl comes in here")
    ]


def test_amine_first_then_silyl_chloride(tmp_path: Path) -> None:
    trapped = findings(tmp_path, "diamine 1 equiv", "silyl 1 equiv")
    assert told(trapped, "H-HCL-1") == [(W, "add-2")]
    free = findings(tmp_path, "MeOH 1 mL", "silyl 1 equiv", "diamine 1 equiv")
    assert told(free, "H-HCL-1") == [(E, "add-2")]
    message = next(f.message for f in free if f.code == "H-HCL-1")
    assert "2.45 mL HCl gas" in message  # 0.100 mmol x 24.4654 mL/mmol


def test_an_acid_chloride_that_an_amine_has_consumed(tmp_path: Path) -> None:
    steps = ("boc 1 equiv", "base 2 equiv", "acetyl 1 equiv", "stir: {vessel: reactor, for: 1 h}")
    assert not told(findings(tmp_path, *steps, "bicarb 10 equiv"), "H-HCL-1")
    steps = (*steps[:2], "acetyl 3 equiv", steps[3])
    assert told(findings(tmp_path, *steps, "bicarb 10 equiv"), "H-HCL-1") == [(W, "add-5")]


def test_acid_on_borohydride_by_its_pace(tmp_path: Path) -> None:
    assert told(findings(tmp_path, "borohydride 1 equiv", "hcl 2 equiv"), "H-H2-2") == [
        (E, "add-2")
    ]
    slow = findings(tmp_path, "borohydride 1 equiv", "hcl 2 equiv slowly")
    assert told(slow, "H-H2-2") == [(W, "add-2")]


def test_triacetoxyborohydride_that_water_has_quenched(tmp_path: Path) -> None:
    wait = "wait: {for: 10 min}"
    found = findings(tmp_path, "stab 1 equiv", "water 1 mL", wait, "hcl 10 equiv")
    assert not told(found, "H-H2-2")
    assert told(findings(tmp_path, "stab 1 equiv", "hcl 10 equiv"), "H-H2-2")


def test_an_alcohol_after_the_hydride_is_a_quench(tmp_path: Path) -> None:
    assert told(findings(tmp_path, "MeOH 1 mL", "stab 1 equiv"), "H-STAB-MEOH")
    assert not told(findings(tmp_path, "stab 1 equiv", "MeOH 1 mL"), "H-STAB-MEOH")


def test_base_on_chloroform_gets_worse(tmp_path: Path) -> None:
    short = findings(tmp_path, "naoh 5 equiv", "chcl3 1 mL", "wait: {for: 20 min}")
    assert [s for s, _ in told(short, "H-CHX-BASE")] == [Severity.NOTE]
    long = findings(tmp_path, "naoh 5 equiv", "chcl3 1 mL", "wait: {for: 40 min}")
    assert [s for s, _ in told(long, "H-CHX-BASE")] == [W]
    acetone = findings(tmp_path, "naoh 5 equiv", "chcl3 1 mL", "acetone 1 mL")
    assert [s for s, _ in told(acetone, "H-CHX-BASE")] == [Severity.NOTE, W]


def test_one_equivalent_of_acid_sets_equal_sites_apart(tmp_path: Path) -> None:
    assert told(findings(tmp_path, "diamine 1 equiv", "boc2o 1 equiv"), "C-SYM-1")
    bound = findings(tmp_path, "diamine 1 equiv", "silyl 1 equiv", "boc2o 1 equiv")
    assert not told(bound, "C-SYM-1")
    assert not told(findings(tmp_path, "diamine 5 equiv", "boc2o 1 equiv"), "C-SYM-1")


def test_sites_after_a_first_electrophile_are_not_equal(tmp_path: Path) -> None:
    check = "monitor: {vessel: reactor, by: LC-MS, until: diamine < 5 %, between: 1–2 h}"
    found = findings(tmp_path, "diamine 1 equiv", "boc2o 1 equiv", check, "bnbr 1 equiv")
    assert told(found, "C-SYM-1") == [(W, "add-2")]
    assert not told(found, "C-ALK-1")


def test_a_work_up_is_no_reaction(tmp_path: Path) -> None:
    found = findings(
        tmp_path,
        "diamine 1 equiv",
        "silyl 1 equiv",
        "boc2o 1 equiv",
        "water 2 mL",
        "naoh 10 equiv",
        "extract: {vessel: reactor, with: DCM, volume: 2 mL, times: 2, keep: organic, into: out}",
    )
    assert not told(found, "C-SYM-1")


def test_aldehyde_last_into_amine_and_hydride_is_a_known_order(tmp_path: Path) -> None:
    assert not told(findings(tmp_path, "boc 1 equiv", "stab 1.5 equiv", "ald 1 equiv"), "C-ORDER-1")
    wrong = findings(tmp_path, "ald 1 equiv", "stab 1.5 equiv", "boc 1 equiv")
    assert told(wrong, "C-ORDER-1") == [(E, "add-3")]


@pytest.mark.parametrize(("hours", "severity"), [(1, Severity.NOTE), (12, W)])
def test_how_much_of_an_amine_dcm_takes(tmp_path: Path, hours: int, severity: Severity) -> None:
    stir = f"stir: {{vessel: reactor, for: {hours} h}}"
    found = findings(tmp_path, "diamine 1 equiv", "DCM 2 mL", stir, vessel=", cap: vented")
    assert told(found, "H-DCM-NH") == [(severity, "add-2")]
    if hours == 12:  # 1 - 2^(-12/15)
        assert "up to 43 %" in next(f.message for f in found if f.code == "H-DCM-NH")


def test_a_catalogue_procedure_needs_no_rdkit(tmp_path: Path) -> None:
    findings(tmp_path, "boc 1 equiv", "water 1 mL")
    text = (tmp_path / "procedure.yaml").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if "smiles" not in line]
    path = tmp_path / "procedure.yaml"
    path.write_text("\n".join(kept), encoding="utf-8")
    code = (
        "import sys; from pathlib import Path; from compiler.pipeline import check_files; "
        f"check_files([Path({str(path)!r})]); sys.exit('rdkit' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_catalyst_in_methanol_is_the_operators_note(tmp_path: Path) -> None:
    step = "hydrogenate: {vessel: reactor, catalyst: 10 mol% Pd/C, for: 12 h}"
    assert told(findings(tmp_path, "MeOH 1 mL", step), "H-PD-ALC") == [
        (Severity.NOTE, "hydrogenate-2")
    ]
    assert not told(findings(tmp_path, "water 1 mL", step), "H-PD-ALC")
