"""explore.py on a real PostgreSQL and a real lake, without a browser; test_pages.py opens it in one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import lab
import pytest
from streamlit.testing.v1 import AppTest

EXPLORE = Path(__file__).parents[1] / "explore.py"


@pytest.fixture
def page(stores: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AppTest:
    for name, value in stores.items():
        monkeypatch.setenv(name, value)
    page = AppTest.from_file(str(EXPLORE), default_timeout=120).run()
    assert not page.exception
    return page


def shown(page: AppTest) -> str:
    return page.caption[0].value


def test_it_opens_with_the_last_week_of_one_region(page: AppTest) -> None:
    assert page.title[0].value == "La météo du Sénégal, région par région"
    assert page.subheader[0].value == "Température · Dakar"
    table = page.dataframe[0].value
    assert set(table["Lieu"]) == {"Dakar"}
    assert table["heure (UTC)"].min() >= "2025-12-25"
    assert table["heure (UTC)"].max() == "2025-12-31 23:00"
    assert shown(page).startswith(f"{len(table)} valeurs, dont ")


def test_it_speaks_english(page: AppTest) -> None:
    page.sidebar.radio(key="language").set_value("English").run()
    assert not page.exception
    assert page.title[0].value == "The weather of Senegal, region by region"
    assert "values" in shown(page)


def test_two_regions_are_compared(page: AppTest) -> None:
    page.sidebar.selectbox(key="other").set_value("Matam").run()
    assert not page.exception
    assert set(page.dataframe[0].value["Lieu"]) == {"Dakar", "Matam"}
    assert page.subheader[0].value == "Température · Dakar / Matam"


def test_stations_and_other_variables_can_be_chosen(page: AppTest) -> None:
    page.sidebar.radio(key="by").set_value("station").run()
    page.sidebar.selectbox(key="place").set_value("SN-MT").run()
    page.sidebar.selectbox(key="variable").set_value("rain_mm").run()
    assert not page.exception
    assert page.subheader[0].value == "Pluie · SN-MT"
    assert set(page.dataframe[0].value["station"]) == {"SN-MT"}


def test_postgresql_and_the_lake_show_the_same(page: AppTest) -> None:
    november = (dt.date(2025, 11, 1), dt.date(2025, 11, 30))
    with lab.postgres() as connection:
        query = """SELECT region FROM meteo.observation WHERE qc ? 'pressure_hpa' AND observed_at BETWEEN %s AND %s
            GROUP BY region ORDER BY count(*) DESC LIMIT 1"""
        [doubted] = lab.table(connection, query, *november).region
    page.sidebar.selectbox(key="place").set_value(doubted).run()
    page.sidebar.selectbox(key="variable").set_value("pressure_hpa").run()
    page.sidebar.date_input[0].set_value(november).run()
    database = page.dataframe[0].value
    assert (database["qualité"] == "signalée").any()
    page.sidebar.radio(key="store").set_value("lake").run()
    page.sidebar.date_input[0].set_value(november).run()
    assert not page.exception
    assert page.dataframe[0].value.reset_index(drop=True).equals(database.reset_index(drop=True))


def test_a_period_that_is_too_long_is_not_drawn(page: AppTest) -> None:
    page.sidebar.date_input[0].set_value((dt.date(2025, 1, 1), dt.date(2025, 12, 31))).run()
    assert page.warning[0].value == "Choisissez 92 jours au plus."
    assert not page.dataframe


def test_a_store_that_does_not_answer_is_said(stores: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    import streamlit as st

    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setenv("SENMETEO_PG_URL", "postgres://reader@127.0.0.1:1/meteo")
    page = AppTest.from_file(str(EXPLORE), default_timeout=120).run()
    assert not page.exception
    assert page.error[0].value.startswith("Ce stockage ne répond pas.")
    st.cache_resource.clear()
    st.cache_data.clear()
