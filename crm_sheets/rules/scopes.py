"""Whom a target is for: the company, a department, a group or a person, found in 组织."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from crm_sheets.cells import text_key
from crm_sheets.rules.base import Context, record_of
from crm_sheets.rules.naming import PEOPLE
from crm_sheets.schema.people import PersonRecord
from crm_sheets.schema.performance import Performance
from crm_sheets.schema.tallies import ORGANISATION, scope_key, scope_kind, scope_name, unit_keys


class ScopeKind(StrEnum):
    """What a scope is."""

    COMPANY = "company"
    DEPARTMENT = "department"
    GROUP = "group"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a target is for.

    Attributes:
        key: what it is called, as text_key; "" for the company.
        number: 工号 of a person.
        people: those who belong to it.
    """

    kind: ScopeKind
    key: str
    people: tuple[PersonRecord, ...]
    number: str = ""

    def has(self, result: Performance) -> bool:
        """Whether a month of somebody, found under the scope's name, counts for it."""
        match self.kind:
            case ScopeKind.COMPANY:
                return True
            case ScopeKind.DEPARTMENT:
                return text_key(result.department or "") == self.key
            case ScopeKind.GROUP:
                return self.key in unit_keys(result.department, result.group) - {text_key(result.department or "")}
            case ScopeKind.PERSON:
                return text_key(result.number or result.name or "") == self.number


def scopes_of(text: str, context: Context) -> tuple[Scope, ...]:
    """All that a scope may mean: one is the rule, none an unknown, several an ambiguous one."""
    key = scope_key(text)
    if key is None:
        return ()
    if key == "":
        return (Scope(ScopeKind.COMPANY, key, _members(key, context)),)
    wanted = scope_kind(text)
    found = [*_units(key, context), *_persons(scope_name(text), context)]
    return tuple(scope for scope in found if wanted in ("", scope.kind))


def _members(key: str, context: Context) -> tuple[PersonRecord, ...]:
    return tuple(record_of(row, PersonRecord) for row in context.book.counted(PEOPLE, ORGANISATION, key))


def _units(key: str, context: Context) -> list[Scope]:
    people = _members(key, context)
    of_department = tuple(each for each in people if text_key(each.department or "") == key)
    of_group = tuple(each for each in people if key in _group_keys(each))
    found = [Scope(ScopeKind.DEPARTMENT, key, of_department)] if of_department else []
    for department in sorted({each.department or "" for each in of_group}):
        within = tuple(each for each in of_group if (each.department or "") == department)
        found.append(Scope(ScopeKind.GROUP, key, within))
    return found


def _persons(name: str, context: Context) -> list[Scope]:
    people = [record_of(row, PersonRecord) for row in context.book.named(PEOPLE, name)]
    return [Scope(ScopeKind.PERSON, text_key(name), (each,), text_key(each.id or each.name or "")) for each in people]


def _group_keys(person: PersonRecord) -> set[str]:
    """What a person's group may be called: by its own name, or with the department before it."""
    if not person.group:
        return set()
    return {text_key(person.group), *([text_key(f"{person.department}/{person.group}")] if person.department else [])}


def largest_parts(scope: Scope, others: Collection[str]) -> tuple[str, ...]:
    """Which of other scopes (as scope_key) lie inside of `scope` and not inside of one another.

    Only the people of `scope` are asked: departments of the company, groups and people of a department, people of a
    group. A person has no parts, and is not part of itself under another name.
    """
    if scope.kind is ScopeKind.PERSON:
        return ()
    above: dict[str, set[str]] = {}
    for person in scope.people:
        department = {text_key(person.department)} if person.department else set[str]()
        groups = _group_keys(person)
        if scope.kind is ScopeKind.COMPANY:
            for name in department:
                above.setdefault(name, set())
        if scope.kind in (ScopeKind.COMPANY, ScopeKind.DEPARTMENT):
            for name in groups:
                above.setdefault(name, set()).update(department)
        for name in {text_key(each) for each in (person.name, person.id) if each}:
            above.setdefault(name, set()).update(groups | department)
    inside = {other for other in others if other != scope.key and other in above}
    return tuple(sorted(other for other in inside if not above[other] & (inside - {other})))
