"""What a run is made of: the documents and settings that a command names."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from compiler.pipeline import Compiled, compile_procedure


@dataclass(frozen=True, slots=True)
class Inputs:
    """A procedure, a sequence or a library and its bench, as `compile_procedure` takes them."""

    procedure: Path
    bench: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    library: Path | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """The files that are named; those that they name are not among them."""
        table = () if self.library is None else (str(self.library),)
        return (str(self.procedure), *table, str(self.bench))

    def compiled(self) -> Compiled:
        """The run as the files are now."""
        return compile_procedure(self.procedure, self.bench, self.settings, self.library)

    def command(self, against: Path | None = None) -> str:
        """The command that makes its report again."""
        words = ["workup", "review", str(self.procedure)]
        if self.library is not None:
            words += ["--library", str(self.library)]
        words += ["--bench", str(self.bench)]
        for name, value in self.settings.items():
            words += ["--set", f"{name}={value}"]
        if against is not None:
            words += ["--against", str(against)]
        return shlex.join(words)
