"""Which part of a Measurement Set is imaged. Imports nothing heavy: the command reads it."""

import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What to read of a Measurement Set; None of all takes everything, of `datacolumn` the best calibrated column.

    Attributes
    ----------
    field : number or name of a field. Needed where the set holds data of several.
    spw : numbers or names of spectral windows, separated by commas.
    channels : `FIRST~LAST`, the channels of each window, both included, counted from 0 (as in CASA).
    datacolumn : DATA, CORRECTED_DATA or another column of visibilities.
    scan : numbers of scans, separated by commas.
    time : `START~END`, UTC, such as 2021-05-03T18:00:00~2021-05-03T19:30:00.
    """

    field: str | None = None
    spw: str | None = None
    channels: str | None = None
    datacolumn: str | None = None
    scan: str | None = None
    time: str | None = None

    @property
    def given(self) -> dict[str, str]:
        """What was chosen, by name."""
        values = {entry.name: getattr(self, entry.name) for entry in fields(Selection)}
        return {name: value for name, value in values.items() if value is not None}

    def __post_init__(self):
        if self.channels is not None and not re.fullmatch(r"\d+~\d+", self.channels):
            raise ValueError(f"channels is {self.channels!r}; expected FIRST~LAST, such as 10~200")
        if self.channel_range and self.channel_range[0] > self.channel_range[1]:
            raise ValueError(f"channels is {self.channels!r}; expected a first channel that is not after the last")
        if self.time is not None:
            self.interval  # noqa: B018  raises for what is no time

    @property
    def channel_range(self) -> tuple[int, int] | None:
        """First and last channel, both included."""
        return None if self.channels is None else tuple(map(int, self.channels.split("~")))

    @property
    def interval(self) -> tuple[datetime, datetime] | None:
        """Start and end in UTC; also CASA's form, 2021/05/03/18:00:00, is understood. ValueError for no such times."""
        if self.time is None:
            return None
        words = [re.sub(r"^(\d{4})/(\d\d)/(\d\d)/", r"\1-\2-\3T", word.strip()) for word in self.time.split("~")]
        try:
            start, end = (datetime.fromisoformat(word).replace(tzinfo=UTC) for word in words)
        except ValueError:
            example = "2021-05-03T18:00:00~2021-05-03T19:30:00"
            raise ValueError(f"time is {self.time!r}; expected START~END in UTC, such as {example}") from None
        return start, end


def numbers_of(chosen: str, names: list[str], option: str, what: str) -> list[int]:
    """Row numbers of the entries that `chosen` lists by number or name; ValueError, which lists them, for others."""
    found = []
    for word in (part.strip() for part in chosen.split(",")):
        matches = [int(word)] if word.isdigit() else [k for k, name in enumerate(names) if name.strip() == word]
        if not matches or not 0 <= matches[0] < len(names):
            listed = ", ".join(f"{k} {name}".strip() for k, name in enumerate(names))
            raise ValueError(f"{option} {word} is no {what}; it has {listed}")
        found += matches
    return list(dict.fromkeys(found))
