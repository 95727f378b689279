"""The user's own catalogue: a file of substances that comes before the one that ships.

It is JSON or YAML of `schemas/catalogue.schema.json`, and stands where `WORKUP_CATALOGUE` says,
else as `substances.json` in the user's configuration folder. An empty `WORKUP_CATALOGUE` means
that there is none.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from compiler.chemistry.classes import classes_of
from compiler.chemistry.substances import (
    FormulaError,
    SmilesError,
    cas_is_valid,
    formula_mw_g_mol,
    structure_of,
)

VARIABLE = "WORKUP_CATALOGUE"
LARGEST_BYTES = 5_000_000
ROOM_C = 20.0
_MW_APART = 0.005  # relative; the same as for a material of a procedure


@dataclass(frozen=True, slots=True, eq=False)
class OwnCatalogue:
    """The file as it was read: its usable rows, completed, and what is wrong with the rest.

    Each version of a file is one object, which stands for it in caches.
    """

    path: Path
    sha256: str
    rows: tuple[Mapping[str, Any], ...]
    problems: tuple[str, ...]


def own_path() -> Path | None:
    """Where the user's catalogue is or would be; None where it is switched off."""
    written = os.environ.get(VARIABLE)
    if written is not None:
        return Path(written) if written.strip() else None
    import platformdirs

    return Path(platformdirs.user_config_dir("workup", appauthor=False)) / "substances.json"


def read_own() -> OwnCatalogue | None:
    """The user's catalogue; None where there is none. Never raises: see `problems`."""
    path = own_path()
    if path is None:
        return None
    try:
        state = path.stat()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        if os.environ.get(VARIABLE):  # it was asked for by name
            reason = error.strerror if isinstance(error, OSError) else str(error)
            return _unreadable(path, reason or "it is no file")
        return None
    return _read(path, state.st_mtime_ns, state.st_size)


@cache
def _unreadable(path: Path, reason: str) -> OwnCatalogue:
    return OwnCatalogue(path, "", (), (f"it cannot be read: {reason}",))


@cache
def _read(path: Path, changed_ns: int, size: int) -> OwnCatalogue:
    """One version of the file, read once."""
    if size > LARGEST_BYTES:
        return OwnCatalogue(path, "", (), (f"it is {size} bytes; {LARGEST_BYTES} are read",))
    try:
        data = path.read_bytes()
        document = parse(path, data.decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        return OwnCatalogue(path, "", (), (f"it cannot be read: {_first_line(error)}",))
    rows, problems = judged(document)
    return OwnCatalogue(path, hashlib.sha256(data).hexdigest(), rows, problems)


def parse(path: Path, text: str) -> object:
    """JSON, or YAML by the file's ending. Raises ValueError with the reason."""
    if path.suffix.lower() in (".yaml", ".yml"):
        import yaml

        try:
            return yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise ValueError(_first_line(error)) from error
    import json

    return json.loads(text)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def judged(document: object) -> tuple[tuple[Mapping[str, Any], ...], tuple[str, ...]]:
    """The rows that can be used, completed from their structure, and what is wrong."""
    problems = list(_structure_problems(document))
    if problems or not isinstance(document, dict):
        return (), tuple(problems)
    rows: list[Mapping[str, Any]] = []
    for number, row in enumerate(document["substances"]):
        found = list(row_problems(row))
        problems.extend(f"{row.get('name', number)}: {problem}" for problem in found)
        if not found:
            rows.append(completed(row))
    return tuple(rows), tuple(problems)


def _structure_problems(document: object) -> Iterator[str]:
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(_schema()).iter_errors(document):
        where = ".".join(str(part) for part in error.absolute_path) or "the file"
        yield f"{where}: {error.message[:200]}"


@cache
def _schema() -> Any:
    import json

    text = (files("schemas") / "catalogue.schema.json").read_text(encoding="utf-8")
    return json.loads(text)


def row_problems(row: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a row that has the right shape."""
    if "cas" in row and not cas_is_valid(row["cas"]):
        yield f"{row['cas']} is no CAS number: its check digit is wrong"
    mw = row.get("mw_g_mol")
    known: float | None = None
    try:
        if "smiles" in row:
            known = structure_of(row["smiles"]).mw_g_mol
        elif "formula" in row:
            known = formula_mw_g_mol(row["formula"])
    except (SmilesError, FormulaError) as error:
        yield f"{'smiles' if 'smiles' in row else 'formula'} does not parse: {error}"
        return
    if known is not None and mw is not None and abs(mw / known - 1.0) > _MW_APART:
        yield f"mw_g_mol {mw:g} disagrees with its structure ({known:.3f})"
    melting, boiling = row.get("melting_c"), row.get("boiling_c")
    if melting is not None and boiling is not None and melting > boiling:
        yield f"it melts at {melting:g} °C, above its boiling point of {boiling:g} °C"
    if row.get("solvent") and ("density_g_ml" not in row or "miscibility" not in row):
        yield "a solvent needs density_g_ml and miscibility"


def completed(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with what follows from its structure: formula, masses, classes."""
    full = dict(row)
    if "smiles" in row:
        structure = structure_of(row["smiles"])
        full["smiles"] = row["smiles"]
        full["formula"] = structure.formula
        full["mw_g_mol"] = structure.mw_g_mol
        full["exact_mass_da"] = structure.exact_mass_da
        full["classes"] = sorted(classes_of(row["smiles"]))
    elif "formula" in row and "mw_g_mol" not in row:
        full["mw_g_mol"] = formula_mw_g_mol(row["formula"])
    return full


def state_of(row: Mapping[str, Any]) -> str | None:
    """Solid, liquid or gas at 20 °C, from the melting and boiling points; None if neither says."""
    melting, boiling = row.get("melting_c"), row.get("boiling_c")
    if boiling is not None and boiling < ROOM_C:
        return "gas"
    if melting is not None:
        return "solid" if melting > ROOM_C else "liquid"
    return "liquid" if row.get("density_g_ml") is not None else None
