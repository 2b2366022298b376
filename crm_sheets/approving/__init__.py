"""Requests in a cycle: made of edits that need an approval, decided, and carried out. Pure."""

from crm_sheets.approving.footing import APPROVALS
from crm_sheets.approving.gates import gate_of
from crm_sheets.approving.turns import Approving, open_requests

__all__ = ["APPROVALS", "Approving", "gate_of", "open_requests"]
