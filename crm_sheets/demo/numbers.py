"""Numbers that check out: phones, credit codes, ID numbers. None of them is meant to be anybody's."""

from datetime import date

from crm_sheets.demo.dice import Dice

_MOBILE_PREFIXES = (
    "130",
    "135",
    "136",
    "137",
    "138",
    "139",
    "150",
    "152",
    "158",
    "159",
    "177",
    "180",
    "186",
    "188",
    "189",
)
_CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_DISTRICTS = ("310104", "330106", "320506", "440106", "440305", "350203", "420111", "510107", "370202")


def mobile(dice: Dice) -> str:
    """Eleven digits of a Chinese mobile number."""
    return dice.pick(_MOBILE_PREFIXES) + dice.digits(8)


def landline(dice: Dice, area: str) -> str:
    """A landline number with its area code; in all cities of the word lists numbers have eight digits."""
    return f"{area}-{dice.pick('68')}{dice.digits(7)}"


def credit_code(dice: Dice) -> str:
    """A unified social credit code with a right check character (GB 32100-2015)."""
    from stdnum.cn import uscc

    body = "91" + dice.pick(_DISTRICTS) + "".join(dice.pick(_CREDIT_LETTERS) for _ in range(9))
    return body + str(uscc.calc_check_digit(body + "0"))


def id_number(dice: Dice, birthday: date) -> str:
    """A resident's ID number with a right check character (GB 11643-1999)."""
    from stdnum.cn import ric

    body = f"{dice.pick(_DISTRICTS)}{birthday:%Y%m%d}{dice.digits(3)}"
    return body + str(ric.calc_check_digit(body + "0"))


def with_wrong_check(number: str) -> str:
    """The number with another last character, as a slip of the pen makes it."""
    return number[:-1] + ("7" if number[-1] != "7" else "3")
