"""Findings as SARIF 2.1.0, for code hosts and editors that show them beside the line.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0, 2020.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from urllib.parse import quote

from compiler.diagnostics import pages
from compiler.diagnostics.acknowledge import Acknowledged
from compiler.diagnostics.codes import BY_ID
from compiler.diagnostics.finding import Code, Finding, Related, Span
from compiler.version import __version__

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def sarif_object(
    findings: Sequence[Finding],
    acknowledged: Sequence[Acknowledged] = (),
    rules: Iterable[Code] = (),
) -> dict[str, object]:
    """A SARIF log of one run, findings in the order given.

    `acknowledged` findings follow as suppressed results with their reasons. `rules` are codes to
    describe beside those that the findings have. Our columns count Unicode code points from 1
    with an exclusive end, which is what `columnKind` declares.
    """
    every = [*findings, *(each.finding for each in acknowledged)]
    codes = sorted({finding.code for finding in every} | {rule.id for rule in rules})
    index = {code: number for number, code in enumerate(codes)}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "workup",
                        "semanticVersion": __version__,
                        "rules": [_rule(code) for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    *(_result(finding, index[finding.code]) for finding in findings),
                    *(_suppressed(each, index[each.finding.code]) for each in acknowledged),
                ],
            }
        ],
    }


def _rule(id_: str) -> dict[str, object]:
    code = BY_ID.get(id_)
    if code is None:
        return {"id": id_}
    rule: dict[str, object] = {
        "id": code.id,
        "shortDescription": {"text": f"{code.summary}."},
        "defaultConfiguration": {"level": code.severity.value},
    }
    page = pages.page(code)
    if page is not None:
        advice = pages.section(page, "What to write instead")
        rule["fullDescription"] = {"text": pages.section(page, "What it does") or code.summary}
        rule["help"] = {"text": advice or code.summary, "markdown": page}
    return rule


def _result(finding: Finding, rule: int) -> dict[str, object]:
    text = finding.message + (f"\nHelp: {finding.help}" if finding.help else "")
    result: dict[str, object] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity.value,
        "message": {"text": text},
    }
    if finding.span is not None:
        result["locations"] = [{"physicalLocation": _physical(finding.span)}]
    if finding.related:
        result["relatedLocations"] = [
            _related(number, related) for number, related in enumerate(finding.related, start=1)
        ]
    properties = {"step": finding.step, "row": finding.row}
    known = {key: value for key, value in properties.items() if value is not None}
    if known:
        result["properties"] = known
    return result


def _suppressed(acknowledged: Acknowledged, rule: int) -> dict[str, object]:
    reason = {"kind": "inSource", "justification": acknowledged.reason}
    return {**_result(acknowledged.finding, rule), "suppressions": [reason]}


def _related(number: int, related: Related) -> dict[str, object]:
    return {
        "id": number,
        "physicalLocation": _physical(related.span),
        "message": {"text": related.message},
    }


def _physical(span: Span) -> dict[str, object]:
    return {
        "artifactLocation": {"uri": _uri(span.file)},
        "region": {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        },
    }


def _uri(file: str) -> str:
    """A relative reference for a relative path, a `file:` URI for an absolute one."""
    path = PurePath(file)
    quoted = quote(path.as_posix().encode("utf-8", "surrogateescape"))
    if path.is_absolute():
        return "file://" + (quoted if quoted.startswith("/") else f"/{quoted}")
    # A first segment with a colon would read as a scheme; quote() has escaped it already.
    return quoted
