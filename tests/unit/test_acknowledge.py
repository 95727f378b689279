"""Rule 6 of the language: findings can be acknowledged, not hidden."""

from dataclasses import replace

import pytest

from compiler.diagnostics.acknowledge import apply_acknowledgements
from compiler.diagnostics.codes import ALL
from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Severity, Span
from compiler.stages.documents import Acknowledgement

HERE = Span("p.yaml", 30, 5, 30, 40)


def ack(code: str, step: str | None = None) -> Acknowledgement:
    return Acknowledgement(code, step, "in the hood", HERE)


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


def test_a_warning_is_moved_with_its_reason() -> None:
    warning = p.VAP_1.at(None, "m", step="stir")
    standing, accepted = apply_acknowledgements([warning], [ack("P-VAP-1")])
    assert standing == ()
    assert [(each.finding, each.reason) for each in accepted] == [(warning, "in the hood")]


def test_a_step_narrows_it() -> None:
    findings = [p.VAP_1.at(None, "m", step="stir"), p.VAP_1.at(None, "m", step="wait")]
    standing, accepted = apply_acknowledgements(findings, [ack("P-VAP-1", "stir")])
    assert [finding.step for finding in standing] == ["wait"]
    assert len(accepted) == 1


def test_an_error_that_may_not_be_is_refused_and_stands() -> None:
    error = p.CAP_1.at(Span("p.yaml", 4, 1, 4, 2), "m", step="quench")
    standing, accepted = apply_acknowledgements([error], [ack("P-CAP-1")])
    assert accepted == ()
    assert codes(standing) == ["P-CAP-1", "S-ACK-REFUSED"]
    assert standing[1].span == HERE
    assert standing[1].related[0].span == error.span


def test_several_errors_make_one_refusal() -> None:
    errors = [p.CAP_1.at(None, "m", step=step) for step in ("a", "b")]
    standing, _ = apply_acknowledgements(errors, [ack("P-CAP-1")])
    assert codes(standing) == ["P-CAP-1", "P-CAP-1", "S-ACK-REFUSED"]


def test_an_error_of_judgement_may_be() -> None:
    error = replace(c.DIL_1.at(None, "m"), severity=Severity.ERROR)
    standing, accepted = apply_acknowledgements([error], [ack("C-DIL-1")])
    assert standing == ()
    assert len(accepted) == 1


@pytest.mark.parametrize("code", ["P-VAP-1", "P-VAP", "H-NONSENSE"])
def test_one_that_matches_nothing_is_a_warning(code: str) -> None:
    standing, _ = apply_acknowledgements([], [ack(code)])
    assert codes(standing) == ["S-ACK-UNUSED"]
    assert standing[0].severity is Severity.WARNING


def test_a_slip_in_the_code_is_guessed_at() -> None:
    standing, _ = apply_acknowledgements([], [ack("P-VAP1")])
    assert standing[0].help == "did you mean P-VAP-1?"


def test_nothing_is_called_unused_where_passes_did_not_run() -> None:
    assert apply_acknowledgements([], [ack("P-VAP-1")], complete=False) == ((), ())


def test_only_hazards_and_chemistry_have_errors_that_may_be_acknowledged() -> None:
    wrong = [code.id for code in ALL if code.acknowledgeable and code.id[0] not in "HC"]
    assert wrong == []


def test_a_code_matches_exactly() -> None:
    standing, accepted = apply_acknowledgements([s.HOLE.at(None, "m")], [ack("s-hole")])
    assert codes(standing) == ["S-HOLE", "S-ACK-UNUSED"]
    assert accepted == ()
