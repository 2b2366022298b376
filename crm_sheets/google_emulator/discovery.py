"""Google's discovery documents: which methods there are, and what each message may hold.

They come with the package google-api-python-client (extra `emulator`), as plain JSON files.
Format: https://developers.google.com/discovery/v1/reference/apis
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from urllib.parse import unquote

from crm_sheets.errors import UsageError
from crm_sheets.google_emulator.json_values import Json, Object, part, text

_DOCUMENTS = "googleapiclient.discovery_cache"
COMMON_PARAMETERS = frozenset(
    ("access_token", "alt", "callback", "fields", "key", "oauth_token", "prettyPrint", "quotaUser", "userIp")
)
"""Of every method."""


@dataclass(frozen=True, slots=True)
class Method:
    """One method of an API: `id` as in the document, "sheets.spreadsheets.values.get"."""

    id: str
    http_method: str
    path: re.Pattern[str]
    parameters: Object
    """Of path and query, by name, as in the document."""
    request: str
    """Name of the schema of the body; empty without one."""
    response: str
    """Name of the schema of the answer; empty where the answer is empty or no JSON."""


@dataclass(frozen=True, slots=True)
class Document:
    """One API: its schemas by name and its methods."""

    name: str
    schemas: dict[str, Object]
    methods: tuple[Method, ...]

    @property
    def ignores_unknown(self) -> bool:
        """Drive, unlike Sheets, takes no notice of names that it does not know; gspread sends it some."""
        return self.name.startswith("drive")

    def find(self, http_method: str, path: str) -> tuple[Method, dict[str, str]] | None:
        """The method for a raw path without leading slash, and the path's parameters decoded; None without one."""
        for method in self.methods:
            match = method.path.fullmatch(path) if method.http_method == http_method else None
            if match:
                return method, {key: unquote(value) for key, value in match.groupdict().items()}
        return None

    def fields(self, schema: str) -> Object:
        """The properties of a schema by name."""
        return part(self.schemas[schema], "properties")


def fields_of(document: Document, field: Object) -> Object:
    """The properties of what a field holds (of its entries, for an array); empty when it holds no message."""
    inner = part(field, "items") if schema_type(field) == "array" else field
    name = schema_type(inner)
    return document.fields(name) if name in document.schemas else part(inner, "properties")


@cache
def sheets() -> Document:
    """The document of Sheets v4."""
    return _load("sheets.v4")


@cache
def drive() -> Document:
    """The document of Drive v3."""
    return _load("drive.v3")


def _load(name: str) -> Document:
    try:
        raw = resources.files(_DOCUMENTS).joinpath("documents", f"{name}.json").read_text(encoding="utf-8")
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise UsageError(
            "the emulator of Google needs Google's discovery documents: pip install 'crm-sheets[emulator]'"
        ) from error
    document: Object = json.loads(raw)
    schemas = part(document, "schemas")
    methods = sorted(_methods(document, text(document, "servicePath")), key=_literal_length, reverse=True)
    return Document(name, {key: part(schemas, key) for key in schemas}, tuple(methods))


def _methods(resource: Object, prefix: str) -> list[Method]:
    found = [_method(part(part(resource, "methods"), name), prefix) for name in part(resource, "methods")]
    for name in part(resource, "resources"):
        found += _methods(part(part(resource, "resources"), name), prefix)
    return found


def _method(given: Object, prefix: str) -> Method:
    return Method(
        id=text(given, "id"),
        http_method=text(given, "httpMethod"),
        path=_pattern(prefix + text(given, "path")),
        parameters=part(given, "parameters"),
        request=text(part(given, "request"), "$ref"),
        response=text(part(given, "response"), "$ref"),
    )


def _pattern(path: str) -> re.Pattern[str]:
    """A path template as a regular expression; an id holds no colon, since what follows one names a custom verb."""
    pieces = re.split(r"\{(\w+)\}", path)
    built = "".join(
        re.escape(piece) if number % 2 == 0 else f"(?P<{piece}>[^/{'' if piece == 'range' else ':'}]+)"
        for number, piece in enumerate(pieces)
    )
    return re.compile(built)


def _literal_length(method: Method) -> int:
    return len(re.sub(r"\(\?P<\w+>.*?\]\+\)", "", method.path.pattern))


def schema_type(schema: Object) -> str:
    """What a property is: a reference's name, or "array", "string", "integer" …"""
    return text(schema, "$ref") or text(schema, "type")


def value_list(schema: Object) -> bool:
    """Whether a property is a list of lists of anything (google.protobuf.ListValue)."""
    inner: Json = part(schema, "items").get("items")
    return isinstance(inner, dict) and inner.get("type") == "any"
