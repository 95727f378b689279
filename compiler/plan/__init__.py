"""What the compiler writes beside the scripts: plan.json (the contract) and prep.csv."""

from compiler.plan.assumptions import assumptions_of
from compiler.plan.document import PlanInputs, plan_document
from compiler.plan.joined import joined_plan
from compiler.plan.prep import prep_csv, prep_lines

__all__ = ["PlanInputs", "assumptions_of", "joined_plan", "plan_document", "prep_csv", "prep_lines"]
