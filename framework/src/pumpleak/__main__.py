"""``python -m pumpleak``: the command line."""

from .cli import main

main(prog_name="pumpleak")
