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
PH_2 = Code("C-PH-2", E, "Two layers are too close in density")
PH_3 = Code("C-PH-3", E, "The layer that is kept is not where the procedure says")
PH_4 = Code("C-PH-4", W, "A cosolvent makes the interface uncertain")
PH_5 = Code("C-PH-5", W, "A guard or a layer is too thin")
PH_6 = Code("C-PH-6", W, "Layers get too little time to settle")
BASE_2 = Code("C-BASE-2", E, "An acid or base is too little in the worst case", acknowledgeable=True)
BASE_3 = Code("C-BASE-3", E, "The amount of an acid or base cannot be worked out")
PH_WINDOW = Code("C-PH-WINDOW", W, "A pH window may be missed")
MAKE_UP = Code("C-MAKE-UP", E, "A vessel holds more than it is to be made up to")
