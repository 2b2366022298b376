"""Drive v3: comments. https://developers.google.com/workspace/drive/api/reference/rest/v3/comments

Answers have only what `fields` asks for, which must be given.
"""

from dataclasses import replace

from crm_sheets.google_emulator.drive_permissions import found
from crm_sheets.google_emulator.drive_refusals import DriveError, insufficient, invalid
from crm_sheets.google_emulator.files import ROLES, Comment, File
from crm_sheets.google_emulator.json_values import Json, Object, text, whole
from crm_sheets.google_emulator.session import Answering, Session
from crm_sheets.google_emulator.timestamps import timestamp


def _commented(session: Session, least: str) -> File:
    """The file of the call; `least` is the role that the call needs.

    Raises:
        DriveError: 400 without `fields`, 404 and 403 without the right.
    """
    if not session.mask:
        raise DriveError(400, "The 'fields' parameter is required for this method.", "required", "fields")
    return _allowed(session, least)


def _allowed(session: Session, least: str) -> File:
    file = found(session)
    if ROLES.index(file.role(session.user) or ROLES[0]) < ROLES.index(least):
        raise insufficient()
    return file


def described(session: Session, comment: Comment) -> Object:
    """The message Comment."""
    author: Object = {
        "kind": "drive#user",
        "displayName": comment.author.partition("@")[0],
        "me": comment.author == session.user,
    }
    answer: Object = {
        "kind": "drive#comment",
        "id": comment.comment_id,
        "author": author,
        "content": comment.content,
        "htmlContent": comment.content,
        "createdTime": timestamp(comment.created),
        "modifiedTime": timestamp(comment.modified),
        "deleted": False,
        "replies": [],
    }
    return answer | ({"anchor": comment.anchor} if comment.anchor else {})


def create(session: Session) -> Object:
    """comments.create."""
    file, content = _commented(session, "commenter"), text(session.body, "content")
    if not content:
        raise invalid("comment.content")
    key = f"AAAA{session.ids.getrandbits(40):08x}"
    made = Comment(key, session.user, content, session.now, session.now, text(session.body, "anchor"))
    file.comments.append(made)
    return described(session, made)


def list_comments(session: Session) -> Object:
    """comments.list: the newest first, a page at a time."""
    file, start = _commented(session, "reader"), session.text("pageToken") or "0"
    if not start.isdigit():
        raise invalid("pageToken")
    first, size = int(start), whole(session.parameters, "pageSize", 20)
    held = file.comments[::-1]
    page: list[Json] = [described(session, comment) for comment in held[first : first + size]]
    answer: Object = {"kind": "drive#commentList", "comments": page}
    return answer | ({"nextPageToken": str(first + size)} if first + size < len(held) else {})


def _index(session: Session, file: File) -> int:
    wanted = session.text("commentId")
    ids = [comment.comment_id for comment in file.comments]
    if wanted not in ids:
        raise DriveError(404, f"Comment not found: {wanted}.", "notFound", "commentId")
    return ids.index(wanted)


def get(session: Session) -> Object:
    """comments.get."""
    file = _commented(session, "reader")
    return described(session, file.comments[_index(session, file)])


def update(session: Session) -> Object:
    """comments.update: another text, by its author."""
    file = _commented(session, "commenter")
    index = _index(session, file)
    old = file.comments[index]
    if old.author != session.user:
        raise insufficient()
    file.comments[index] = replace(old, content=text(session.body, "content", old.content), modified=session.now)
    return described(session, file.comments[index])


def delete(session: Session) -> Object:
    """comments.delete: by its author, or the owner of the file."""
    file = _allowed(session, "commenter")
    index = _index(session, file)
    if session.user not in (file.comments[index].author, file.owner):
        raise insufficient()
    del file.comments[index]
    return {}


METHODS: dict[str, Answering] = {
    "drive.comments.create": create,
    "drive.comments.list": list_comments,
    "drive.comments.get": get,
    "drive.comments.update": update,
    "drive.comments.delete": delete,
}
