"""A customer made comparable, and the keys under which its duplicates are looked for."""

from dataclasses import dataclass

from crm_sheets.rules.duplicates.addresses import Address, address_of
from crm_sheets.rules.duplicates.fields import Email, code_of, contact_of, email_of, organisation_of, phones_of
from crm_sheets.rules.duplicates.names import Name, name_of, romanised
from crm_sheets.rules.duplicates.subjects import Subject
from crm_sheets.rules.duplicates.text import sound, syllables


@dataclass(frozen=True, slots=True)
class Profile:
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

    The letter in front says what is shared: c credit code, i ID number, p phone, e e-mail, a house, n name, m name and city, b brand,
    f first sounds of the name, t and u contact with first and last sounds of the name.
    """
    keys = [*crowd_keys(profile)]
    name = profile.name
    if name.sounds:
        keys.append(f"b:{name.sounds}")
        keys += _name_parts(profile)
    if profile.romanised:
        keys.append(f"b:{profile.romanised}")
    if profile.code:
        keys.append(f"c:{organisation_of(profile.code) or profile.code}")
    if profile.id_number:
        keys.append(f"i:{profile.id_number}")
    keys += [f"p:{phone}" for phone in profile.phones]
    if profile.email.address:
        keys.append(f"e:{profile.email.address}")
    if profile.address.place:
        keys.append(f"a:{profile.address.place}")
    return tuple(dict.fromkeys(keys))


def crowd_keys(profile: Profile) -> tuple[str, ...]:
    """The keys of those that bear the name: everywhere, and in its city where the name tells one."""
    name = profile.name
    if not name.sounds:
        return ()
    core = name.sounds + sound(name.trade)
    return (f"n:{core}", f"m:{core}|{name.region.city}") if name.region.city else (f"n:{core}",)


def _name_parts(profile: Profile) -> list[str]:
    """Keys that survive a slip in the name."""
    name = profile.name
    parts = syllables(name.core) if name.chinese else (name.core[:3], name.core[3:6], name.core[6:9], name.core[9:])
    sounds = "".join(parts)
    keys = [f"f:{''.join(parts[:3])}"] if len(parts) > 2 else []
    if profile.contact:
        keys += [f"t:{profile.contact}|{sounds[:3]}", f"u:{profile.contact}|{sounds[-4:]}"]
    return keys
