"""Drive v3: files. https://developers.google.com/drive/api/reference/rest/v3/files"""

from dataclasses import replace

from crm_sheets.google_emulator import drive_comments, drive_permissions
from crm_sheets.google_emulator.creating import blank_sheets, is_robot, new_id, store
from crm_sheets.google_emulator.drive_permissions import found
from crm_sheets.google_emulator.drive_queries import SPREADSHEET, wanted
from crm_sheets.google_emulator.drive_refusals import DriveError, insufficient, invalid, no_storage
from crm_sheets.google_emulator.files import File
from crm_sheets.google_emulator.json_values import Json, Object, flag, items, text, whole
from crm_sheets.google_emulator.masks import Tree, masked
from crm_sheets.google_emulator.model.book import Book
from crm_sheets.google_emulator.session import Answering, Session
from crm_sheets.google_emulator.timestamps import timestamp

_FIELDS: Tree = {"kind": {}, "id": {}, "name": {}, "mimeType": {}}
"""What comes without `fields`."""


def described(session: Session, file: File) -> Object:
    """The message File, as far as the emulator knows files."""
    key, user = file.book.spreadsheet_id, session.user
    owner: Object = {
        "kind": "drive#user",
        "displayName": file.owner,
        "emailAddress": file.owner,
        "me": file.owner == user,
    }
    answer: Object = {
        "kind": "drive#file",
        "id": key,
        "name": file.book.title,
        "mimeType": SPREADSHEET,
        "parents": list[Json](file.parents),
        "createdTime": timestamp(file.created),
        "modifiedTime": timestamp(file.modified_as_told(session.now, session.switches.modified_time_lag)),
        "owners": [owner],
        "ownedByMe": file.owner == user,
        "shared": len(file.permissions) > 1,
        "trashed": file.trashed,
        "version": str(len(file.changes) + 1),
        "webViewLink": f"https://docs.google.com/spreadsheets/d/{key}/edit",
        "capabilities": _capabilities(file, user),
    }
    if file.may_write(user):
        answer["permissions"] = [drive_permissions.described(held) for held in file.permissions]
        answer["permissionIds"] = [held.permission_id for held in file.permissions]
    return answer


def _capabilities(file: File, user: str) -> Object:
    edits, owns = file.may_write(user), file.owner == user
    return {
        "canEdit": edits,
        "canShare": edits,
        "canCopy": True,
        "canDelete": owns,
        "canTrash": owns,
        "canRename": edits,
    }


def _answered(session: Session, file: File) -> Object:
    whole_file = described(session, file)
    kept = whole_file if session.mask else masked(whole_file, _FIELDS)
    return kept if isinstance(kept, dict) else {}


def get(session: Session) -> Object:
    """files.get."""
    return _answered(session, found(session))


def list_files(session: Session) -> Object:
    """files.list: what this account may open, a page at a time."""
    test, start = wanted(session.text("q")), session.text("pageToken", "0")
    if not start.isdigit():
        raise invalid("pageToken")
    matching = [file for file in session.files.seen_by(session.user) if test(file)]
    first, size = int(start), whole(session.parameters, "pageSize", 100)
    page = matching[first : first + size]
    answer: Object = {
        "kind": "drive#fileList",
        "incompleteSearch": False,
        "files": [_answered(session, file) for file in page],
    }
    return answer | ({"nextPageToken": str(first + size)} if first + size < len(matching) else {})


def create(session: Session) -> Object:
    """files.create: an empty spreadsheet.

    Raises:
        DriveError: a service account asks, or for something that is no spreadsheet.
    """
    if is_robot(session.user):
        raise no_storage()
    if text(session.body, "mimeType") != SPREADSHEET:
        raise invalid("mimeType")
    title = text(session.body, "name", "Untitled")
    sheets = blank_sheets(session.ids, ["Sheet1"])
    book = Book(new_id(session.ids), title, "en_US", "Etc/GMT", sheets)
    return _answered(session, _stored(session, book))


def _stored(session: Session, book: Book) -> File:
    file = store(session.files, session.ids, book, session.user, session.now)
    file.parents = [str(parent) for parent in items(session.body, "parents")] or file.parents
    return file


def copy(session: Session) -> Object:
    """files.copy: sheets and metadata come along, permissions do not."""
    source = found(session)
    if is_robot(session.user):
        raise no_storage()
    book = replace(
        source.book.snapshot(),
        spreadsheet_id=new_id(session.ids),
        title=text(session.body, "name", f"Copy of {source.book.title}"),
    )
    return _answered(session, _stored(session, book))


def update(session: Session) -> Object:
    """files.update: the name, and into or out of the bin."""
    file = found(session)
    if not file.may_write(session.user):
        raise insufficient()
    if "trashed" in session.body:
        _owner_only(session, file)
        file.trashed = flag(session.body, "trashed")
    file.book.title = text(session.body, "name", file.book.title)
    added, removed = session.text("addParents"), session.text("removeParents").split(",")
    file.parents = [parent for parent in file.parents if parent not in removed] + (added.split(",") if added else [])
    return _answered(session, file)


def delete(session: Session) -> Object:
    """files.delete: for good, by its owner."""
    file = found(session)
    _owner_only(session, file)
    del session.files.held[file.book.spreadsheet_id]
    return {}


def _owner_only(session: Session, file: File) -> None:
    if file.role(session.user) != "owner":
        raise insufficient()


def about(session: Session) -> Object:
    """about.get: who is asking; Drive wants the fields to be named.

    Raises:
        DriveError: 400 without `fields`.
    """
    if not session.mask:
        message = "The 'fields' parameter is required for this method."
        raise DriveError(400, message, "required", "fields")
    user: Object = {"kind": "drive#user", "displayName": session.user, "emailAddress": session.user, "me": True}
    return {"kind": "drive#about", "user": user}


METHODS: dict[str, Answering] = {
    "drive.about.get": about,
    "drive.files.get": get,
    "drive.files.list": list_files,
    "drive.files.create": create,
    "drive.files.copy": copy,
    "drive.files.update": update,
    "drive.files.delete": delete,
    **drive_permissions.METHODS,
    **drive_comments.METHODS,
}
