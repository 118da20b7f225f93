"""The sources that the DAGs can fetch from: to add one, add its commands here and its name to SENMETEO_DAG_SOURCES."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from senmeteo.factory import UNTIL, since

# What weather_ingest runs every ten minutes. A source that is not due, or has nothing new, ends with 99 and is skipped.
PRESENT: dict[str, list[str]] = {
    "generate": ["fetch", "generate", "--from", since("minutes=10"), "--to", UNTIL],
    "open-meteo": ["fetch", "open-meteo", "--skip-empty"],
    "tomorrow": ["fetch", "tomorrow", "--skip-empty"],
    "metar": ["fetch", "scrape", "--skip-empty", "--site", "metar"],
    "ogimet": ["fetch", "scrape", "--skip-empty", "--site", "ogimet"],
    "bulletin": ["fetch", "scrape", "--skip-empty", "--site", "bulletin"],
}

# What weather_backfill runs: the source's command without its window, and how long a window may be.
PAST: dict[str, tuple[list[str], timedelta]] = {
    "generate": (["fetch", "generate"], timedelta(days=7)),
    "open-meteo": (["fetch", "open-meteo"], timedelta(days=31)),
    "tomorrow": (["fetch", "tomorrow"], timedelta(days=1)),
}


def present(names: tuple[str, ...]) -> list[list[str]]:
    """The commands of the sources named, in their order."""
    if unknown := [n for n in names if n not in PRESENT]:
        raise ValueError(f"SENMETEO_DAG_SOURCES names {unknown}; there are: {sorted(PRESENT)}")
    return [PRESENT[n] for n in names]


def past(source: str, first: str, last: str, stations: str) -> list[list[str]]:
    """The commands that fetch a source's past from the day `first` up to, and not with, the day `last`."""
    command, length = PAST[source]
    begin, end = _day(first), _day(last)
    if begin >= end:
        raise ValueError(f"from {first} to {last} is not a window: 'to' must be after 'from', and is the first day that is not fetched")
    commands = []
    while begin < end:
        stop = min(begin + length, end)
        commands.append([*command, "--from", _text(begin), "--to", _text(stop), "--stations", stations])
        begin = stop
    return commands


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
