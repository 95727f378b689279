"""SARIF 2.1.0: what the standard requires of a log, and that our places survive."""

import json
from typing import Any

from compiler.diagnostics.acknowledge import apply_acknowledgements
from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.codes import units as u
from compiler.diagnostics.finding import Finding, Related, Span
from compiler.diagnostics.json_output import dumps
from compiler.diagnostics.sarif import sarif_object
from compiler.stages.documents import Acknowledgement

PLACE = Span("protocols/µ p.yaml", 3, 5, 3, 9)


def log(*findings: Finding) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(dumps(sarif_object(findings)))
    return made


def test_a_log_has_what_the_standard_requires() -> None:
    made = log(u.VALUE.at(PLACE, "m"))
    assert made["version"] == "2.1.0"
    assert made["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = made["runs"]
    assert run["tool"]["driver"]["name"] == "workup"
    assert run["columnKind"] == "unicodeCodePoints"
    for result in run["results"]:
        assert result["message"]["text"]
        assert result["level"] in ("error", "warning", "note")
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_an_empty_run_is_a_log_with_no_results() -> None:
    (run,) = log()["runs"]
    assert run["results"] == []
    assert run["tool"]["driver"]["rules"] == []


def test_regions_and_addresses() -> None:
    related = Related(Span("/abs/q.yaml", 1, 1, 1, 2), "there")
    (run,) = log(u.VALUE.at(PLACE, "m", help="h", step="quench", related=(related,)))["runs"]
    (result,) = run["results"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "protocols/%C2%B5%20p.yaml"
    assert physical["region"] == {
        "startLine": 3,
        "startColumn": 5,
        "endLine": 3,
        "endColumn": 9,
    }
    assert result["message"]["text"] == "m\nHelp: h"
    assert result["properties"] == {"step": "quench"}
    other = result["relatedLocations"][0]
    assert other["physicalLocation"]["artifactLocation"]["uri"] == "file:///abs/q.yaml"
    assert other["message"]["text"] == "there"


def test_a_colon_in_a_file_s_name_is_no_scheme() -> None:
    (run,) = log(u.VALUE.at(Span("a:b.yaml"), "m"))["runs"]
    location = run["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "a%3Ab.yaml"


def test_a_rule_has_the_help_of_its_page() -> None:
    (run,) = log(s.WRITE.at(None, "m"))["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["id"] == "S-WRITE"
    assert rule["shortDescription"]["text"] == "A result cannot be written."
    assert rule["help"]["text"].startswith("Name another folder")
    assert rule["help"]["markdown"].startswith("# S-WRITE: ")
    assert "locations" not in run["results"][0]


def test_acknowledged_findings_are_suppressed_with_their_reason() -> None:
    finding = s.HOLE.at(PLACE, "m", step="quench")
    accepted = Acknowledgement("S-HOLE", None, "known", Span("p.yaml", 9, 1, 9, 2))
    standing, acknowledged = apply_acknowledgements([finding], [accepted])
    (run,) = sarif_object(standing, acknowledged)["runs"]  # type: ignore[misc] - JSON
    (result,) = run["results"]
    assert result["suppressions"] == [{"kind": "inSource", "justification": "known"}]
