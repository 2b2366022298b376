"""The command about permissions."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ColumnAccess:
    """What somebody may do with a column.

    Attributes:
        rows: how many rows at each level but `hidden`, the highest level first; empty where none.
        why: the grants and denies that say so, or what it is made from that may not be read.
    """

    column: str
    label: str
    rows: Mapping[str, int]
    why: str = ""


@dataclass(frozen=True, slots=True)
class TabAccess:
    """What somebody may do in a tab.

    Attributes:
        visible: rows that they see, of `total`.
        create: `none`, `own` or `all`.
        deletable: rows that they may take out; delete_asks: rows for which they may ask.
        grants, denies: those that concern them, in words.
    """

    tab: str
    label: str
    visible: int
    total: int
    create: str
    deletable: int
    delete_asks: int
    columns: tuple[ColumnAccess, ...]
    grants: tuple[str, ...]
    denies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccessReport:
    """`access PERSON`: tabs of which they may see nothing are left out.

    Attributes:
        waits: whether what the config shows for the first time has not been confirmed.
        preview: the file to which the view was written.
    """

    person: str
    number: str
    role: str
    department: str
    group: str
    tabs: tuple[TabAccess, ...]
    waits: bool = False
    preview: Path | None = None


@dataclass(frozen=True, slots=True)
class AccessChange:
    """A column of a tab with which people of a role may do something else; `+` stands for new rows, `-` for deletions.

    Attributes:
        change: `opens`, `closes`, `raises` or `lowers`; before, after: levels; for new rows `create_none`,
            `create_own`, `create_all`; for deletions `delete_none`, `delete_propose`, `delete_edit`; for the text of
            sealed cells `masked`, `revealed`.
        rows: how many, of all people together; 0 where no row shows it so far.
        people: names.
    """

    role: str
    tab: str
    column: str
    label: str
    change: str
    before: str
    after: str
    people: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True, order=True)
class AccessLine:
    """A grant or deny that comes, or goes, in words."""

    role: str
    tab: str
    text: str
    added: bool


@dataclass(frozen=True, slots=True)
class AccessDiffReport:
    """`access --diff` and `access apply`.

    Attributes:
        lines: of `--diff`, the grants and denies that only one of both configs has.
        confirm: what to give to `access apply --confirm` for what waits to take effect; "" where nothing waits.
        applied: whether it was confirmed just now.
    """

    changes: tuple[AccessChange, ...]
    confirm: str = ""
    applied: bool = False
    lines: tuple[AccessLine, ...] = ()
