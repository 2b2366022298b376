"""The made-up customers: companies, dealers and persons, each with what a salesperson would have typed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crm_sheets.cells import CellValue
from crm_sheets.demo.dice import Dice
from crm_sheets.demo.numbers import credit_code, id_number, landline, mobile
from crm_sheets.demo.team import Member, made_up_name
from crm_sheets.demo.words.model import Words
from crm_sheets.language import Language

_TYPES = {"enterprise": 70.0, "channel": 18.0, "person": 12.0}
_STATUSES = {"potential": 30.0, "interested": 22.0, "negotiating": 16.0, "won": 22.0, "dormant": 6.0, "lost": 4.0}
_SOURCES = {
    "referral": 5.0,
    "website": 4.0,
    "exhibition": 4.0,
    "phone": 3.0,
    "advertising": 2.0,
    "partner": 2.0,
    "walk_in": 1.0,
}
_SIZES = (("micro", 5, 19), ("small", 20, 99), ("medium", 100, 499), ("large", 500, 999), ("huge", 1000, 6000))
_LEVELS = {"vip": 1.0, "a": 3.0, "b": 6.0, "c": 8.0}


@dataclass(frozen=True, slots=True)
class Company:
    """Parts of a company's name, so that duplicates can vary it.

    Attributes:
        letters: of the brand, for a mail address.
        industry: a code.
    """

    city: str
    area: str
    district: str
    brand: str
    letters: str
    business: str
    form: str
    industry: str

    def name(self, pattern: str, **other: str) -> str:
        """The name in a pattern of the word list."""
        parts = {"city": self.city, "brand": self.brand, "business": self.business, "form": self.form, **other}
        return pattern.format(**parts)


def made_up_company(dice: Dice, words: Words) -> Company:
    """A company that nobody has heard of."""
    lists = words.companies
    city, area, district = dice.pick(lists.cities).split("|")
    first, first_letters = dice.pick(lists.first).split("|")
    second, second_letters = dice.pick(lists.second).split("|")
    industry = dice.pick(sorted(lists.businesses))
    business = dice.pick(lists.businesses[industry])
    letters = first_letters + second_letters
    return Company(city, area, district, first + second, letters, business, dice.pick(lists.forms), industry)


@dataclass(frozen=True, slots=True)
class CustomerMaker:
    """Makes customers one by one; owners are those of the sales department who are there."""

    dice: Dice
    words: Words
    language: Language
    owners: tuple[Member, ...]

    def made(self) -> tuple[dict[str, CellValue], Company]:
        """A row of the 客户 tab, and the company whose name it has (a person's is that of the employer)."""
        kind = self.dice.weighted(_TYPES)
        company = made_up_company(self.dice, self.words)
        contact, letters = made_up_name(self.dice, self.words)
        row = self._common(kind, company, contact)
        if kind == "person":
            birthday = date(1960, 1, 1) + timedelta(days=self.dice.whole(0, 15_000))
            row |= {"name": contact, "birthday": birthday, "id_number": id_number(self.dice, birthday)}
            row |= {"email": f"{letters}@mail.example.com", "industry": self._value("industry", "other")}
        else:
            row |= self._of_a_company(company, letters)
        return row, company

    def _common(self, kind: str, company: Company, contact: str) -> dict[str, CellValue]:
        dice, sales = self.dice, self.words.sales
        status = dice.weighted(_STATUSES)
        rich = dice.chance(0.6)
        by_hand = dice.chance(0.1)  # the others are left to the program
        return {
            "name": None,
            "type": self._value("customer_type", kind),
            "industry": self._value("industry", company.industry),
            "contact": contact,
            "phone": mobile(dice) if dice.chance(0.8) else landline(dice, company.area),
            "region": company.city,
            "source": self._value("customer_source", dice.weighted(_SOURCES)),
            "preferences": dice.pick(sales.preferences) if rich else None,
            "needs": dice.pick(sales.needs) if rich else None,
            "tags": "; ".join(sorted(dice.random.sample(sales.tags, dice.whole(1, 3)))) if dice.chance(0.5) else None,
            "status": self._value("customer_status", status),
            "level": self._value("customer_level", dice.weighted(_LEVELS)) if by_hand else None,
            "level_basis": dice.pick(sales.level_basis) if by_hand else None,
            "owner": dice.pick(self.owners).name,
            "private_note": dice.pick(sales.private_notes) if dice.chance(0.04) else None,
            "note": dice.pick(sales.notes) if dice.chance(0.25) else None,
        }

    def _of_a_company(self, company: Company, letters: str) -> dict[str, CellValue]:
        dice, lists = self.dice, self.words.companies
        size, least, most = dice.pick(_SIZES)
        building = dice.pick(lists.buildings).format(n=dice.whole(1, 999), b=dice.whole(1, 12), f=dice.whole(2, 28))
        street = dice.pick(lists.streets) + building
        western = f"{street}, {company.district}, {company.city}"
        address = western if western.isascii() else company.city + company.district + street
        employees = dice.whole(least, most)
        return {
            "name": company.name(lists.name),
            "title": dice.pick(self.words.people.titles),
            "email": f"{letters}@{company.letters}{dice.whole(1, 99)}.example.com" if dice.chance(0.8) else None,
            "address": address,
            "size": self._value("customer_size", size),
            "employees": employees,
            "annual_revenue": employees * dice.amount(400_000, 0.3) if dice.chance(0.7) else None,
            "credit_code": credit_code(dice) if dice.chance(0.85) else None,
            "registered_capital": dice.whole(1, 50) * 1_000_000 if dice.chance(0.5) else None,
            "annual_budget": dice.amount(300_000) if dice.chance(0.6) else None,
        }

    def _value(self, dictionary: str, code: str) -> str:
        return self.language.text(f"value.{dictionary}.{code}")


def as_people_type(row: dict[str, CellValue], dice: Dice) -> None:
    """The same values in the forms in which people leave them: none of them is a mistake."""
    phone = row.get("phone")
    if isinstance(phone, str) and len(phone) == 11 and phone.isdigit():
        spaced = f"{phone[:3]} {phone[3:7]} {phone[7:]}"
        forms: tuple[CellValue, ...] = (phone, phone, phone, int(phone), f"+86 {phone}", spaced, _full_width(phone))
        row["phone"] = dice.pick(forms)
    birthday = row.get("birthday")
    if isinstance(birthday, date) and not isinstance(birthday, datetime):
        dates: tuple[CellValue, ...] = (birthday, f"{birthday:%Y/%m/%d}", f"{birthday:%Y%m%d}", f"{birthday:%Y.%m.%d}")
        row["birthday"] = dice.pick(dates)
    revenue = row.get("annual_revenue")
    if isinstance(revenue, int) and dice.chance(0.2):
        row["annual_revenue"] = f"{revenue:,}"
    if isinstance(row["name"], str) and dice.chance(0.03):
        row["name"] += " "


def _full_width(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) for letter in text)
