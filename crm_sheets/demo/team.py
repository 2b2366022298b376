"""The made-up team: two departments, three groups, twelve people, one of whom has left."""

from dataclasses import dataclass

from crm_sheets.cells import CellValue
from crm_sheets.demo.dice import Dice
from crm_sheets.demo.words.model import Words
from crm_sheets.language import Language

# Post, department, group (-1: above the groups), who they report to by place in this list.
_POSTS = (
    ("department_manager", 0, -1, None),
    ("department_manager", 1, -1, None),
    ("group_lead", 0, 0, 0),
    ("group_lead", 0, 1, 0),
    ("group_lead", 1, 2, 1),
    ("sales", 0, 0, 2),
    ("sales", 0, 0, 2),
    ("sales", 0, 1, 3),
    ("sales", 0, 1, 3),
    ("sales", 0, 1, 3),
    ("service", 1, 2, 4),
    ("service", 1, 2, 4),
)
LEFT = 9
"""Place in the list of the one who has left."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the team; `role` is a code."""

    id: str
    name: str
    letters: str
    role: str
    department: str
    active: bool


def made_up_name(dice: Dice, words: Words) -> tuple[str, str]:
    """A name and its letters. A given name that ends in a space goes in front."""
    surname, _, surname_letters = dice.pick(words.people.surnames).partition("|")
    given, _, given_letters = dice.pick(words.people.given).partition("|")
    name = given + surname if given.endswith(" ") else surname + given
    letters = f"{given.strip().lower()}.{surname.lower()}" if given.endswith(" ") else surname_letters + given_letters
    return name, letters


def members(dice: Dice, words: Words) -> list[Member]:
    """The team, no two of one name."""
    made: dict[str, Member] = {}
    while len(made) < len(_POSTS):
        name, letters = made_up_name(dice, words)
        role, department, _, _ = _POSTS[len(made)]
        if name not in made:
            number = f"{'S' if department == 0 else 'K'}{len(made) + 1:03d}"
            made[name] = Member(number, name, letters, role, words.team.departments[department], len(made) != LEFT)
    return list(made.values())


def people_rows(team: list[Member], words: Words, language: Language) -> list[dict[str, CellValue]]:
    """The 组织 tab."""
    rows: list[dict[str, CellValue]] = []
    for member, (role, _, group, manager) in zip(team, _POSTS, strict=True):
        rows.append(
            {
                "id": member.id,
                "name": member.name,
                "department": member.department,
                "group": words.team.groups[group] if group >= 0 else None,
                "post": words.team.posts[role],
                "role": language.text(f"value.role.{role}"),
                "manager": team[manager].name if manager is not None else None,
                "email": f"{member.letters}@{words.people.domain}",
                "active": language.text("word.yes" if member.active else "word.no"),
            }
        )
    return rows


def accountant(dice: Dice, words: Words, language: Language, team: list[Member]) -> dict[str, CellValue]:
    """Who looks after payments: a row of 组织, under a name that nobody else has."""
    taken = {member.name for member in team}
    name, letters = made_up_name(dice, words)
    while name in taken:
        name, letters = made_up_name(dice, words)
    role = language.text("value.role.finance")
    return {
        "id": "F001",
        "name": name,
        "department": language.text("demo.finance"),
        "post": role,
        "role": role,
        "email": f"{letters}.f@{words.people.domain}",
        "active": language.text("word.yes"),
    }
