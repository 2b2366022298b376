"""What ought to be. One rule, one module, one signature; rules know nothing of each other. Pure.

A new rule is one module and one line in DEFAULT_RULES, in `defaults.py`. They are imported when they are first asked
for: whoever only looks for duplicates or sums up needs none of them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crm_sheets.rules.defaults import DEFAULT_RULES

__all__ = ["DEFAULT_RULES"]


def __getattr__(name: str) -> object:
    if name != "DEFAULT_RULES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from crm_sheets.rules.defaults import DEFAULT_RULES

    return DEFAULT_RULES
