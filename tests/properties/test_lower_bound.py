"""Random procedures, in one well and in many: no part is shorter than its bound."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_procedures import procedures

from compiler.cli.options import shipped_benches
from compiler.pipeline import compile_procedure
from compiler.plan.bound import lower_bound
from compiler.plan.elapsed import elapsed
from compiler.plan.timeline import timeline

LIBRARY = "kind: library\nversion: 1\nreplicates: {count}\n"
RELAXED = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@settings(RELAXED, max_examples=40)
@given(
    text=procedures(),
    bench=st.sampled_from(["flex", "ot2"]),
    count=st.sampled_from([1, 1, 2, 5, 12]),
)
def test_no_run_is_shorter_than_its_bound(text: str, bench: str, count: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        procedure, library = Path(name) / "random.yaml", Path(name) / "library.yaml"
        procedure.write_text(text, encoding="utf-8")
        library.write_text(LIBRARY.format(count=count), encoding="utf-8")
        table = library if count > 1 else None
        made = compile_procedure(procedure, shipped_benches()[bench], library=table)
    if made.program is None or made.plan is None:
        return
    bound = lower_bound(made.program.layout)
    duration_s = timeline(made.program).duration_s
    assert 0.0 < bound.seconds <= duration_s + 1e-6, (text, bound)
    assert all(part.seconds >= part.plain_s - 1e-6 for part in bound.parts), (text, bound)
    timing = made.plan["timing"]
    assert timing["lower_bound_s"] == bound.seconds
    assert timing["bound"] == bound.text
    for seen in elapsed(made.program):
        least = seen.wanted_s * (0.98 if seen.what == "interval" else 1.0)
        assert least - 1e-3 <= seen.least_s <= seen.most_s, (text, seen)
