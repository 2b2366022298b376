"""Who is who: 负责人 is typed as a name or a 工号, and means one person with a department, a group and a manager.

Two people of one name are two, and so are the 一组 of two departments: where a name is not enough to tell them apart,
the 工号 or the department stands beside it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crm_sheets.cells import text_key
from crm_sheets.rules.summaries.base import Frames, SummaryContext
from crm_sheets.rules.summaries.frames import column, texts
from crm_sheets.rules.summaries.vectors import factorized
from crm_sheets.schema.tallies import unit_keys

if TYPE_CHECKING:
    from crm_sheets.rules.summaries.vectors import Counts, Texts


@dataclass(frozen=True, slots=True)
class Member:
    """A person as a summary groups by it; every attribute is a name that can be shown, but for the last one.

    Attributes:
        scopes: for what a target or a measure of this person may be meant, as text_key: the name, the 工号, the
            department and the group, the last by its own name only where no other has it (rules.scopes).
    """

    name: str
    department: str
    group: str
    manager: str
    scopes: frozenset[str] = frozenset()


def members(frames: Frames, context: SummaryContext) -> dict[str, Member]:
    """Everybody in 组织, under the text_key of their name and of their 工号; a text that names two of them names
    nobody, as for rights and rules (organisation.Organisation)."""
    blank = context.language.text("summary.blank")
    numbers = [str(value or "") for value in column(frames, "people", "id")]
    names = _told_apart(texts(frames, "people", "name", context), numbers)
    departments, groups = (texts(frames, "people", name, context) for name in ("department", "group"))
    typed = zip(column(frames, "people", "name"), numbers, strict=True)
    called = [frozenset(text_key(str(text)) for text in pair if text) for pair in typed]
    often = Counter(key for keys in called for key in keys)
    known: dict[str, Member] = {}
    for keys, name, department, raw, group, manager in zip(
        called,
        names,
        departments,
        groups,
        _in_departments(groups, departments, blank),
        texts(frames, "people", "manager", context),
        strict=True,
    ):
        alone = frozenset(key for key in keys if often[key] == 1)
        units = unit_keys(*(None if text == blank else text for text in (department, raw)))
        units -= {text_key(raw)} if group != raw else set()
        known |= dict.fromkeys(alone, Member(name, department, group, manager, alone | units))
    managers = {key: member.name for key, member in known.items()}
    return {
        key: replace(member, manager=managers.get(text_key(member.manager), member.manager))
        for key, member in known.items()
    }


def _told_apart(names: Sequence[str], numbers: Sequence[str]) -> list[str]:
    often = Counter(map(text_key, names))
    return [
        f"{name} ({number})" if number and often[text_key(name)] > 1 else name
        for name, number in zip(names, numbers, strict=True)
    ]


def _in_departments(groups: Sequence[str], departments: Sequence[str], blank: str) -> list[str]:
    """The groups, with the department where two have a group of that name."""
    of: dict[str, set[str]] = {}
    for group, department in zip(groups, departments, strict=True):
        of.setdefault(text_key(group), set()).add(text_key(department))
    return [
        f"{department}/{group}" if len(of[text_key(group)]) > 1 and blank not in (group, department) else group
        for group, department in zip(groups, departments, strict=True)
    ]


def owners(frames: Frames, tab: str, name: str, context: SummaryContext) -> list[Member]:
    """The person that each row of a tab names; somebody whom 组织 does not know has blanks beside the name."""
    known, blank = members(frames, context), context.language.text("summary.blank")
    return [
        known.get(text_key(text)) or Member(text, blank, blank, blank, frozenset({text_key(text)}))
        for text in texts(frames, tab, name, context)
    ]


def holders(frames: Frames, tab: str, name: str, context: SummaryContext) -> "tuple[Counts, list[Member]]":
    """Everybody whom a column names, somebody without a name as the last, and the place in that list of the person
    that each row names. Whoever is called by a name and by a 工号 stands in it twice."""
    import numpy as np

    known, blank = members(frames, context), context.language.text("summary.blank")
    nobody = Member(blank, blank, blank, blank)

    def of(text: str) -> Member:
        return known.get(text_key(text)) or Member(text, blank, blank, blank, frozenset({text_key(text)}))

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
