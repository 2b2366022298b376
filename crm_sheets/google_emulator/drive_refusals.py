"""Errors of Drive, which carry a list of reasons. https://developers.google.com/drive/api/guides/handle-errors"""

from crm_sheets.google_emulator.json_values import Object
from crm_sheets.google_emulator.refusals import GoogleError


class DriveError(GoogleError):
    """An error of Drive: its reason ("notFound") and the parameter that it is about."""

    def __init__(self, code: int, message: str, reason: str, location: str = "") -> None:
        super().__init__(code, message)
        self.reason, self.location = reason, location

    def body(self) -> Object:
        """The JSON body of the answer."""
        entry: Object = {"message": self.message, "domain": "global", "reason": self.reason}
        if self.location:
            entry |= {"location": self.location, "locationType": "parameter"}
        error: Object = {"code": self.code, "message": self.message, "errors": [entry]}
        return {"error": error}


def file_not_found(file_id: str) -> DriveError:
    """404: there is no such file, or not for this account to know of."""
    return DriveError(404, f"File not found: {file_id}.", "notFound", "fileId")


def insufficient() -> DriveError:
    """403: the file may be seen and not changed like this."""
    message = "The user does not have sufficient permissions for this file."
    return DriveError(403, message, "insufficientFilePermissions")


def no_storage() -> DriveError:
    """403: a service account cannot own files."""
    return DriveError(
        403,
        "Service Accounts do not have storage quota. Leverage shared drives "
        "(https://developers.google.com/workspace/drive/api/guides/about-shareddrives), or use OAuth delegation "
        "(http://support.google.com/a/answer/7281227) instead.",
        "storageQuotaExceeded",
    )


def invalid(location: str) -> DriveError:
    """400: a parameter that makes no sense."""
    return DriveError(400, "Invalid Value", "invalid", location)
