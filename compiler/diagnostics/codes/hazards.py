"""`H-`: what may hurt somebody."""

from compiler.diagnostics.finding import Code, Severity

E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE


def _hazard(name: str, severity: Severity, summary: str) -> Code:
    """Hazards may be acknowledged with a reason (language.md, rule 6)."""
    return Code(f"H-{name}", severity, summary, acknowledgeable=True)


H2_1 = _hazard("H2-1", N, "Hydrogen is evolved from a hydride")
CO2_1 = _hazard("CO2-1", N, "Carbon dioxide is evolved from a carbonate")
HCN_1 = _hazard("HCN-1", E, "Cyanoborohydride meets strong acid")
HCN_1W = _hazard("HCN-1w", W, "Cyanoborohydride is buffered with a carboxylic acid")
HCN_W = _hazard("HCN-W", E, "Cyanoborohydride meets acid in the waste")
HCN_2 = _hazard("HCN-2", E, "Cyanide meets acid")
HN3_1 = _hazard("HN3-1", E, "Azide meets acid")
AZ_HAL = _hazard("AZ-HAL", E, "Azide meets a chlorinated solvent")
EVAP_AZ = _hazard("EVAP-AZ", E, "A solution that holds azide is concentrated")
EVAP_PEROX = _hazard("EVAP-PEROX", W, "An ether is evaporated to dryness")
PEROX = _hazard("PEROX", N, "An ether that forms peroxides is concentrated")
NAH_DMF = _hazard("NAH-DMF", E, "A metal hydride in DMF, DMA or DMSO")
H2_2 = _hazard("H2-2", E, "A borohydride meets strong acid")
H2_3 = _hazard("H2-3", E, "A metal hydride meets a proton source")
RLI_1 = _hazard("RLI-1", E, "An organometallic meets a proton source or a chlorinated solvent")
STAB_MEOH = _hazard("STAB-MEOH", W, "An acyloxyborohydride goes into an alcohol")
CO2_2 = _hazard("CO2-2", W, "Boc2O and an amine react in a sealed vessel")
BOC_GAS = _hazard("BOC-GAS", N, "Boc removal gives off gas")
HCL_1 = _hazard("HCL-1", W, "A silyl or acyl halide gives HCl")
STOCK_1 = _hazard("STOCK-1", E, "A stock reacts with its own solvent")
STOCK_2 = _hazard("STOCK-2", W, "A stock does not keep in its solvent")
SWERN = _hazard("SWERN", E, "An acid chloride meets a sulfoxide")
CL2_1 = _hazard("CL2-1", E, "Hypochlorite meets acid")
NCL_1 = _hazard("NCL-1", W, "Hypochlorite meets an amine")
NCL_2 = _hazard("NCL-2", W, "Hypochlorite meets an ammonium salt")
PER_1 = _hazard("PER-1", W, "A peroxide meets an amine")
OX_RED = _hazard("OX-RED", W, "An oxidant meets a hydride")
CHX_BASE = _hazard("CHX-BASE", N, "A halomethane stands with strong base")
DCM_NH = _hazard("DCM-NH", W, "DCM consumes an amine")
KETSOLV = _hazard("KETSOLV", W, "A ketone is the solvent of an amine")
H2PD = _hazard("H2PD", E, "Hydrogen outside a hydrogenation")
PD_ALC = _hazard("PD-ALC", W, "A pyrophoric catalyst goes into a flammable solvent")
EXPL_HOBT = _hazard("EXPL-HOBT", W, "HOBt is explosive when dry")
EXPL_AZ = _hazard("EXPL-AZ", W, "An organic azide is too small to be safe")
EXPL_DIAZO = _hazard("EXPL-DIAZO", W, "A diazo compound may explode")
TOX_MUST = _hazard("TOX-MUST", W, "A material is a nitrogen mustard or like one")
TOX_ALK = _hazard("TOX-ALK", W, "A volatile alkylating agent is open on the deck")
AIR_1 = _hazard("AIR-1", E, "A pyrophoric reagent on an open deck")
FLAM_1 = _hazard("FLAM-1", W, "Much flammable solvent, or a warm one, on the open deck")
