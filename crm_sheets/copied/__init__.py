"""A conflict copy taken in: one more reading of the same replica, at the generation that it descends from.

Nothing is ever written into a copy, and the base says what the workbook itself holds: so neither is changed here. What
was edited in the copy is merged like what was edited in the workbook; of the rest:

| in the copy | what happens |
|---|---|
| a row without a key, equal to one that was made since | it is that row, typed before the drive parted the two files |
| one that shares a telling cell with one that was made since | held: kept in the journal, told on that row |
| any other row without a key | a new record, once for each copy |
| a row that nobody can place | held, told on the rows that it may be |
| a row is missing | it stays, and says so: an old file deletes nothing |
| a cell that cannot be read | kept in the journal, told on the row |
"""

from crm_sheets.copied.outcomes import CopyOutcome, CopyReading, copy_note
from crm_sheets.copied.taking import Taking, take_in_copy

__all__ = ["CopyOutcome", "CopyReading", "Taking", "copy_note", "take_in_copy"]
