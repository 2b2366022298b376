"""Who is who: 负责人 is typed as a name or a 工号, and means one person with a department, a group and a manager."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm_sheets.cells import text_key
from crm_sheets.rules.summaries.base import Frames, SummaryContext
from crm_sheets.rules.summaries.frames import column, texts
from crm_sheets.rules.summaries.vectors import factorized

if TYPE_CHECKING:
    from crm_sheets.rules.summaries.vectors import Counts, Texts


@dataclass(frozen=True, slots=True)
class Member:
    """A person as a summary groups by it; every attribute is a name that can be shown."""

    name: str
    department: str
    group: str
    manager: str


def members(frames: Frames, context: SummaryContext) -> dict[str, Member]:
    """Everybody in 组织, under the text_key of their name and of their 工号."""
    names = texts(frames, "people", "name", context)
    numbers = [str(value or "") for value in column(frames, "people", "id")]
    by_number = {text_key(number): name for number, name in zip(numbers, names, strict=True) if number}
    known = zip(
        numbers,
        names,
        texts(frames, "people", "department", context),
        texts(frames, "people", "group", context),
        texts(frames, "people", "manager", context),
        strict=True,
    )
    found: dict[str, Member] = {}
    for number, name, department, group, manager in known:
        member = Member(name, department, group, by_number.get(text_key(manager), manager))
        found.setdefault(text_key(name), member)
        if number:
            found.setdefault(text_key(number), member)
    return found


def owners(frames: Frames, tab: str, name: str, context: SummaryContext) -> list[Member]:
    """The person that each row of a tab names; somebody whom 组织 does not know has blanks beside the name."""
    known, blank = members(frames, context), context.language.text("summary.blank")
    return [
        known.get(text_key(text)) or Member(text, blank, blank, blank) for text in texts(frames, tab, name, context)
    ]


def holders(frames: Frames, tab: str, name: str, context: SummaryContext) -> "tuple[Counts, list[Member]]":
    """Everybody whom a column names, somebody without a name as the last, and the place in that list of the person
    that each row names. Whoever is called by a name and by a 工号 stands in it twice."""
    import numpy as np

    known, blank = members(frames, context), context.language.text("summary.blank")
    nobody = Member(blank, blank, blank, blank)

    def of(text: str) -> Member:
        return known.get(text_key(text)) or Member(text, blank, blank, blank)

    codes, found = factorized(column(frames, tab, name))
    people = [*(nobody if text == "" else of(str(text)) for text in found), nobody]
    return np.where(codes < 0, len(found), codes), people


def owned(frames: Frames, tab: str, name: str, context: SummaryContext) -> "dict[str, Texts]":
    """The person that each row of a tab names: columns `people`, `departments`, `groups` and `managers`."""
    import numpy as np

    codes, people = holders(frames, tab, name, context)
    attributes = {"people": "name", "departments": "department", "groups": "group", "managers": "manager"}
    return {
        key: np.array([getattr(person, attribute) for person in people], dtype=object)[codes]
        for key, attribute in attributes.items()
    }
