"""A call from its bytes to its answer: account, method, parameters, body, mask, doing it, and checking the answer."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from crm_sheets.google_emulator import discovery
from crm_sheets.google_emulator.calls import Answer, Call, error_answer, json_answer
from crm_sheets.google_emulator.checking import check_request, mistakes_of_answer
from crm_sheets.google_emulator.discovery import Document, Method
from crm_sheets.google_emulator.files import Files
from crm_sheets.google_emulator.json_values import Json, Object
from crm_sheets.google_emulator.masks import answer_mask, masked
from crm_sheets.google_emulator.methods import BODY_FIELDS, METHODS
from crm_sheets.google_emulator.parameters import read_parameters
from crm_sheets.google_emulator.refusals import GoogleError, Refused
from crm_sheets.google_emulator.session import Session
from crm_sheets.google_emulator.sparse import without_zeros
from crm_sheets.google_emulator.switches import Switches
from crm_sheets.google_emulator.tokens import Tokens

_PREFIXES = (("/v4/", discovery.sheets), ("/drive/v3/", discovery.drive))


@dataclass(slots=True)
class Api:
    """Both APIs over one set of files."""

    files: Files
    tokens: Tokens
    switches: Switches
    ids: random.Random
    clock: Callable[[], datetime]
    defects: list[str] = field(default_factory=list)
    """Answers of ours that their schemas do not know; there should never be any."""

    def name(self, call: Call) -> None:
        """Writes into a call what it asks for and who asks, as far as it can be told."""
        found = _method(call)
        call.method_id = "token" if call.path == "/token" else found[1].id if found else ""
        _, _, token = call.headers.get("authorization", "").partition(" ")
        held = self.tokens.access.get(token)
        call.user = held.user if held else ""

    def answer(self, call: Call) -> Answer:
        """Does what a call asks for."""
        if call.method_id == "token":
            return self.tokens.exchange(call)
        try:
            return self._answer(call)
        except Refused as refused:
            return error_answer(GoogleError(400, str(refused)))
        except GoogleError as error:
            return error_answer(error)

    def _answer(self, call: Call) -> Answer:
        found = _method(call)
        if found is None:
            return Answer(404, b"<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>", {"Content-Type": "text/html"})
        document, method, path = found
        user = self.tokens.holder(call).user
        parameters = read_parameters(document, method, path, call.query)
        session = self._session(call, user, document, method, parameters)
        handler = METHODS.get(method.id)
        if handler is None:
            raise GoogleError(501, f"The emulator does not know {method.id} yet.", status="UNIMPLEMENTED")
        return self._checked(document, method, handler(session), session)

    def _session(
        self, call: Call, user: str, document: Document, method: Method, parameters: dict[str, Json]
    ) -> Session:
        body: Object = {}
        if method.request:
            given = call.json
            body = check_request(
                document, method.request, {} if given is None else given, BODY_FIELDS.get(method.id, "")
            )
        elif call.body.strip() and call.method == "GET":
            raise GoogleError(400, "Request contains an invalid argument.")
        fields = call.query.get("fields", [""])[-1]
        mask = answer_mask(document, method.response, fields) if fields and method.response else {}
        return Session(self.files, user, parameters, body, mask, self.switches, self.ids, self.clock())

    def _checked(self, document: Document, method: Method, answer: Object, session: Session) -> Answer:
        if not method.response:
            return Answer(204)
        sparse = without_zeros(method.response, answer) if document is discovery.sheets() else answer
        kept = masked(sparse, session.mask)
        mistakes = mistakes_of_answer(document, method.response, kept) if self.switches.check_answers else []
        if mistakes:
            self.defects += mistakes
            raise GoogleError(500, "The emulator's answer breaks its schema: " + "; ".join(mistakes))
        return json_answer(200, kept if isinstance(kept, dict) else {})


def _method(call: Call) -> tuple[Document, Method, dict[str, str]] | None:
    for prefix, document in _PREFIXES:
        if call.path.startswith(prefix):
            path = call.path[1:]
            found = document().find(call.method, path)
            return (document(), *found) if found else None
    return None
