"""What each agreement and disagreement says, as natural logarithms of odds (Fellegi and Sunter, 1969).

0 says nothing, 2.3 makes "the same" ten times as likely as before. The weights are rounded by hand, not fitted: a model fitted to one
set of customers learns that set.
"""

from collections.abc import Mapping

from crm_sheets.rules.duplicates.likeness import Addresses, Codes, Contacts, Emails, Names, Phones

START = -2.2
"""Two customers that share a key of the index, nothing else known."""

NAMES: Mapping[Names, float] = {
    Names.MISSING: -1.0,
    Names.SAME: 3.0,
    Names.SHORT: 1.7,
    Names.ROMAN: 0.8,
    Names.SLIP: 1.8,
    Names.SLIPS: -0.4,
    Names.OTHER_TRADE: -5.0,
    Names.CLOSE: -1.5,
    Names.OTHER: -2.0,
}
CODES: Mapping[Codes, float] = {Codes.MISSING: 0, Codes.SAME: 5.0, Codes.SLIP: 3.0, Codes.OTHER: -4.0}
PHONES: Mapping[Phones, float] = {Phones.MISSING: 0, Phones.SAME: 4.0, Phones.SLIP: 2.0, Phones.OTHER: -0.8}
EMAILS: Mapping[Emails, float] = {
    Emails.MISSING: 0,
    Emails.SAME: 4.5,
    Emails.SAME_DESK: 2.5,
    Emails.SLIP: 2.0,
    Emails.SAME_FIRM: -0.8,
    Emails.OTHER: -1.8,
}
CONTACTS: Mapping[Contacts, float] = {
    Contacts.MISSING: 0,
    Contacts.SAME: 4.5,
    Contacts.SIMILAR: 2.5,
    Contacts.IN_MAILBOX: 3.0,
    Contacts.OTHER: -1.5,
}
ADDRESSES: Mapping[Addresses, float] = {
    Addresses.MISSING: 0,
    Addresses.SAME: 3.5,
    Addresses.SIMILAR: 2.0,
    Addresses.SAME_STREET: 2.0,
    Addresses.OTHER: -2.4,
}
SAME_CITY = 0.7
SAME_PROVINCE = 0.3
OTHER_REGION = -5.0
SAME_BRANCH = 1.5
OTHER_BRANCH = -4.0
OTHER_TRADER = -0.4
WESTERN = -0.7
"""Western names are made of fewer words than Chinese ones, and meet by chance more often."""

STRANGERS_PHONE = 2.0
STRANGERS_CONTACT = 0.5
"""One agent with one mobile looks after several firms: under names that have nothing in common they say less."""

CROWD = (0.5, 0.5, 1.0, 0.3, -0.6, -1.2, -1.8)
"""By the bit length of the number of customers with the name (1, 2–3, 4–7 ...): the rarer it is the more it says."""
CROWD_LIMIT = 32
"""From here on a crowd counts the same."""
