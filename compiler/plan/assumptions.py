"""Every default and choice of a run, each once, in the order in which they were made."""

from __future__ import annotations

from collections.abc import Iterable

from compiler.stages.charges import Assumption
from compiler.stages.layout import Layout


def assumptions_of(layout: Layout) -> tuple[Assumption, ...]:
    """What resolve, charge, house, account, lower and place have assumed."""
    operations = layout.operations
    ledger = operations.ledger
    return tuple(
        dict.fromkeys(
            (
                *_sorted(ledger.charges.recipe.assumptions),
                *ledger.charges.assumptions,
                *_sorted(ledger.house.assumptions),
                *ledger.assumptions,
                *operations.assumptions,
                *layout.assumptions,
            )
        )
    )


def _sorted(assumptions: Iterable[Assumption]) -> list[Assumption]:
    """Those of materials and vessels by what they are about, not by the order of keys in a file;
    those of steps after them, in order."""

    def place(assumption: Assumption) -> tuple[bool, tuple[str, str, str]]:
        own = assumption.step is None
        about = (assumption.what, assumption.value, assumption.why)
        return not own, about if own else ("", "", "")

    return sorted(assumptions, key=place)
