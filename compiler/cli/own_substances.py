"""A row into the user's own catalogue: checked before it is written, the file kept as it was."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from compiler.chemistry.catalogue import shipped_catalogue
from compiler.chemistry.own_catalogue import judged, parse, row_problems, state_of
from compiler.diagnostics.json_output import dumps


class AddError(Exception):
    """The row, or the file that it should go into, cannot be used; the message says why."""


def added_text(path: Path, row: Mapping[str, Any], *, replace: bool) -> str:
    """The text of the catalogue at `path` with a row added (with `replace`: put in its place).

    Raises AddError where the file is not a catalogue, the row is faulty, or an entry of that name
    is there already.
    """
    document = _read(path)
    known = document["substances"]
    same = [n for n, other in enumerate(known) if _is_same(other, row)]
    if same and not replace:
        raise AddError(f"{row['name']} is in {path} already; --replace puts the new one there")
    faults = [*row_problems(row), *_gaps(row)]
    if faults:
        raise AddError(f"{row['name']}: {'; '.join(faults)}")
    kept = [other for n, other in enumerate(known) if n not in same]
    whole = {**document, "substances": [*kept, dict(row)]}
    _, problems = judged(whole)
    if problems:
        raise AddError("; ".join(problems[:3]))
    return _written(path, whole)


def _read(path: Path) -> dict[str, Any]:
    try:
        document = parse(path, path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {"version": 1, "substances": []}
    except (OSError, ValueError, RecursionError) as error:
        raise AddError(f"{path} cannot be read: {error}") from error
    _, problems = judged(document)
    if problems or not isinstance(document, dict):
        raise AddError(f"{path} is left as it is: {'; '.join(problems[:3])}")
    return document


def _is_same(other: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    if "cas" in other and "cas" in row:
        return bool(other["cas"] == row["cas"])
    return str(other["name"]).casefold() == str(row["name"]).casefold()


def _gaps(row: Mapping[str, Any]) -> list[str]:
    """What a new compound needs, and one that ships already has."""
    names = [row["name"], *([row["cas"]] if "cas" in row else [])]
    if any(shipped_catalogue().find(name) for name in names):
        return []
    gaps = []
    if not {"smiles", "formula"} & set(row):
        gaps.append("a compound that does not ship needs --smiles or --formula")
    if "state_20c" not in row and state_of(row) is None:
        gaps.append("say its --state at 20 °C, or a melting point")
    return gaps


def _written(path: Path, document: Mapping[str, Any]) -> str:
    if path.suffix.lower() in (".yaml", ".yml"):
        import yaml

        text: str = yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True)
        return text
    return dumps(document)
