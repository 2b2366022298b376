"""Row keys and witnesses."""

import secrets

from hypothesis import given
from hypothesis import strategies as st

from crm_sheets.schema.identifiers import ALPHABET, is_row_key, new_row_key, witness
from crm_sheets.tables import ReplicaKey, RowKey, TabKey

KEYS = st.binary(min_size=4, max_size=4).map(lambda data: new_row_key("C", lambda _: data))
SHARED, CUSTOMERS = ReplicaKey("shared"), TabKey("customers")


def test_a_new_key_is_one() -> None:
    keys = {new_row_key("C", secrets.token_bytes) for _ in range(1000)}
    assert len(keys) >= 999
    assert all(is_row_key(key) and len(key) == 9 for key in keys)


@given(key=KEYS, place=st.integers(2, 8), other=st.sampled_from(ALPHABET))
def test_a_wrong_character_is_found(key: RowKey, place: int, other: str) -> None:
    wrong = key[:place] + other + key[place + 1 :]
    assert is_row_key(wrong) is (wrong == key)


@given(key=KEYS, place=st.integers(2, 7))
def test_two_swapped_characters_are_found(key: RowKey, place: int) -> None:
    swapped = key[:place] + key[place + 1] + key[place] + key[place + 2 :]
    assert is_row_key(swapped) is (swapped == key)


def test_other_texts_are_no_keys() -> None:
    assert not any(map(is_row_key, ("", "C-", "华为", "C-123", "c-0000000", "C-IIIIIII", "0000000")))


def test_a_witness_depends_on_everything() -> None:
    key, other = RowKey("C-1"), RowKey("C-2")
    first = witness(b"secret", "book", SHARED, CUSTOMERS, key)
    assert first == witness(b"secret", "book", SHARED, CUSTOMERS, key)
    assert len(first) == 16
    others = {
        witness(b"other", "book", SHARED, CUSTOMERS, key),
        witness(b"secret", "kook", SHARED, CUSTOMERS, key),
        witness(b"secret", "book", ReplicaKey("view"), CUSTOMERS, key),
        witness(b"secret", "book", SHARED, TabKey("feedback"), key),
        witness(b"secret", "book", SHARED, CUSTOMERS, other),
    }
    assert len(others) == 5
    assert first not in others
