"""Quantities: everything that language.md says of them, by hand-computed numbers."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compiler.diagnostics.finding import Finding, Span
from compiler.reading import units
from compiler.reading.quantities import parse_quantity
from compiler.stages.quantity import Dimension as Dim
from compiler.stages.quantity import Origin, Quantity

HERE = Span("doc.yaml", 3, 7, 3, 12)
AMOUNT = (
    Dim.EQUIVALENTS,
    Dim.AMOUNT,
    Dim.MASS,
    Dim.VOLUME,
    Dim.VOLUME_PER_AMOUNT,
    Dim.VOLUME_PER_MASS,
)


def read(text: str, *dimensions: Dim) -> Quantity:
    found = parse_quantity(text, dimensions, HERE)
    assert isinstance(found, Quantity), found
    return found


def fault(text: str, *dimensions: Dim) -> Finding:
    found = parse_quantity(text, dimensions, HERE)
    assert isinstance(found, Finding), found
    assert found.span == HERE
    return found


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("0.10 mmol", Dim.AMOUNT, 0.10),
        ("100 µmol", Dim.AMOUNT, 0.1),
        ("200 µL", Dim.VOLUME, 200.0),  # U+00B5
        ("200 μL", Dim.VOLUME, 200.0),  # U+03BC
        ("200 uL", Dim.VOLUME, 200.0),
        ("200µL", Dim.VOLUME, 200.0),
        ("2 mL", Dim.VOLUME, 2000.0),
        ("1e3 µL", Dim.VOLUME, 1000.0),
        (".5 mL", Dim.VOLUME, 500.0),
        ("0.5 M", Dim.CONCENTRATION, 0.5),
        ("500 mM", Dim.CONCENTRATION, 0.5),
        ("0.5 mol/L", Dim.CONCENTRATION, 0.5),
        ("1.1 equiv", Dim.EQUIVALENTS, 1.1),
        ("1.1 eq", Dim.EQUIVALENTS, 1.1),
        ("5 mol%", Dim.EQUIVALENTS, 0.05),
        ("5 mol %", Dim.EQUIVALENTS, 0.05),
        ("30 min", Dim.TIME, 1800.0),
        ("4 h", Dim.TIME, 14400.0),
        ("1 d", Dim.TIME, 86400.0),
        ("0 °C", Dim.TEMPERATURE, 0.0),
        ("-78 °C", Dim.TEMPERATURE, -78.0),
        ("−78 °C", Dim.TEMPERATURE, -78.0),  # U+2212
        ("4 C", Dim.TEMPERATURE, 4.0),
        ("298.15 K", Dim.TEMPERATURE, 25.0),
        ("2 °C", Dim.TEMPERATURE_DIFFERENCE, 2.0),
        ("2 K", Dim.TEMPERATURE_DIFFERENCE, 2.0),
        ("± 2 °C", Dim.TEMPERATURE_DIFFERENCE, 2.0),
        ("3.3 µL/min", Dim.VOLUME_RATE, 0.055),
        ("10 mL/h", Dim.VOLUME_RATE, 10_000 / 3600),
        ("10 mL/min", Dim.VOLUME_RATE, 10_000 / 60),
        ("5 mL/mmol", Dim.VOLUME_PER_AMOUNT, 5000.0),
        ("0.2 mL/mmol", Dim.VOLUME_PER_AMOUNT, 200.0),
        ("10 mL/g", Dim.VOLUME_PER_MASS, 10.0),
        ("37 wt%", Dim.MASS_FRACTION, 0.37),
        ("37 %", Dim.MASS_FRACTION, 0.37),
        ("97 %", Dim.FRACTION, 0.97),
        ("1.18 g/mL", Dim.DENSITY, 1.18),
        ("1180 kg/m^3", Dim.DENSITY, 1.18),
        ("25 mg", Dim.MASS, 25.0),
        ("1 atm", Dim.PRESSURE, 101.325),
        ("50 mbar", Dim.PRESSURE, 5.0),
        ("500 rpm", Dim.SPEED, 500.0),
        ("1.0 mm", Dim.LENGTH, 1.0),
        ("200.28 g/mol", Dim.MOLAR_MASS, 200.28),
        ("pH 9", Dim.PH, 9.0),
        ("9", Dim.PH, 9.0),
    ],
)
def test_a_quantity_is_read_in_its_canonical_unit(text: str, dimension: Dim, value: float) -> None:
    quantity = read(text, dimension)
    assert quantity.value == pytest.approx(value, rel=1e-12, abs=1e-12)
    assert (quantity.low, quantity.high) == (quantity.plan, quantity.plan)
    assert quantity.dimension is dimension
    assert quantity.origin is Origin.WRITTEN
    assert (quantity.text, quantity.span) == (text, HERE)


@pytest.mark.parametrize(
    ("text", "dimension", "low", "high", "plan", "origin"),
    [
        ("1–2 h", Dim.TIME, 3600, 7200, 3600, Origin.LOW_END),
        ("1-2 h", Dim.TIME, 3600, 7200, 3600, Origin.LOW_END),
        ("1 – 2 h", Dim.TIME, 3600, 7200, 3600, Origin.LOW_END),
        ("30 min–2 h", Dim.TIME, 1800, 7200, 1800, Origin.LOW_END),
        ("1 to 2 h", Dim.TIME, 3600, 7200, 3600, Origin.LOW_END),
        ("1.5–2 equiv", Dim.EQUIVALENTS, 1.5, 2, 1.5, Origin.LOW_END),
        ("0 ± 4 °C", Dim.TEMPERATURE, -4, 4, None, Origin.OPEN),
        ("0 +/- 4 °C", Dim.TEMPERATURE, -4, 4, None, Origin.OPEN),
        ("20–25 °C", Dim.TEMPERATURE, 20, 25, None, Origin.OPEN),
        ("-10 – -5 °C", Dim.TEMPERATURE, -10, -5, None, Origin.OPEN),
        ("−78–−70 °C", Dim.TEMPERATURE, -78, -70, None, Origin.OPEN),
        ("rt", Dim.TEMPERATURE, 20, 25, None, Origin.OPEN),
        ("RT", Dim.TEMPERATURE, 20, 25, None, Origin.OPEN),
        ("60 ± 5 min", Dim.TIME, 3300, 3900, 3600, Origin.PLANNED),
        ("1–1 h", Dim.TIME, 3600, 3600, 3600, Origin.WRITTEN),
    ],
)
def test_a_range_keeps_both_ends(
    text: str, dimension: Dim, low: float, high: float, plan: float | None, origin: Origin
) -> None:
    quantity = read(text, dimension)
    assert (quantity.low, quantity.high, quantity.plan) == (low, high, plan)
    assert quantity.origin is origin


def test_a_hole_has_no_value() -> None:
    quantity = read("?", *AMOUNT)
    assert quantity.hole
    with pytest.raises(ValueError, match="no planned value"):
        _ = quantity.value


@pytest.mark.parametrize(
    ("text", "dimensions", "code", "says"),
    [
        ("30", (Dim.TIME,), "U-UNIT-MISSING", "min, h, s, d"),
        ("0.10", AMOUNT, "U-UNIT-MISSING", "equiv, mol%"),
        ("1-2", (Dim.TIME,), "U-UNIT-MISSING", "min, h, s, d"),
        ("5 mL", (Dim.TIME,), "U-DIMENSION", "`5 mL` is a volume; a time is wanted here."),
        ("4 C", (Dim.TIME,), "U-DIMENSION", "an electric charge"),
        ("5 m", (Dim.TIME,), "U-DIMENSION", "a length"),
        ("10 mL/min", (Dim.VOLUME,), "U-DIMENSION", "a volume per time"),
        ("1 equiv", (Dim.CONCENTRATION,), "U-DIMENSION", "equivalents"),
        ("5 mLL", AMOUNT, "U-UNIT-UNKNOWN", "Did you mean `mL`?"),
        ("5 equivs.", AMOUNT, "U-UNIT-UNKNOWN", "Did you mean `equiv`?"),
        ("5 mL min-1", (Dim.VOLUME_RATE,), "U-UNIT-UNKNOWN", "`mL/min`"),
        ("1,000 µL", AMOUNT, "U-NUMBER", "thousands are not guessed"),
        ("1 000 µL", AMOUNT, "U-NUMBER", "thousands are not guessed"),
        ("0,5 mL", AMOUNT, "U-NUMBER", "`0.5`"),
        ("1.5.2 mL", AMOUNT, "U-NUMBER", "one number"),
        ("1/2 h", (Dim.TIME,), "U-NUMBER", "one number"),
        ("five mL", AMOUNT, "U-NUMBER", "no number"),
        ("", AMOUNT, "U-NUMBER", "no number"),
        ("overnight", (Dim.TIME,), "U-NUMBER", "12–18 h"),
        ("ca. 5 mL", AMOUNT, "U-NUMBER", "range"),
        ("$volume", AMOUNT, "U-NUMBER", "parameter"),
        ("-5 mL", AMOUNT, "U-VALUE", "negative"),
        ("−0.1 equiv", AMOUNT, "U-VALUE", "negative"),
        ("1 ± 2 h", (Dim.TIME,), "U-VALUE", "negative"),
        ("NaN mL", AMOUNT, "U-VALUE", "finite"),
        ("inf h", (Dim.TIME,), "U-VALUE", "finite"),
        ("-.inf mL", AMOUNT, "U-VALUE", "finite"),
        ("1e400 mL", AMOUNT, "U-VALUE", "too large"),
        ("1e308 L", AMOUNT, "U-VALUE", "too large"),
        ("-300 °C", (Dim.TEMPERATURE,), "U-VALUE", "absolute zero (-273.15 °C)"),
        ("-1 K", (Dim.TEMPERATURE,), "U-VALUE", "absolute zero"),
        ("120 %", (Dim.FRACTION,), "U-VALUE", "100 %"),
        ("pH 20", (Dim.PH,), "U-VALUE", "pH"),
        ("2–1 h", (Dim.TIME,), "U-RANGE", "smaller first"),
        ("2 h–30 min", (Dim.TIME,), "U-RANGE", "`30 min–2 h`"),
        ("1 equiv–2 mL", AMOUNT, "U-DIMENSION", "from equivalents to a volume"),
    ],
)
def test_a_fault_has_its_code_and_says_what_to_write(
    text: str, dimensions: tuple[Dim, ...], code: str, says: str
) -> None:
    found = fault(text, *dimensions)
    assert found.code == code
    assert says in f"{found.message} {found.help}"


def test_ten_millilitres_an_hour_are_not_ten_a_minute() -> None:
    slow, fast = read("10 mL/h", Dim.VOLUME_RATE), read("10 mL/min", Dim.VOLUME_RATE)
    assert fast.value == pytest.approx(60 * slow.value)


@given(st.text(max_size=60), st.sampled_from(list(Dim)))
@example("1e9999 mL", Dim.VOLUME)
@example("5 mL^9", Dim.VOLUME)
@example("1 ** m", Dim.LENGTH)
@settings(deadline=None)
def test_any_text_gives_a_quantity_or_a_finding(text: str, dimension: Dim) -> None:
    found = parse_quantity(text, (dimension,), HERE)
    assert isinstance(found, Quantity | Finding)


NUMBERS = st.sampled_from(
    ["1", "-1", "0.5", "1e3", "1e308", "1.", ".5", "?", "1,000", "٣", "¼", "∞"]
)
JOINTS = st.sampled_from(["", " ", "-", "–", "±", " to ", "−", "/", "*", "^", "**", "\n", "\u00a0"])
UNITS = st.sampled_from(
    [
        "mL",
        "µL",
        "°C",
        "C",
        "%",
        "mol%",
        "h",
        "min-1",
        "mL/",
        "(mL",
        "mL)",
        "m2",
        "°",
        "M",
        "",
        "pH",
    ]
)


@given(st.lists(st.one_of(NUMBERS, JOINTS, UNITS), max_size=8).map("".join))
@settings(deadline=None)
def test_any_scramble_of_quantities_gives_a_quantity_or_a_finding(text: str) -> None:
    for dimensions in ((Dim.TEMPERATURE,), (Dim.PH,), (Dim.MASS_FRACTION,), AMOUNT):
        found = parse_quantity(text, dimensions, HERE)
        assert isinstance(found, Quantity | Finding)
        if isinstance(found, Quantity) and not found.hole:
            assert found.low <= found.high
            assert found.plan is None or found.low <= found.plan <= found.high


@given(st.floats(0, 1e6), st.sampled_from(["µL", "mL", "L"]))
def test_a_volume_is_its_number_times_its_unit(number: float, unit: str) -> None:
    factor = {"µL": 1.0, "mL": 1e3, "L": 1e6}[unit]
    assert read(f"{number!r} {unit}", Dim.VOLUME).value == pytest.approx(number * factor, rel=1e-12)


def test_every_unit_that_is_offered_is_read() -> None:
    for dimension in Dim:
        for unit in units.offered(dimension):
            assert read(f"1 {unit}", dimension).dimension is dimension


def test_a_unit_string_costs_a_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    read("1 mL/mmol", Dim.VOLUME_PER_AMOUNT)
    monkeypatch.setattr(units, "_ask_pint", None)  # asking again would raise
    assert read("3 mL/mmol", Dim.VOLUME_PER_AMOUNT).value == 3000.0


READ_ONE = """
import sys
from compiler.diagnostics.finding import Span
from compiler.reading.quantities import parse_quantity
from compiler.stages.quantity import Dimension
print(parse_quantity("5 mL/mmol", (Dimension.VOLUME_PER_AMOUNT,), Span("x")).value)
"""


def read_in_a_new_process(**environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", READ_ONE],
        env={**os.environ, **environment},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_the_cache_may_be_anything(tmp_path: Path) -> None:
    """Unwritable, a file, damaged, or turned off: the answer is the same and nothing is said."""
    assert read_in_a_new_process(WORKUP_CACHE=str(tmp_path / "new")) == "5000.0\n"
    kept = [path for path in (tmp_path / "new").rglob("*") if path.is_file()]
    assert kept, "nothing was cached"
    for path in kept:
        path.write_bytes(pickle.dumps("no registry") if path.suffix == ".pickle" else b"\x80")
    assert read_in_a_new_process(WORKUP_CACHE=str(tmp_path / "new")) == "5000.0\n"
    (tmp_path / "file").write_text("")
    assert read_in_a_new_process(WORKUP_CACHE=str(tmp_path / "file")) == "5000.0\n"
    assert read_in_a_new_process(WORKUP_CACHE="/proc/1") == "5000.0\n"
    assert read_in_a_new_process(WORKUP_CACHE="") == "5000.0\n"
