"""Products by reaction SMARTS; the structures are those of the textbook reactions."""

import itertools

import pytest

from compiler.chemistry.reaction_products import ReactionError, product_of
from compiler.chemistry.substances import SmilesError, structure_of

AMINATION = "[NX3;H1;!$(NC=O):1].[CX3H1:2]=[OX1]>>[N:1][C:2]"
BOC_DIAZEPANE = "CC(C)(C)OC(=O)N1CCCNCC1"


def test_the_reference_amination() -> None:
    made = product_of(AMINATION, (BOC_DIAZEPANE, "O=Cc1ccc(F)cc1"))
    assert made == structure_of("CC(C)(C)OC(=O)N1CCCN(Cc2ccc(F)cc2)CC1").canonical


def test_the_order_of_the_reactants_does_not_matter() -> None:
    ugi = "[NX3;H2:1].[CX3H1:2]=[OX1].[CX3:3](=[OX1:4])[OX2H1]>>[N:1]([C:2])[C:3]=[O:4]"
    reactants = ("CCN", "O=CC(C)C", "CC(=O)O")
    made = {product_of(ugi, tuple(order)) for order in itertools.permutations(reactants)}
    assert len(made) == 1


def test_equivalent_sites_make_one_product() -> None:
    assert product_of(AMINATION, ("C1CNCCNC1", "O=CC")) == structure_of("CCN1CCCNCC1").canonical


@pytest.mark.parametrize(
    ("smarts", "reactants", "reason"),
    [
        (AMINATION, (BOC_DIAZEPANE, "CC(C)=O"), "nothing to react"),
        (AMINATION, ("CNCCNCC", "O=CC"), "2 products"),
        ("[C:1]=[O:2]>>[C:1](C)(C)(C)(C)[O:2]", ("CC=O",), "impossible valence"),
        (AMINATION, (BOC_DIAZEPANE,), "takes 2 reactants"),
        ("not a reaction", ("C",), "cannot read"),
        ("[C:1]>>", ("C",), "needs reactants and a product"),
        ("C" * 3000 + ">>C", ("C",), "3003 characters"),
    ],
)
def test_what_makes_no_single_product(smarts: str, reactants: tuple[str, ...], reason: str) -> None:
    with pytest.raises(ReactionError, match=reason):
        product_of(smarts, reactants)


def test_a_faulty_reactant_is_another_matter() -> None:
    with pytest.raises(SmilesError):
        product_of(AMINATION, (BOC_DIAZEPANE, "O=Cc1ccc"))
