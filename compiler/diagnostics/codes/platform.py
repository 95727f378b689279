"""`P-`: the robot, its labware, and what they can hold."""

from compiler.diagnostics.finding import Code, Severity

E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE

CAP_1 = Code("P-CAP-1", E, "A vessel holds more than it can")
UNDERFLOW = Code("P-UNDERFLOW", E, "More is drawn than is there")
LAB_1 = Code("P-LAB-1", W, "Labware declares more than its shape holds")
DEAD_1 = Code("P-DEAD-1", E, "A stock does not fit its vessel")
PIP_1 = Code("P-PIP-1", E, "A volume is below every pipette's minimum")
DROP_1 = Code("P-DROP-1", E, "A drop is below every pipette's minimum")
T_MIN = Code("P-T-MIN", E, "A module cannot get that cold")
T_MAX = Code("P-T-MAX", E, "A module cannot get that hot")
STIR_COLD = Code("P-STIR-COLD", N, "Cold vessels are mixed by pipette")
SPEED = Code("P-SPEED", E, "A shaker cannot run at a speed")
STIR_1 = Code("P-STIR-1", W, "Nothing stirs a vessel")
BOIL_1 = Code("P-BOIL-1", E, "A solvent boils, or nearly")
FREEZE_1 = Code("P-FREEZE-1", E, "A solvent freezes")
MAT_1 = Code("P-MAT-1", E, "A liquid attacks its vessel")
VAP_1 = Code("P-VAP-1", W, "An open vessel loses solvent")
GAS_1 = Code("P-GAS-1", W, "More gas is evolved than the head-space takes")
SEAL_1 = Code("P-SEAL-1", E, "Gas is evolved in a sealed vessel")
SEALED = Code("P-SEALED", E, "The robot would reach into a closed vessel")
LABWARE = Code("P-LABWARE", E, "Labware stands where it does not belong")
VESSEL = Code("P-VESSEL", E, "No labware is right for a vessel")
LABWARE_UNKNOWN = Code("P-LABWARE-UNKNOWN", E, "A labware definition cannot be used")
HARDWARE_UNKNOWN = Code("P-HARDWARE-UNKNOWN", E, "A pipette or module does not exist or fit")
DECK = Code("P-DECK", E, "The deck is full")
SLOT = Code("P-SLOT", E, "A slot cannot hold what the bench puts there")
WELLS = Code("P-WELLS", E, "There are more vessels than wells")
TIP_1 = Code("P-TIP-1", E, "More tips are needed than the deck holds")
AIR = Code("P-ATMOSPHERE", E, "The deck has no inert atmosphere")
