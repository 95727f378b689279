"""`C-`: chemistry, arithmetic and phases."""

from compiler.diagnostics.finding import Code, Severity

E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE

BASIS_1 = Code("C-BASIS-1", E, "No material is the basis")
BASIS_2 = Code("C-BASIS-2", E, "More than one material is the basis")
NAME_AMBIGUOUS = Code("C-NAME-AMBIGUOUS", E, "A name means more than one compound")
NAME_UNKNOWN = Code("C-NAME-UNKNOWN", E, "A name is not in the catalogue")
IDENTITY = Code("C-IDENTITY", E, "A material has no identity, or two that disagree")
SUPPLY = Code("C-SUPPLY", E, "It is not said how a material is supplied")
SMILES = Code("C-SMILES", E, "A SMILES does not parse")
MW = Code("C-MW", E, "A molar mass disagrees with the structure")
FORMULA = Code("C-FORMULA", E, "A formula disagrees with the structure")
DENSITY = Code("C-DENSITY", E, "A neat liquid has no density")
LIM_1 = Code("C-LIM-1", E, "Equivalents cannot be worked out")
SCALE = Code("C-SCALE", E, "A procedure does not say its scale")
SCALE_1 = Code("C-SCALE-1", E, "An absolute volume has no reference scale")
EQ_RANGE = Code("C-EQ-RANGE", W, "Equivalents lie outside the usual range")
DIL_1 = Code("C-DIL-1", W, "A reaction is more concentrated than it may be", acknowledgeable=True)
PH_0 = Code("C-PH-0", E, "Two liquids that are to separate do not")
PH_1 = Code("C-PH-1", E, "Two organic liquids that are to separate do not")
LAYERS = Code("C-LAYERS", E, "A transfer does not say which of two layers it takes")
PH_2 = Code("C-PH-2", E, "Two layers are too close in density")
PH_3 = Code("C-PH-3", E, "The layer that is kept is not where the procedure says")
PH_4 = Code("C-PH-4", W, "A cosolvent makes the interface uncertain")
PH_5 = Code("C-PH-5", W, "A guard or a layer is too thin")
PH_6 = Code("C-PH-6", W, "Layers get too little time to settle")
BASE_2 = Code("C-BASE-2", E, "An acid or base is too little", acknowledgeable=True)
BASE_3 = Code("C-BASE-3", E, "The amount of an acid or base cannot be worked out")
PH_WINDOW = Code("C-PH-WINDOW", W, "A pH window may be missed")
MON_3 = Code("C-MON-3", E, "A sample cannot be diluted as asked")
STAGE_1 = Code("C-STAGE-1", E, "A stage does not make what the next one starts from")
STAGE_2 = Code("C-STAGE-2", W, "More of a product is used than a stage can give")
MAKE_UP = Code("C-MAKE-UP", E, "A vessel holds more than it is to be made up to")

REACTION = Code("C-REACTION", E, "A reaction SMARTS does not make one product")
PRODUCT = Code("C-PRODUCT", E, "A product's structure does not follow from its materials")


def _judgement(name: str, severity: Severity, summary: str) -> Code:
    """A chemist may know better, and says so with a reason (language.md, rule 6)."""
    return Code(f"C-{name}", severity, summary, acknowledgeable=True)


DIL_2 = _judgement("DIL-2", E, "A vessel is too small for the dilution that is asked for")
SYM_1 = _judgement("SYM-1", W, "Two sites are equal, and one is to react")
ALK_1 = _judgement("ALK-1", W, "An alkylation of an amine will not stop at one")
QUAT_1 = _judgement("QUAT-1", W, "An alkylator is in excess over N-H")
RED_ALD = _judgement("RED-ALD", W, "NaBH4 meets an aldehyde before the imine has formed")
RED_SEC = _judgement("RED-SEC", W, "NaBH4 in two steps with a secondary amine")
RA_ACID = _judgement("RA-ACID", N, "A ketone is aminated without acid")
HYD_BN = _judgement("HYD-BN", W, "Hydrogen over palladium cuts N-benzyl or Cbz")
BOC_ACID = _judgement("BOC-ACID", W, "Boc stands in strong acid, and is not to be removed")
RING_ACID = _judgement("RING-ACID", N, "A diazepane ring stands in hot or long acid")
RING_IMINE = _judgement("RING-IMINE", W, "A seven-ring imine meets aqueous acid")
GAMMA = _judgement("GAMMA", W, "A five- or six-membered lactam competes")
BASE_1 = _judgement("BASE-1", W, "There is less base than acid")
ORDER_1 = _judgement("ORDER-1", E, "Reagents come in an order that fails")
PG_SEQ = _judgement("PG-SEQ", W, "A step needs a protection that nobody has confirmed")
MON_1 = _judgement("MON-1", W, "A monitored hold has no criterion")
MON_2 = _judgement("MON-2", W, "Samples take too much of a batch")
CHR_1 = _judgement("CHR-1", N, "A basic amine on silica without a basic modifier")
CHR_2 = _judgement("CHR-2", W, "An elution order contradicts polarity")
ABX_1 = _judgement("ABX-1", W, "An acid-base extraction of amines that are too alike")
ANH_1 = _judgement("ANH-1", W, "An anhydrous solvent stands open")
EVAP_1 = _judgement("EVAP-1", W, "A volatile product is concentrated")
