"""Names of substances in all their Unicode forms."""

from __future__ import annotations

import unicodedata

_GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ω": "omega"}
_MARKS = {
    **dict.fromkeys("′’‘´ʹ", "'"),
    **dict.fromkeys("″”“", '"'),
    **dict.fromkeys("‐‑‒–—−", "-"),
    **dict.fromkeys("·•∙⋅・", "."),
}
_PLAIN = str.maketrans(_GREEK | _MARKS)


def normal_name(name: str) -> str:
    """A name with its Unicode variants made one.

    >>> normal_name("  NaBH(OAc)₃ "), normal_name("EDC·HCl"), normal_name("N,N′-x")
    ('NaBH(OAc)3', 'EDC.HCl', "N,N'-x")
    """
    plain = name if name.isascii() else unicodedata.normalize("NFKC", name.translate(_PLAIN))
    return " ".join(plain.split())
