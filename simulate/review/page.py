"""The page: everything about a run in one HTML file that needs nothing else.

`draw` takes what `compile_procedure` gives; `put_together` makes the page of it and of what the
simulation said, so that both can be at work at a time. Where there is an error there is no plan;
the page then has the findings and the source.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from compiler.diagnostics.finding import Finding, Severity
from compiler.pipeline import Compiled
from compiler.version import __version__
from simulate.review.prose import read_sources
from simulate.review.stages import StageView, procedure_of, programs_of, stages_of

if TYPE_CHECKING:
    from jinja2 import Environment

    from simulate.review.compare import Changes


@dataclass(frozen=True, slots=True)
class Verification:
    """What the simulation said: `verified` None where it has not run (yet)."""

    verified: bool | None
    findings: tuple[Finding, ...] = ()
    simulator: str | None = None
    commands: int | None = None


NOT_SIMULATED = Verification(None)
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The page's first words: `state` is "good", "warned", "bad" or "open"."""

    state: str
    title: str
    detail: str
    errors: int
    warnings: int
    notes: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """All of a page that does not wait for the simulation: its stages, and what else is known."""

    compiled: Compiled
    context: Mapping[str, Any]
    stages: tuple[tuple[StageView, Markup], ...]


def draw(compiled: Compiled) -> Drawing:
    """Draws the stages of a run. Nearly all the time that a page takes is spent here."""
    environment = _environment()
    sources = read_sources(_files(compiled))
    context: dict[str, Any] = {
        "title": compiled.name,
        "acknowledged": compiled.acknowledged,
        "version": __version__,
        "inputs": compiled.files,
        "sources": sources,
        "marked": _marked(compiled.findings),
        "json_of": json_of,
        "procedures": [],
        "sources_named": [],
    }
    if compiled.plan is None:
        return Drawing(compiled, context, ())
    from simulate.review.sections import sections, source_lines, whole

    views = stages_of(compiled)
    context |= whole(compiled.plan)
    context["procedures"] = [procedure_of(view.program) for view in views]
    context["sources_named"] = source_lines(context["procedures"])
    context["title"] = title_of(compiled)
    context["script_hashes"] = {
        file: hashlib.sha256(text.encode()).hexdigest() for file, text in compiled.scripts
    }
    template = environment.get_template("stage.html.j2")
    stages = tuple(
        (view, Markup(template.render(**{**context, **sections(view, sources)}))) for view in views
    )
    return Drawing(compiled, context, stages)


def review_html(
    compiled: Compiled,
    verification: Verification = NOT_SIMULATED,
    *,
    command: str = "",
    changes: Changes | None = None,
    live: bool = False,
) -> str:
    """The whole page, drawn and put together. The same input gives the same text."""
    return put_together(draw(compiled), verification, command=command, changes=changes, live=live)


def put_together(
    drawing: Drawing,
    verification: Verification = NOT_SIMULATED,
    *,
    command: str = "",
    changes: Changes | None = None,
    live: bool = False,
) -> str:
    """The page around a drawing. `command` reproduces it; `live` adds what follows a server."""
    compiled = drawing.compiled
    scripts = [_asset("review.js"), *([_asset("live.js")] if live else [])]
    text: str = (
        _environment()
        .get_template("page.html.j2")
        .render(
            **drawing.context,
            stages=drawing.stages,
            verdict=verdict(compiled, verification),
            findings=sorted(
                (*compiled.findings, *verification.findings), key=lambda f: _ORDER[f.severity]
            ),
            verification=verification,
            changes=changes,
            command=command,
            live=live,
            style=Markup(_asset("review.css")),
            scripts=[Markup(script) for script in scripts],
            policy=_policy(scripts, live=live),
        )
    )
    return text


def title_of(compiled: Compiled) -> str:
    """What a run is called: by its library, else its procedure; a sequence by its name."""
    recipes = [view.program.layout.operations.ledger.charges.recipe for view in stages_of(compiled)]
    libraries = [recipe.library for recipe in recipes if recipe.library is not None]
    if libraries and libraries[0].title:
        return libraries[0].title
    is_one = len(recipes) == 1 or len(libraries) == len(recipes) > 0
    return recipes[0].procedure.title if is_one else compiled.name


def verdict(compiled: Compiled, verification: Verification) -> Verdict:
    """Whether the run may be done, in a few words."""
    findings = (*compiled.findings, *verification.findings)
    errors, warnings, notes = (
        sum(finding.severity is severity for finding in findings)
        for severity in (Severity.ERROR, Severity.WARNING, Severity.NOTE)
    )
    counts = (errors, warnings, notes)
    if compiled.plan is None or errors:
        what = "Do not run" if compiled.plan is not None else "Nothing to run yet"
        detail = (
            "The simulated run does not do what the plan says."
            if compiled.plan
            else ("There are errors in the procedure; no script was written.")
        )
        return Verdict("bad", what, detail, *counts)
    if verification.verified is None:
        return Verdict(
            "open", "Compiled, not verified", "The scripts have not been simulated.", *counts
        )
    detail = (
        "The scripts ran in the robot maker's simulator; every charge, draw and hold was replayed "
        "and is as the plan says."
    )
    if warnings:
        return Verdict("warned", "Verified, with warnings", detail, *counts)
    return Verdict("good", "Verified", detail, *counts)


def json_of(value: object) -> Markup:
    """JSON for a data block: no character of it can end the block or start a tag."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _files(compiled: Compiled) -> list[str]:
    """The documents behind the page: those given, and those that steps or findings stand in."""
    named = [*compiled.files, *(f.span.file for f in compiled.findings if f.span is not None)]
    for program in programs_of(compiled):
        named += [step.spans.whole.file for step in procedure_of(program).steps]
    return list(dict.fromkeys(name for name in named if not name.endswith(".py")))


def _marked(findings: Sequence[Finding]) -> Mapping[tuple[str, int], str]:
    """The severity at each line of a file that a finding points at; the worst wins."""
    found: dict[tuple[str, int], str] = {}
    for finding in sorted(findings, key=lambda f: -_ORDER[f.severity]):
        if finding.span is not None:
            found[finding.span.file, finding.span.line] = finding.severity.value
    return found


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("simulate.review", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _asset(name: str) -> str:
    return (files("simulate.review") / "templates" / name).read_text(encoding="utf-8")


def _policy(scripts: Sequence[str], *, live: bool) -> str:
    """The content security policy: only these scripts, no connection but to a live server."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'"
        for s in scripts
    )
    connect = "'self'" if live else "'none'"
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        f"connect-src {connect}; base-uri 'none'; form-action 'none'"
    )
