"""The made-up team's campaigns: two that are over, with who came; one whose list is wanted; three to come."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from crm_sheets.cells import CellValue
from crm_sheets.demo.dice import Dice
from crm_sheets.demo.words.model import Words
from crm_sheets.language import Language
from crm_sheets.schema.dictionaries import Dictionaries, DictionaryEntry
from crm_sheets.schema.tags import TAG

Rows = list[dict[str, CellValue]]


class Scheme(NamedTuple):
    """One campaign: when it begins in days from today, how long it is, how many members were typed in."""

    type: str
    starts: int
    days: int
    list: str = ""
    members: int = 0


_SCHEMES = (
    Scheme("offline", -75, 1, members=45),
    Scheme("online", -20, 3, members=60),
    Scheme("offline", 12, 1, list="make"),
    Scheme("online", 25, 2),
    Scheme("offline", 40, 1),
    Scheme("online", 55, 1),
)
_STATES = {"attended": 55.0, "absent": 25.0, "registered": 8.0, "invited": 12.0}
_SOON = timedelta(days=25)
_SHARE_REFUSING, _SHARE_BY_MAIL = 0.4, 0.05


@dataclass(frozen=True, slots=True)
class CampaignMaker:
    """Makes rows that refer to customers by their exact names."""

    dice: Dice
    words: Words
    language: Language

    def rows(self, customers: Sequence[dict[str, CellValue]], deals: Sequence[dict[str, CellValue]]) -> dict[str, Rows]:
        """The rows of the tabs 营销活动 and 活动名单. It also asks some customers whether they want to be contacted."""
        self._ask(customers)
        willing = [row for row in customers if row["contact_consent"] is None]
        campaigns: Rows = []
        members: Rows = []
        for scheme, name, audience in zip(
            _SCHEMES, self.words.campaigns.names, self.words.campaigns.audiences, strict=True
        ):
            campaign = self._campaign(scheme, name, audience)
            campaigns.append(campaign)
            for customer in self._guests(scheme, campaign, willing, deals):
                state = self._value("member_state", self.dice.weighted(_STATES))
                members.append({"campaign": name, "customer": customer["name"], "state": state})
        return {"campaigns": campaigns, "campaign_members": members}

    def _guests(
        self,
        scheme: Scheme,
        campaign: dict[str, CellValue],
        willing: Sequence[dict[str, CellValue]],
        deals: Sequence[dict[str, CellValue]],
    ) -> Rows:
        """Some who bought soon afterwards, as after a good campaign, and others."""
        won, begins = self._value("opportunity_stage", "won"), campaign["starts_on"]
        buyers = {
            deal["customer"]
            for deal in deals
            if deal["stage"] == won and isinstance(begins, date) and _soon_after(begins, deal["close_date"])
        }
        bought = [row for row in willing if row["name"] in buyers][: scheme.members // 5]
        others = [row for row in willing if row not in bought]
        return [*bought, *self.dice.random.sample(others, scheme.members - len(bought))]

    def _ask(self, customers: Sequence[dict[str, CellValue]]) -> None:
        gone = {self._value("customer_status", code) for code in ("lost", "dormant")}
        for row in customers:
            refuses = row["status"] in gone and self.dice.chance(_SHARE_REFUSING)
            by_mail = bool(row.get("email")) and self.dice.chance(_SHARE_BY_MAIL)
            code = "none" if refuses else "email_only" if by_mail else ""
            row["contact_consent"] = self._value("contact_consent", code) if code else None

    def _campaign(self, scheme: Scheme, name: str, audience: str) -> dict[str, CellValue]:
        starts = self.dice.day(scheme.starts, scheme.starts)
        return {
            "name": name,
            "type": self._value("campaign_type", scheme.type),
            "starts_on": starts,
            "ends_on": starts + timedelta(days=scheme.days - 1),
            "budget": self.dice.amount(30_000),
            "audience": audience,
            "list": self._value("campaign_list", scheme.list) if scheme.list else None,
            **(self._mail() if scheme.list else {}),
        }

    def _mail(self) -> dict[str, CellValue]:
        """A mail that is written, and that nobody has asked to be sent yet."""
        return {"mail_subject": self.words.campaigns.mail_subject, "mail_text": self.words.campaigns.mail_text}

    def _value(self, dictionary: str, code: str) -> str:
        return self.language.text(f"value.{dictionary}.{code}")


def _soon_after(begins: date, day: CellValue) -> bool:
    return isinstance(day, date) and timedelta(0) <= day - begins <= _SOON


def with_library(dictionaries: Dictionaries, words: Words) -> Dictionaries:
    """The dictionaries of a new book, and a library of the tags that the made-up team uses."""
    tags = (DictionaryEntry(tag, "", order, True, {}) for order, tag in enumerate(words.sales.tags, 1))
    return replace(dictionaries, entries={**dictionaries.entries, TAG: tuple(tags)})
