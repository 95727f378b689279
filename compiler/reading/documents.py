"""Any document by its `kind:`."""

from __future__ import annotations

from pathlib import Path

from compiler.diagnostics.codes import structure as s
from compiler.reading.bench import bench_of
from compiler.reading.library import read_library
from compiler.reading.opening import in_order, open_document
from compiler.reading.procedure import procedure_of
from compiler.reading.result import Read
from compiler.reading.sequence import sequence_of
from compiler.stages.documents import Bench, Procedure, Sequence
from compiler.stages.library import Library


def read_document(
    path: Path,
) -> Read[Procedure] | Read[Sequence] | Read[Bench] | Read[Library]:
    """Reads a procedure, a sequence, a library or a bench, whichever the file says it is.

    A document of a kind that is not read by itself gets S-KIND. Raises nothing.
    """
    if is_table(path):
        return read_library(path)
    opened = open_document(path)
    if opened.kind == "library":
        return read_library(path)
    if opened.kind == "bench":
        return bench_of(opened)
    if opened.kind == "procedure":
        return procedure_of(opened)
    if opened.kind == "sequence":
        return sequence_of(opened)
    findings = list(opened.findings)
    if opened.kind is not None and opened.root is not None:
        message = f"{path} is a {opened.kind}, which is not read by itself."
        help_ = "Name a procedure, a sequence, a library or a bench."
        if opened.kind == "block":
            help_ = "Name the procedure that includes it."
        findings.append(s.KIND.at(opened.root["kind"].span, message, help=help_))
    return Read[Procedure](None, in_order(findings))


def is_table(path: Path) -> bool:
    """Whether a file is the table of a library, by its name."""
    return path.suffix.lower() in (".csv", ".tsv")


def read_runnable(path: Path) -> Read[Procedure] | Read[Sequence] | Read[Library]:
    """Reads what can be compiled: a sequence or a library by its kind, else a procedure."""
    if is_table(path):
        return read_library(path)
    opened = open_document(path)
    if opened.kind == "library":
        return read_library(path)
    return sequence_of(opened) if opened.kind == "sequence" else procedure_of(opened)
