"""What is to be remembered of the sheets that a cycle has read, so that the next one need not read most of them."""

from collections.abc import Collection, Mapping
from typing import TypeAlias

from crm_sheets.outline import Outline, blocks_that_stand
from crm_sheets.plan import Plan
from crm_sheets.reading import looks_of
from crm_sheets.replica import Intake
from crm_sheets.sync.store.base_memory import Moved
from crm_sheets.tables import RowKey, TabKey

Kept: TypeAlias = Mapping[TabKey, tuple[Outline, int]]
"""What is to be remembered of each tab, with the count of changes of the base for which it holds."""


def outlines_of(
    plan: Plan, versions: Mapping[TabKey, int], moved: Mapping[TabKey, Collection[Moved]], above: int
) -> Kept:
    """What is to be remembered.

    Args:
        above: a row up to which headers may stand.
        plan: what was planned, of a file of the newest generation.
        versions: how often the base of each tab had changed before the plan was remembered.
        moved: what moved in the bases when it was.
    """
    kept = {}
    for tab, intake in plan.places.intakes.items():
        moves = moved.get(tab, ())
        keys = frozenset(key for move in moves for key in move.keys)
        outline = _outline(intake, plan.commit.read, keys, sum(move.grown for move in moves), above)
        if outline is not None:
            kept[tab] = outline, versions.get(tab, 0) + len(moves)
    return kept


def _outline(intake: Intake, generation: int, moved: Collection[RowKey], grown: int, above: int) -> Outline | None:
    reading, standing = intake.reading, intake.standing
    if reading.sheet is None or intake.halted is not None:
        return None
    head = max(above, reading.layout.header_row)
    blocks = blocks_that_stand(reading.sheet.blocks, intake.rows, standing, moved, head)
    if not blocks:
        return None
    looks = looks_of(reading.tab, reading.layout)
    return Outline(reading.sheet.name, looks, reading.sheet.meaning, generation, len(standing.known) + grown, blocks)
