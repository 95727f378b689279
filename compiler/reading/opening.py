"""A file opened as a document: its tree, its kind and its version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding
from compiler.reading.nodes import Fields, Scalar, describe, quote
from compiler.reading.source import Source, read_source
from compiler.reading.tree import parse_tree
from compiler.reading.wording import best_match, choices

KINDS = ("procedure", "block", "sequence", "bench", "library")
VERSION = "1"


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as a mapping, or None with the reason among the findings. `kind` may be unknown."""

    path: Path
    source: Source | None
    root: Fields | None
    kind: str | None
    findings: tuple[Finding, ...]


def open_document(path: Path) -> Opened:
    """Reads and parses a file, and looks at `kind` and `version`."""
    source = read_source(path)
    if isinstance(source, Finding):
        return Opened(path, None, None, None, (source,))
    root, findings = parse_tree(source.text, source.file)
    if root is None:
        return Opened(path, source, None, None, findings)
    if not isinstance(root, Fields):
        message = f"A document is a mapping with `kind:` at the top; this is {describe(root)}."
        wrong = s.TYPE.at(root.span, message, help="Start with `kind: procedure`, `version: 1`.")
        return Opened(path, source, None, None, (*findings, wrong))
    kind, of_kind = _kind(root)
    version, of_version = _version(root)
    every = (*findings, *of_kind, *of_version)
    return Opened(path, source, root if version else None, kind, every)


def _kind(root: Fields) -> tuple[str | None, tuple[Finding, ...]]:
    node = root.get("kind")
    if isinstance(node, Scalar) and node.text in KINDS:
        return node.text, ()
    if node is None:
        message = "The document does not say what it is: `kind:` is missing."
        help_ = f"Write `kind:` with one of {choices(KINDS)} at the top."
    else:
        message = f"{describe(node)} is no kind of document."
        close = best_match(node.text, KINDS) if isinstance(node, Scalar) else None
        help_ = f"Did you mean {quote(close)}?" if close else f"Kinds: {choices(KINDS)}."
    return None, (s.KIND.at((node or root).span, message, help=help_),)


def _version(root: Fields) -> tuple[bool, tuple[Finding, ...]]:
    """Whether the document can be read on; a missing version is taken for the present one."""
    node = root.get("version")
    if isinstance(node, Scalar) and node.text in (VERSION, f"{VERSION}.0"):
        return True, ()
    help_ = f"Write `version: {VERSION}`."
    if node is None:
        message = "The document does not say its version: `version:` is missing."
        return True, (s.VERSION.at(root.span, message, help=help_),)
    message = f"Version {describe(node)} is not read; this is the compiler for version {VERSION}."
    return False, (s.VERSION.at(node.span, message, help=help_),)


def wrong_kind(opened: Opened, wanted: str) -> Finding | None:
    """S-KIND where the document says that it is of another kind than `wanted`."""
    if opened.root is None or opened.kind in (None, wanted):
        return None
    node = opened.root["kind"]
    message = f"{opened.path} is a {opened.kind}; a {wanted} is wanted here."
    return s.KIND.at(node.span, message, help=f"Name the file of a {wanted}.")


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in the order of the file; those of other files after them; each once."""

    def place(finding: Finding) -> tuple[object, ...]:
        span = finding.span
        return (span.line, span.column, finding.code) if span else (0, 0, finding.code)

    unique = list(dict.fromkeys(findings))
    files = list(dict.fromkeys(f.span.file for f in unique if f.span))
    order = {file: number for number, file in enumerate(files)}
    return tuple(sorted(unique, key=lambda f: (order[f.span.file] if f.span else -1, *place(f))))
