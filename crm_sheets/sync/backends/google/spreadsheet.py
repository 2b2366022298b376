"""The calls that the back end makes, for one spreadsheet, with refusals in our own terms."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from hashlib import blake2b
from typing import Any

from crm_sheets.sync.backends.google.connect import Account
from crm_sheets.sync.backends.google.errors import Refused, Why, in_our_terms
from crm_sheets.sync.backends.google.http import SHEETS
from crm_sheets.sync.backends.google.structure import FIELDS, Structure, structure_of

Answer = Mapping[str, Any]


class Spreadsheet:
    """One spreadsheet of one account."""

    def __init__(self, account: Account | Callable[[], Account], spreadsheet: str, name: str = "") -> None:
        """`account` may be given late: commands that ask Google nothing work without one. `name` is how messages call
        the spreadsheet."""
        self._account, self.id = account, spreadsheet
        self.name = name or f"https://docs.google.com/spreadsheets/d/{spreadsheet}"

    @cached_property
    def account(self) -> Account:
        """Who asks."""
        return self._account() if callable(self._account) else self._account

    def structure(self) -> Structure:
        """Its sheets."""
        return structure_of(self.get(FIELDS))

    def get(self, fields: str, ranges: Sequence[str] = ()) -> Answer:
        """spreadsheets.get under a mask; a mask that names `data` has the cells of the ranges."""
        params: dict[str, Any] = {"fields": fields}
        if ranges:
            params["ranges"] = list(ranges)
        with self._in_our_terms(writing=False):
            found: Answer = self.account.client.spreadsheets_get(self.id, params)
        return found

    def values(self, ranges: Sequence[str], render: str = "UNFORMATTED_VALUE") -> tuple[Answer, str]:
        """values:batchGet, and a digest of the answer as it came.

        Raises:
            Refused: one of the ranges is not there.
        """
        params = {"ranges": list(ranges), "valueRenderOption": render, "dateTimeRenderOption": "SERIAL_NUMBER"}
        with self._in_our_terms(writing=False):
            response = self.account.client.request(
                "get", f"{SHEETS}/v4/spreadsheets/{self.id}/values:batchGet", params=params
            )
        return response.json(), blake2b(response.content, digest_size=16).hexdigest()

    def batch(self, body: Mapping[str, Any], fields: str, *, repeatable: bool) -> Answer:
        """batchUpdate.

        Raises:
            Refused: Google does not take it; nothing of it was done, unless by an earlier try (`unsure`).
        """
        with self._in_our_terms(writing=True):
            found: Answer = self.account.client.batch(self.id, body, fields, repeatable=repeatable)
        return found

    @contextmanager
    def _in_our_terms(self, *, writing: bool) -> Iterator[None]:
        try:
            yield
        except Refused as refused:
            if refused.why is Why.INVALID:
                raise
            raise in_our_terms(refused, self.name, self.account.email, writing=writing) from refused
