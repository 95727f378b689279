"""Every default and choice of a run, each once, in the order in which they were made."""

from __future__ import annotations

from compiler.stages.charges import Assumption
from compiler.stages.layout import Layout


def assumptions_of(layout: Layout) -> tuple[Assumption, ...]:
    """What resolve, charge, house, account, lower and place have assumed."""
    operations = layout.operations
    ledger = operations.ledger
    return tuple(
        dict.fromkeys(
            (
                *ledger.charges.recipe.assumptions,
                *ledger.charges.assumptions,
                *ledger.house.assumptions,
                *ledger.assumptions,
                *operations.assumptions,
                *layout.assumptions,
            )
        )
    )
