"""What reading a file gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from compiler.diagnostics.finding import Finding

T = TypeVar("T", covariant=True)


# No slots: with them `Read[X](…)` raises TypeError on Python 3.11.
@dataclass(frozen=True)
class Read(Generic[T]):
    """A document and the findings of reading it, in the order of the file.

    `document` is None where the file could not be read as this kind of document at all. With
    findings of severity error it holds what could be read.
    """

    document: T | None
    findings: tuple[Finding, ...]
