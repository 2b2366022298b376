"""The control port: what tests and demonstrations in other processes do to an emulator, over HTTP and in JSON.

POST /spreadsheets {title, owner}             {spreadsheetId}
POST /shares {spreadsheet, email, role}       the role "none" takes it away
POST /accounts {email}                        the key file of a service account
POST /acts {user, spreadsheet, acts}          what a person does, one after the other (see `acts.py`)
POST /hooks {when, method, kind, nth, user, spreadsheet, acts}     the same at a chosen instant: `when` before or after
POST /faults {fault, method, kind, after, times, applied, seconds} see `faults.py`
DELETE /hooks, DELETE /faults                 none of them any more
POST /quotas {perUser, perProject, sliding}   GET /quotas?user=…: the most calls of any sixty seconds
POST /switches {name: value}                  see `switches.py`; times are seconds
POST /tokens {expire}                         the tokens of an account are taken back
POST /listening {on}                          whether connections to Google are taken at all
GET /calls                                    what has been asked so far
GET /values?spreadsheet=…&range=…             what stands in cells
"""

from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from crm_sheets.google_emulator.a1 import parse
from crm_sheets.google_emulator.acts import perform
from crm_sheets.google_emulator.calls import Answer, Call, call_of, error_answer, json_answer
from crm_sheets.google_emulator.faults import Fault, FaultKind
from crm_sheets.google_emulator.formulas.calculator import Calculator
from crm_sheets.google_emulator.hooks import Hook, Moment
from crm_sheets.google_emulator.json_values import Json, Object, flag, optional_whole, parts, text, whole
from crm_sheets.google_emulator.patterns import CallPattern
from crm_sheets.google_emulator.quotas import Limits
from crm_sheets.google_emulator.refusals import GoogleError, Refused
from crm_sheets.google_emulator.rendering import Rendering, rendered

if TYPE_CHECKING:
    from crm_sheets.google_emulator.emulator import Emulator


