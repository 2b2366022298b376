"""What the made-up team does with its customers: follow-ups, opportunities, feedback."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from crm_sheets.cells import CellValue
from crm_sheets.demo.dice import Dice
from crm_sheets.demo.team import Member
from crm_sheets.demo.words.model import Words
from crm_sheets.language import Language

_METHODS = {"phone": 45.0, "visit": 20.0, "email": 15.0, "meeting": 12.0, "social": 8.0}
_REMIND = {"none": 2.0, "quarter_hour": 2.0, "hour": 4.0, "two_hours": 2.0, "day": 5.0, "three_days": 1.0}
_STAGES = {
    "contact": 18.0, "needs": 18.0, "proposal": 16.0, "negotiation": 12.0, "signing": 6.0, "won": 18.0, "lost": 12.0,
}  # fmt: skip
_DEAL_SOURCES = {"new_customer": 5.0, "repeat": 4.0, "referral": 3.0, "tender": 2.0, "exhibition": 2.0, "website": 2.0}
_WIN_REASONS = ("price", "product", "service", "relationship", "delivery", "brand")
_LOSS_REASONS = ("price", "product", "competitor", "budget", "timing", "silence")
_TYPES = {"complaint": 30.0, "suggestion": 20.0, "praise": 22.0, "question": 28.0}
_FEEDBACK_SOURCES = {"survey": 2.0, "hotline": 4.0, "social": 1.0, "email": 2.0, "visit": 2.0}
_SATISFACTION = {"complaint": (1, 3), "suggestion": (3, 4), "praise": (4, 5), "question": (3, 5)}
_RECOMMENDATION = {"complaint": (0, 7), "suggestion": (5, 9), "praise": (8, 10), "question": (6, 10)}
_SHARE_DONE, _SHARE_OVERDUE, _SHARE_ASKED = 0.72, 0.06, 0.6


@dataclass(frozen=True, slots=True)
class ActivityMaker:
    """Makes rows that refer to customers, by the exact name as people do."""

    dice: Dice
    words: Words
    language: Language
    service: tuple[Member, ...]

    def opportunity(self, customer: dict[str, CellValue]) -> dict[str, CellValue]:
        """A row of the 机会 tab."""
        dice, sales = self.dice, self.words.sales
        stage = dice.weighted(_STAGES)
        closed = stage in {"won", "lost"}
        started = dice.day(-300, -30) if closed else dice.day(-36 if stage == "contact" else -120, -3)
        close = started + timedelta(days=dice.whole(10, 29)) if closed else dice.day(3, 150)
        space = " " if self.words.sales.products[0].isascii() else ""
        return {
            "name": f"{self.brief(customer)} {dice.pick(sales.products)}{space}{dice.pick(sales.projects)}",
            "customer": customer["name"],
            "source": self._value("opportunity_source", dice.weighted(_DEAL_SOURCES)),
            "stage": self._value("opportunity_stage", stage),
            "amount": dice.amount(80_000),
            "discount": dice.pick((0.05, 0.08, 0.1)) if dice.chance(0.2) else None,
            "close_date": close,
            "started_on": started,
            "competitor": dice.pick(sales.competitors) if dice.chance(0.3) else None,
            "milestone": dice.pick(sales.milestones) if not closed and dice.chance(0.6) else None,
            "win_reason": self._value("win_reason", dice.pick(_WIN_REASONS)) if stage == "won" else None,
            "loss_reason": self._value("loss_reason", dice.pick(_LOSS_REASONS)) if stage == "lost" else None,
            "owner": customer["owner"],
        }

    def follow_up(self, customer: dict[str, CellValue], deals: Sequence[dict[str, CellValue]]) -> dict[str, CellValue]:
        """A row of the 跟进 tab: mostly done, some overdue, the rest planned."""
        dice, words = self.dice, self.words.follow_ups
        turn = dice.random.random()
        done = turn < _SHARE_DONE
        days = (-180, -1) if done else (-10, -1) if turn < _SHARE_DONE + _SHARE_OVERDUE else (1, 21)
        planned = dice.office_hour(dice.day(*days))
        subject, method, content = dice.pick(words.contents).split("|")
        told = {
            "contact": customer["contact"],
            "company": self.brief(customer),
            "product": dice.pick(self.words.sales.products),
        }
        row: dict[str, CellValue] = {
            "customer": customer["name"],
            "opportunity": dice.pick(deals)["name"] if deals and dice.chance(0.6) else None,
            "method": self._value("follow_up_method", method if dice.chance(0.8) else dice.weighted(_METHODS)),
            "subject": subject,
            "content": content.format(**told),
            "planned_at": planned,
            "owner": customer["owner"] if dice.chance(0.8) else None,
            "remind": self._value("remind_before", dice.weighted(_REMIND)),
        }
        if done:
            late = timedelta(hours=dice.pick((0, 0, 0, 0, 1, 2)) if dice.chance(0.85) else 24 * dice.whole(1, 4))
            row |= {
                "done_at": min(planned + late, self.dice.now - timedelta(minutes=30)),
                "result": dice.pick(words.results),
                "next_step": dice.pick(words.next_steps),
                "reaction": dice.pick(words.reactions),
                "participants": dice.pick(words.participants) if dice.chance(0.15) else None,
            }
        return row

    def feedback(self, customer: dict[str, CellValue]) -> dict[str, CellValue]:
        """A row of the 反馈 tab; what is still open came in lately, some of it too long ago."""
        dice = self.dice
        kind = dice.weighted(_TYPES)
        state = dice.weighted({"done": 78.0, "in_progress": 12.0, "open": 10.0})
        day = dice.day(-150, -8) if state == "done" else dice.day(-3, 0) if dice.chance(0.75) else dice.day(-14, -4)
        row: dict[str, CellValue] = {
            "customer": customer["name"],
            "date": day,
            "source": self._value("feedback_source", dice.weighted(_FEEDBACK_SOURCES)),
            "type": self._value("feedback_type", kind),
            "content": dice.pick(self.words.feedback.contents[kind]),
            "state": self._value("feedback_state", state),
            "owner": dice.pick(self.service).name,
        }
        if state == "done":
            resolved = dice.office_hour(day + timedelta(days=dice.whole(1, 6)))
            row |= {"response": dice.pick(self.words.feedback.responses[kind]), "resolved_at": resolved}
            row["satisfaction"] = dice.whole(*_SATISFACTION[kind]) if dice.chance(0.8) else None
        return row

    def brief(self, customer: dict[str, CellValue]) -> str:
        """What colleagues call a customer: the name without its legal form."""
        name = str(customer["name"])
        for form in sorted(set(self.words.companies.forms), key=len, reverse=True):
            name = name.removesuffix(form).strip()
        return name

    def _value(self, dictionary: str, code: str) -> str:
        return self.language.text(f"value.{dictionary}.{code}")


def ask_for_recommendations(dice: Dice, feedback: Sequence[dict[str, CellValue]], language: Language) -> None:
    """Most of whom were answered say how likely they are to recommend the firm, from 0 to 10."""
    types = {language.text(f"value.feedback_type.{code}"): span for code, span in _RECOMMENDATION.items()}
    for row in feedback:
        if row.get("resolved_at") is not None and dice.chance(_SHARE_ASKED):
            row["recommendation"] = dice.whole(*types[str(row["type"])])
