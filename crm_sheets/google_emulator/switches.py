"""Choices where Google documents nothing, so that what is built on it can be tried both ways."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(slots=True)
class Switches:
    """May be changed while the emulator runs."""

    metadata_follows_sort: bool = False
    """Whether developer metadata of a row goes with the row's cells when a range is sorted."""
    filter_without_match_is_error: bool = False
    """Whether a data filter that selects nothing is refused with 400; otherwise it is 200 with nothing in it."""
    protection_stops_insertion: bool = True
    """Whether rows and columns cannot be put in where they would widen what others have protected; people report it."""
    modified_time_lag: timedelta = timedelta()
    """How long after a change Drive's modifiedTime tells of it; on the live service it may be minutes."""
    check_answers: bool = True
    """Whether every answer is checked against the discovery document; a mistake of ours is then a 500."""