class Control:
    """Answers the calls of the control port of one emulator."""

    def __init__(self, emulator: "Emulator") -> None:
        self._emulator = emulator

    def serve(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """One call: 404 for what is none of the above, 400 for what cannot be done, with the reason."""
        call = call_of(0, method, target, headers, body)
        handler = _HANDLERS.get((method, call.path.rstrip("/")))
        if handler is None:
            return error_answer(GoogleError(404, f"The control port knows no {method} {call.path}."))
        try:
            return json_answer(200, handler(self._emulator, _given(call)))
        except Refused as refused:
            return error_answer(GoogleError(400, str(refused)))
        except GoogleError as error:
            return error_answer(error)


def _given(call: Call) -> Object:
    """The query and the body in one."""
    body, query = call.json, {name: values[-1] for name, values in call.query.items()}
    return {**query, **body} if isinstance(body, dict) else {**query}


def _create(emulator: "Emulator", given: Object) -> Object:
    title, owner = text(given, "title", "Spreadsheet"), text(given, "owner", "lead@example.com")
    return {"spreadsheetId": emulator.create(title, owner, text(given, "locale", "zh_CN"))}


def _share(emulator: "Emulator", given: Object) -> Object:
    email, role = text(given, "email"), text(given, "role", "writer")
    if role == "none":
        emulator.unshare(text(given, "spreadsheet"), email)
    else:
        emulator.share(text(given, "spreadsheet"), email, role)
    return {}


def _account(emulator: "Emulator", given: Object) -> Object:
    return emulator.service_account(text(given, "email", "robot@emulated.iam.gserviceaccount.com"))


def _act(emulator: "Emulator", given: Object) -> Object:
    person = emulator.person(text(given, "user"), text(given, "spreadsheet"))
    for act in parts(given, "acts"):
        perform(person, act)
    return {}


def _hook(emulator: "Emulator", given: Object) -> Object:
    when = text(given, "when", "before")
    if when not in tuple(Moment):
        raise Refused(f"when: {when} is neither before nor after.")
    calls = CallPattern(text(given, "method"), text(given, "kind"))
    nth = None if given.get("nth") == "each" else whole(given, "nth", 1)
    emulator.trouble.hooks.add(Hook(Moment(when), lambda: _at_hook(emulator, given), calls, nth))
    return {}


def _at_hook(emulator: "Emulator", given: Object) -> None:
    """What Google refuses a person to do stops that person, not the call that the hook hangs on."""
    try:
        _act(emulator, given)
    except (Refused, GoogleError) as refused:
        emulator.refused_acts.append(str(refused))


def _fault(emulator: "Emulator", given: Object) -> Object:
    kind = text(given, "fault")
    if kind not in tuple(FaultKind):
        raise Refused(f"fault: {kind} is none of {', '.join(FaultKind)}.")
    seconds = given.get("seconds")
    fault = Fault(
        FaultKind(kind),
        CallPattern(text(given, "method"), text(given, "kind"), text(given, "user"), text(given, "spreadsheet")),
        after=whole(given, "after"),
        times=optional_whole(given, "times") if "times" in given else 1,
        applied=flag(given, "applied"),
        seconds=float(seconds) if isinstance(seconds, int | float) else None,
    )
    emulator.trouble.faults.add(fault)
    return {}


def _clear_hooks(emulator: "Emulator", _: Object) -> Object:
    emulator.trouble.hooks.clear()
    return {}


def _clear_faults(emulator: "Emulator", _: Object) -> Object:
    emulator.trouble.faults.clear()
    return {}


def _quotas(emulator: "Emulator", given: Object) -> Object:
    per_user, per_project = whole(given, "perUser", 60), whole(given, "perProject", 300)
    emulator.trouble.quotas.limits = Limits(per_user, per_project, sliding=flag(given, "sliding"))
    return {}


def _most(emulator: "Emulator", given: Object) -> Object:
    quotas, user = emulator.trouble.quotas, text(given, "user")
    return {"reads": quotas.most(writes=False, user=user), "writes": quotas.most(writes=True, user=user)}


def _switch(emulator: "Emulator", given: Object) -> Object:
    known = {one.name for one in fields(emulator.switches)}
    for name, value in given.items():
        old = getattr(emulator.switches, name, None) if name in known else None
        if isinstance(old, timedelta) and isinstance(value, int | float):
            setattr(emulator.switches, name, timedelta(seconds=value))
        elif isinstance(old, bool) and isinstance(value, bool):
            setattr(emulator.switches, name, value)
        else:
            raise Refused(f"There is no switch {name} that takes {value}; there are {', '.join(sorted(known))}.")
    return {}


def _tokens(emulator: "Emulator", given: Object) -> Object:
    with emulator.lock:
        emulator.tokens.expire(text(given, "expire"))
    return {}


def _listen(emulator: "Emulator", given: Object) -> Object:
    emulator.listen(on=flag(given, "on"))
    return {}


def _calls(emulator: "Emulator", _: Object) -> Object:
    with emulator.lock:
        told: list[Json] = [
            {"number": call.number, "method": call.method_id, "user": call.user, "kinds": list[Json](call.kinds)}
            for call in emulator.requests
        ]
    return {"calls": told, "refusedActs": list[Json](emulator.refused_acts)}


def _values(emulator: "Emulator", given: Object) -> Object:
    with emulator.lock:
        file = emulator.files.held.get(text(given, "spreadsheet"))
        if file is None:
            raise Refused(f"There is no spreadsheet {text(given, 'spreadsheet')}.")
        box, calculator = parse(file.book, text(given, "range")).box(), Calculator(file.book)
        rows: list[Json] = [
            [
                rendered(calculator, box.sheet.cell(row, column), (box.sheet.sheet_id, row, column), Rendering())
                for column in range(box.left, box.right)
            ]
            for row in range(box.top, min(box.bottom, box.sheet.content_end()))
        ]
    return {"values": rows}


_HANDLERS: Final[dict[tuple[str, str], Callable[["Emulator", Object], Object]]] = {
    ("POST", "/spreadsheets"): _create,
    ("POST", "/shares"): _share,
    ("POST", "/accounts"): _account,
    ("POST", "/acts"): _act,
    ("POST", "/hooks"): _hook,
    ("DELETE", "/hooks"): _clear_hooks,
    ("POST", "/faults"): _fault,
    ("DELETE", "/faults"): _clear_faults,
    ("POST", "/quotas"): _quotas,
    ("GET", "/quotas"): _most,
    ("POST", "/switches"): _switch,
    ("POST", "/tokens"): _tokens,
    ("POST", "/listening"): _listen,
    ("GET", "/calls"): _calls,
    ("GET", "/values"): _values,
}
