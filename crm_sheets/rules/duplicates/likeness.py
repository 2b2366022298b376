"""How each column of many pairs of customers compares: a word for each pair, as its place among the words of its kind.

For each column there are two functions: `..._told` asks the numbers, which leave some pairs unsure; `..._read` asks the
texts of these.
"""

from crm_sheets.rules.duplicates.likeness_of_addresses import addresses_read, addresses_told
from crm_sheets.rules.duplicates.likeness_of_names import names_read, names_told
from crm_sheets.rules.duplicates.likeness_of_numbers import (
    codes_read,
    codes_told,
    ids_read,
    ids_told,
    phones_read,
    phones_told,
)
from crm_sheets.rules.duplicates.likeness_of_people import (
    contacts_read,
    contacts_told,
    emails_read,
    emails_told,
)
from crm_sheets.rules.duplicates.likeness_words import Comparison
from crm_sheets.rules.duplicates.weights import Addresses, Codes, Contacts, Emails, Ids, Names, Phones

NAMES = Comparison(Names, names_told, names_read)
BESIDE: dict[str, Comparison] = {
    "phone": Comparison(Phones, phones_told, phones_read),
    "email": Comparison(Emails, emails_told, emails_read),
    "credit_code": Comparison(Codes, codes_told, codes_read),
    "id_number": Comparison(Ids, ids_told, ids_read),
    "contact": Comparison(Contacts, contacts_told, contacts_read),
    "address": Comparison(Addresses, addresses_told, addresses_read),
}
"""The columns beside the name, those that take longest to read last."""
