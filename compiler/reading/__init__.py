"""Text to typed documents: YAML with positions, schemas, quantities."""

from compiler.reading.bench import read_bench, with_clock
from compiler.reading.documents import read_document, read_runnable
from compiler.reading.procedure import read_procedure
from compiler.reading.quantities import parse_quantity
from compiler.reading.result import Read
from compiler.reading.sequence import read_sequence

__all__ = [
    "Read",
    "parse_quantity",
    "read_bench",
    "read_document",
    "read_procedure",
    "read_runnable",
    "read_sequence",
    "with_clock",
]
