"""The birthday is the one in the ID number."""

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Context, found, record_of
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer


def birthday_matches(row: Row, context: Context) -> Outcome:
    """Flags a birthday that is not the one in the ID number (GB 11643-1999: digits 7 to 14).

    The message names neither: whoever reads it may not be one who may read the number.
    """
    customer = record_of(row, Customer)
    number, birthday = customer.id_number or "", customer.birthday
    if birthday is None or len(number) != 18 or not number[:17].isdigit():
        return NOTHING
    if number[6:14] == f"{birthday:%Y%m%d}":
        return NOTHING
    return Outcome((found("birthday-differs", row, "birthday"),))
