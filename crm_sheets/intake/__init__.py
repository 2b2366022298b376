"""What people did to a tab of a replica, taken into the draft. Pure."""

from crm_sheets.intake.footing import Footing
from crm_sheets.intake.tabs import take_in

__all__ = ["Footing", "take_in"]
