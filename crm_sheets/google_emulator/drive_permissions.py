"""Drive v3: permissions. https://developers.google.com/drive/api/reference/rest/v3/permissions"""

from dataclasses import replace

from crm_sheets.google_emulator.creating import new_permission
from crm_sheets.google_emulator.drive_refusals import DriveError, file_not_found, insufficient, invalid
from crm_sheets.google_emulator.files import ROLES, File, Permission
from crm_sheets.google_emulator.json_values import Json, Object, text
from crm_sheets.google_emulator.masks import Tree, masked
from crm_sheets.google_emulator.session import Answering, Session

_FIELDS: Tree = {"kind": {}, "id": {}, "type": {}, "role": {}}
_SHARED_ROLES = ("reader", "commenter", "writer", "owner")


def found(session: Session) -> File:
    """The file of the call, if this account may know of it.

    Raises:
        DriveError: 404 otherwise.
    """
    key = session.text("fileId")
    file = session.files.held.get(key)
    if file is None or file.role(session.user) is None:
        raise file_not_found(key)
    return file


def _shareable(session: Session) -> File:
    file = found(session)
    if not file.may_write(session.user):
        raise insufficient()
    return file


def described(permission: Permission) -> Object:
    """The message Permission."""
    answer: Object = {
        "kind": "drive#permission",
        "id": permission.permission_id,
        "type": permission.kind,
        "role": permission.role,
    }
    match permission.kind:
        case "domain":
            answer |= {"domain": permission.email, "displayName": permission.email}
        case "anyone":
            answer |= {"allowFileDiscovery": False}
        case _:
            answer |= {"emailAddress": permission.email, "displayName": permission.email.partition("@")[0]}
    return answer


def _answered(session: Session, permission: Permission) -> Object:
    kept = described(permission) if session.mask else masked(described(permission), _FIELDS)
    return kept if isinstance(kept, dict) else {}


def list_permissions(session: Session) -> Object:
    """permissions.list."""
    held: list[Json] = [_answered(session, permission) for permission in _shareable(session).permissions]
    return {"kind": "drive#permissionList", "permissions": held}


def get(session: Session) -> Object:
    """permissions.get."""
    file = _shareable(session)
    return _answered(session, file.permissions[_index(session, file)])


def _index(session: Session, file: File) -> int:
    wanted = session.text("permissionId")
    ids = [held.permission_id for held in file.permissions]
    if wanted not in ids:
        raise DriveError(404, f"Permission not found: {wanted}.", "notFound", "permissionId")
    return ids.index(wanted)


def create(session: Session) -> Object:
    """permissions.create: somebody's role becomes the one given when it is the higher one."""
    file, body = _shareable(session), session.body
    kind, role = text(body, "type"), text(body, "role")
    email = {"domain": text(body, "domain"), "anyone": ""}.get(kind, text(body, "emailAddress"))
    if role not in _SHARED_ROLES:
        raise invalid("permission.role")
    if kind not in ("user", "group", "domain", "anyone") or (kind != "anyone" and not email):
        raise DriveError(
            400,
            "The specified emailAddress is invalid or not applicable for the given permission type.",
            "invalid",
            "permission.emailAddress",
        )
    if role == "owner":
        return _answered(session, _given_away(session, file, new_permission(session.ids, email, role, kind)))
    old = next((held for held in file.permissions if (held.kind, held.email) == (kind, email)), None)
    if old is None:
        new = new_permission(session.ids, email, role, kind)
        file.permissions.append(new)
    else:
        new = replace(old, role=max(old.role, role, key=ROLES.index))
        file.permissions[file.permissions.index(old)] = new
    return _answered(session, new)


def _given_away(session: Session, file: File, new: Permission) -> Permission:
    """The old owner stays as a writer."""
    if file.owner != session.user:
        raise insufficient()
    if session.parameters.get("transferOwnership") is not True:
        message = "The transferOwnership parameter must be enabled when the permission role is 'owner'."
        raise DriveError(403, message, "forbidden", "transferOwnership")
    kept = [held for held in file.permissions if held.email != new.email]
    file.permissions = [replace(held, role="writer") if held.role == "owner" else held for held in kept] + [new]
    return new


def update(session: Session) -> Object:
    """permissions.update: another role."""
    file = _shareable(session)
    index, role = _index(session, file), text(session.body, "role")
    if role not in _SHARED_ROLES:
        raise invalid("permission.role")
    old = file.permissions[index]
    if role == "owner":
        return _answered(session, _given_away(session, file, replace(old, role="owner")))
    if old.role == "owner":
        raise insufficient()
    file.permissions[index] = replace(old, role=role)
    return _answered(session, file.permissions[index])


def delete(session: Session) -> Object:
    """permissions.delete: by who may edit, or by the one whose it is; never the owner's."""
    file = found(session)
    index = _index(session, file)
    held = file.permissions[index]
    if held.role == "owner" or not (file.may_write(session.user) or held.email == session.user):
        raise insufficient()
    del file.permissions[index]
    return {}


METHODS: dict[str, Answering] = {
    "drive.permissions.list": list_permissions,
    "drive.permissions.get": get,
    "drive.permissions.create": create,
    "drive.permissions.update": update,
    "drive.permissions.delete": delete,
}
