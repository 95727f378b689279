"""`S-`: the shape of a document."""

from compiler.diagnostics.finding import Code, Severity

E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE

FILE = Code("S-FILE", E, "A file cannot be read")
WRITE = Code("S-WRITE", E, "A result cannot be written")
SIZE = Code("S-SIZE", E, "A document is too large")
BINARY = Code("S-BINARY", E, "A document is not UTF-8 text")
EMPTY = Code("S-EMPTY", E, "A document is empty")
YAML = Code("S-YAML", E, "A document is not valid YAML")
DEPTH = Code("S-DEPTH", E, "A document nests too deeply")
ALIAS = Code("S-ALIAS", E, "Aliases make a document too large")
KIND = Code("S-KIND", E, "A document does not say what it is")
VERSION = Code("S-VERSION", E, "A document is of a version that is not read")
KEY_UNKNOWN = Code("S-KEY-UNKNOWN", E, "A key is not in the language")
KEY_MISSING = Code("S-KEY-MISSING", E, "A required key is missing")
KEY_DUPLICATE = Code("S-KEY-DUPLICATE", E, "A key stands twice in one mapping")
TYPE = Code("S-TYPE", E, "A value has the wrong shape")
CHOICE = Code("S-CHOICE", E, "A value is not one of those allowed")
VERB = Code("S-VERB", E, "A step has no verb, or more than one")
REPEAT = Code("S-REPEAT", E, "Repeats make a procedure too long")
INCLUDE = Code("S-INCLUDE", E, "A block cannot be included")
ID = Code("S-ID", E, "Two steps have the same id")
REFERENCE = Code("S-REFERENCE", E, "A step or product names something that does not exist")
VESSEL_UNKNOWN = Code("S-VESSEL-UNKNOWN", E, "A vessel is used and never declared")
HOLE = Code("S-HOLE", N, "An amount is not decided yet")
ACK_UNUSED = Code("S-ACK-UNUSED", W, "An acknowledgement matches no finding")
ACK_REFUSED = Code("S-ACK-REFUSED", E, "A finding of this kind cannot be acknowledged")
