"""Any document by its `kind:`."""

from __future__ import annotations

from pathlib import Path

from compiler.diagnostics.codes import structure as s
from compiler.reading.bench import bench_of
from compiler.reading.opening import in_order, open_document
from compiler.reading.procedure import procedure_of
from compiler.reading.result import Read
from compiler.reading.sequence import sequence_of
from compiler.stages.documents import Bench, Procedure, Sequence


def read_document(path: Path) -> Read[Procedure] | Read[Sequence] | Read[Bench]:
    """Reads a procedure, a sequence or a bench, whichever the file says it is.

    A document of a kind that is not read by itself gets S-KIND. Raises nothing.
    """
    opened = open_document(path)
    if opened.kind == "bench":
        return bench_of(opened)
    if opened.kind == "procedure":
        return procedure_of(opened)
    if opened.kind == "sequence":
        return sequence_of(opened)
    findings = list(opened.findings)
    if opened.kind is not None and opened.root is not None:
        message = f"{path} is a {opened.kind}, which is not read by itself."
        help_ = "Name a procedure, a sequence or a bench."
        if opened.kind == "block":
            help_ = "Name the procedure that includes it."
        findings.append(s.KIND.at(opened.root["kind"].span, message, help=help_))
    return Read[Procedure](None, in_order(findings))


def read_runnable(path: Path) -> Read[Procedure] | Read[Sequence]:
    """Reads what can be compiled: a sequence where the file says so, else a procedure."""
    opened = open_document(path)
    return sequence_of(opened) if opened.kind == "sequence" else procedure_of(opened)
