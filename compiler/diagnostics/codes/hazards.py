"""`H-`: what may hurt somebody."""

from compiler.diagnostics.finding import Code, Severity

E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE

H2_1 = Code("H-H2-1", N, "Hydrogen is evolved from a hydride", acknowledgeable=True)
CO2_1 = Code("H-CO2-1", N, "Carbon dioxide is evolved from a carbonate", acknowledgeable=True)
