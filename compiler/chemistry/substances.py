"""What a compound is: structure, formula and masses, by RDKit and by formula.

RDKit is imported inside the functions: `workup --help` and the like never need it. Molar masses
come from `rdMolDescriptors._CalcMolWt`, which is all that `Descriptors.MolWt` calls; importing
`Descriptors` for it would load every descriptor that RDKit has.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from functools import cache

from compiler.chemistry.names import normal_name

MAX_SMILES = 5000  # longer ones are no reagent, and parsing them takes seconds


class SmilesError(ValueError):
    """A SMILES that does not parse; the text says why."""


class FormulaError(ValueError):
    """A formula that does not parse; the text says why."""


@dataclass(frozen=True, slots=True)
class Structure:
    """A compound by its structure. `canonical` is RDKit's canonical SMILES."""

    canonical: str
    formula: str
    mw_g_mol: float
    exact_mass_da: float


@cache
def structure_of(smiles: str) -> Structure:
    """Reads a SMILES. Raises SmilesError with RDKit's reason when it does not parse."""
    from rdkit import Chem, rdBase
    from rdkit.Chem import rdMolDescriptors

    text = smiles.strip()
    if not text:
        raise SmilesError("it is empty")
    if len(text) > MAX_SMILES:
        raise SmilesError(f"it is {len(text)} characters long; {MAX_SMILES} are read")
    if any(not " " < character <= "~" for character in text):
        # RDKit takes what follows a blank for a title and says nothing
        raise SmilesError("it holds a blank, or a character that SMILES does not have")
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(text)
    if molecule is None:
        raise SmilesError(_reason(text))
    if any(atom.GetAtomicNum() == 0 for atom in molecule.GetAtoms()):
        raise SmilesError("it has an unspecified atom (*), and so no molar mass")
    return Structure(
        Chem.MolToSmiles(molecule),
        rdMolDescriptors.CalcMolFormula(molecule),
        round(float(rdMolDescriptors._CalcMolWt(molecule)), 6),
        round(float(rdMolDescriptors.CalcExactMolWt(molecule)), 6),
    )


class _Messages(logging.Handler):
    """Keeps what RDKit logs."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps one record."""
        self.lines.extend(record.getMessage().splitlines())


def _reason(smiles: str) -> str:
    """Why RDKit refuses a SMILES, in one line: its log is the only place where it says so."""
    from rdkit import Chem, rdBase

    logger = logging.getLogger("rdkit")
    kept, messages = logger.handlers, _Messages()
    rdBase.LogToPythonLogger()
    logger.handlers = [messages]
    try:
        Chem.MolFromSmiles(smiles)
    finally:
        logger.handlers = kept
        rdBase.LogToCppStreams()
    told = [line.split("] ", 1)[-1] for line in messages.lines]
    told = [line.removeprefix("SMILES Parse Error: ").strip() for line in told]
    place = next((line for line in told if line.startswith("check for mistakes around")), "")
    reason = next((line for line in told if re.search("[a-z]{3}", line)), "RDKit cannot read it")
    reason = re.split(" while parsing:| for input:", reason)[0]
    return reason + place.removeprefix("check for mistakes").rstrip(":")


_TOKEN = re.compile(r"([A-Z][a-z]?)|(\()|(\))|(\d{1,6})")


@cache
def formula_counts(formula: str) -> tuple[tuple[str, int], ...]:
    """Element counts of a formula, sorted: brackets, subscripts and hydrate dots are read.

    Raises FormulaError for anything else. Charges are not read.
    """
    counts: dict[str, int] = {}
    for part in re.split(r"[.*]", normal_name(formula).replace(" ", "")):
        match = re.match(r"\d{1,6}", part)
        times = int(match.group()) if match else 1
        for element, count in _part_counts(part[match.end() :] if match else part).items():
            counts[element] = counts.get(element, 0) + times * count
    if not any(counts.values()):
        raise FormulaError("it holds no atom")
    return tuple(sorted((element, count) for element, count in counts.items() if count))


def formula_mw_g_mol(formula: str) -> float:
    """The molar mass of a formula, from RDKit's standard atomic weights. Raises FormulaError."""
    from rdkit import Chem

    table = Chem.GetPeriodicTable()
    return sum(count * float(table.GetAtomicWeight(el)) for el, count in formula_counts(formula))


def _part_counts(part: str) -> dict[str, int]:
    """Element counts of a formula without dots."""
    stack: list[dict[str, int]] = [{}]
    last: dict[str, int] = {}  # what a number that follows multiplies
    position = 0
    while position < len(part):
        match = _TOKEN.match(part, position)
        if match is None:
            raise FormulaError(f"{part[position]!r} is not part of a formula")
        element, opening, closing, number = match.groups()
        if opening:
            stack.append({})
            last = {}
        else:
            if element:
                if element not in _elements():
                    raise FormulaError(f"{element!r} is not an element")
                last = {element: 1}
            elif closing:
                if len(stack) == 1:
                    raise FormulaError("a bracket is closed that was not opened")
                last = stack.pop()
            elif not last:
                raise FormulaError(f"{number!r} does not follow an element")
            times = int(number) - 1 if number else 1
            for name, count in last.items():
                stack[-1][name] = stack[-1].get(name, 0) + times * count
            if number:
                last = {}
        position = match.end()
    if len(stack) > 1:
        raise FormulaError("a bracket is not closed")
    return stack[0]


@cache
def _elements() -> frozenset[str]:
    from rdkit import Chem

    table = Chem.GetPeriodicTable()
    return frozenset(table.GetElementSymbol(number) for number in range(1, 119))


def cas_is_valid(cas: str) -> bool:
    """Whether a CAS number has the right form and check digit.

    >>> cas_is_valid("75-09-2"), cas_is_valid("75-09-3")
    (True, False)
    """
    match = re.fullmatch(r"(\d{2,7})-(\d\d)-(\d)", cas)
    if match is None:
        return False
    digits = reversed(match[1] + match[2])
    return sum(place * int(digit) for place, digit in enumerate(digits, 1)) % 10 == int(match[3])
