"""A customer made comparable, and the keys under which its duplicates are looked for."""

from typing import NamedTuple

from crm_sheets.rules.duplicates.addresses import Address, address_of
from crm_sheets.rules.duplicates.fields import Email, code_of, contact_of, email_of, organisation_of, phones_of
from crm_sheets.rules.duplicates.names import Name, name_of, romanised
from crm_sheets.rules.duplicates.subjects import Subject
from crm_sheets.rules.duplicates.text import sound


class Profile(NamedTuple):
    """A Subject whose columns were taken apart, once, before it is compared with others."""

    key: str
    name: Name
    contact: str
    phones: tuple[str, ...]
    email: Email
    address: Address
    code: str
    id_number: str
    romanised: str


def profile_of(subject: Subject) -> Profile:
    """The comparable form of a customer."""
    name = name_of(subject.name)
    return Profile(
        subject.key,
        name,
        contact_of(subject.contact),
        phones_of(subject.phone),
        email_of(subject.email),
        address_of(subject.address),
        code_of(subject.credit_code),
        code_of(subject.id_number),
        "" if name.chinese else romanised(subject.name or ""),
    )


def block_keys(profile: Profile) -> tuple[str, ...]:
    """The keys under which a customer is kept in the index; customers that share one are compared.

    Crowd keys come first. The letter in front says what is shared: n the name, m name and city, b the brand, f the
    first sounds of the name, t and u the contact with the first and the last sounds, c credit code, i ID number,
    p phone, e e-mail, a house.
    """
    keys = list(crowd_keys(profile))
    name = profile.name
    if name.brand_sound:
        keys.append(f"b:{name.brand_sound}")
        if len(name.core) > 2:
            keys.append(f"f:{sound(name.core[:3]) if name.chinese else name.core[:9]}")
        if profile.contact:
            keys += (f"t:{profile.contact}|{name.core_sound[:3]}", f"u:{profile.contact}|{name.core_sound[-4:]}")
    if profile.romanised and profile.romanised != name.brand_sound:
        keys.append(f"b:{profile.romanised}")
    if profile.code:
        keys.append(f"c:{organisation_of(profile.code) or profile.code}")
    if profile.id_number:
        keys.append(f"i:{profile.id_number}")
    for phone in profile.phones:
        keys.append(f"p:{phone}")
    if profile.email.address:
        keys.append(f"e:{profile.email.address}")
    if profile.address.place:
        keys.append(f"a:{profile.address.place}")
    return tuple(keys)


def crowd_keys(profile: Profile) -> tuple[str, ...]:
    """The keys of those that bear the name: everywhere, and in its city where the name tells one."""
    name = profile.name
    if not name.core_sound:
        return ()
    if not name.region.city:
        return (f"n:{name.core_sound}",)
    return f"n:{name.core_sound}", f"m:{name.core_sound}|{name.region.city}"
