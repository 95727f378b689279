"""The script writer: a program becomes Opentrons Python that is meant to be read."""

from compiler.target.script.header import ScriptHeader, StepSource
from compiler.target.script.writer import write_scripts

__all__ = ["ScriptHeader", "StepSource", "write_scripts"]
