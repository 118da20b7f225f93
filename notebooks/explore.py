"""A page for those who write no code: what one region or station measured, how good it is, beside another one.

streamlit run notebooks/explore.py. It reads PostgreSQL or the lake, and changes neither.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import altair as alt
import lab
import pandas as pd
import streamlit as st

if TYPE_CHECKING:
    import duckdb
    import psycopg

# Field, unit, French, English; as jobs/meteo/variable.go.
VARIABLES = {
    "temperature_c": ("°C", "Température", "Temperature"),
    "humidity_pct": ("%", "Humidité", "Humidity"),
    "pressure_hpa": ("hPa", "Pression", "Pressure"),
    "wind_speed_ms": ("m/s", "Vent", "Wind"),
    "wind_gust_ms": ("m/s", "Rafale", "Gust"),
    "rain_mm": ("mm", "Pluie", "Rain"),
    "dew_point_c": ("°C", "Point de rosée", "Dew point"),
    "cloud_cover_pct": ("%", "Nébulosité", "Cloud cover"),
    "visibility_m": ("m", "Visibilité", "Visibility"),
}
DAYS_AT_MOST = 92  # of one chart: hourly values of more can't be told apart

TEXTS = {
    "title": ("La météo du Sénégal, région par région", "The weather of Senegal, region by region"),
    "store": ("Lire dans", "Read from"),
    "lake": ("le lac", "the lake"),
    "by": ("Choisir par", "Choose by"),
    "region": ("région", "region"),
    "station": ("station", "station"),
    "place": ("Lieu", "Place"),
    "other": ("Comparer avec", "Compare with"),
    "nothing": ("(rien)", "(nothing)"),
    "source": ("Source", "Source"),
    "period": ("Période", "Period"),
    "variable": ("Variable", "Variable"),
    "good": ("bonne", "good"),
    "flagged": ("signalée", "flagged"),
    "time": ("heure (UTC)", "time (UTC)"),
    "quality": ("qualité", "quality"),
    "rules": ("règles", "rules"),
    "value": ("valeur", "value"),
    "download": ("Télécharger (CSV)", "Download (CSV)"),
    "empty": (
        "Rien de mesuré dans cette période : choisissez d'autres jours ou une autre variable.",
        "Nothing was measured in this period: choose other days, or another variable.",
    ),
    "unfinished": ("Choisissez aussi le dernier jour.", "Choose the last day, too."),
    "long": ("Choisissez {} jours au plus.", "Choose {} days at most."),
    "no_data": (
        "Ce stockage ne contient encore aucune observation : lancez `make run`, ou attendez la première exécution de weather_ingest.",
        "This store holds no observations yet: run `make run`, or wait for the first run of weather_ingest.",
    ),
    "unreachable": (
        "Ce stockage ne répond pas. Est-il démarré ? Sinon, choisissez l'autre.",
        "This store does not answer. Was it started? If not, choose the other one.",
    ),
    "summary": ("{} valeurs, dont {} signalées par une règle", "{} values, {} of them flagged by a rule"),
}


@st.cache_resource
def postgres() -> psycopg.Connection:
    """Return a connection that is kept while it works."""
    return lab.postgres()


@st.cache_resource(ttl=600)
def lake() -> duckdb.DuckDBPyConnection:
    """Return the lake as it was at most ten minutes ago."""
    return lab.lake()


def rows(store: str, query: str, *values: object) -> pd.DataFrame:
    """Return the rows of a query in which {} is a value."""
    if store == "PostgreSQL":
        if postgres().broken or postgres().closed:
            postgres.clear()
        return lab.table(postgres(), query.format(*["%s"] * len(values)), *values)
    return lake().cursor().sql(query.format(*["?"] * len(values)), params=list(values)).df()


@st.cache_data(ttl=60)
def places(store: str) -> pd.DataFrame:
    """Return region, station, source and the first and last day of each series."""
    relation = "meteo.observation" if store == "PostgreSQL" else "clean"
    return rows(
        store,
        f"""SELECT region, station_id, source, CAST(min(observed_at) AS date) AS first, CAST(max(observed_at) AS date) AS last
        FROM {relation} WHERE kind <> 'forecast' GROUP BY region, station_id, source ORDER BY region, station_id, source""",
    )


@st.cache_data(ttl=60)
def measured(store: str, column: str, place: str, source: str, first: dt.date, last: dt.date, variable: str) -> pd.DataFrame:
    """Return time, station, value and the rules that the value failed, of days from first to last."""
    if store == "PostgreSQL":
        relation, rules = "meteo.observation", f"(SELECT string_agg(rule, ', ') FROM jsonb_array_elements_text(qc -> '{variable}') rule)"
    else:
        relation, rules = "clean", f"array_to_string(CAST(json_extract(qc, '$.{variable}') AS VARCHAR[]), ', ')"
    return rows(
        store,
        f"""SELECT observed_at AS time, station_id AS station, {variable} AS value, coalesce({rules}, '') AS rules
        FROM {relation} WHERE kind <> 'forecast' AND {column} = {{}} AND source = {{}} AND observed_at >= {{}} AND observed_at < {{}}
        AND {variable} IS NOT NULL ORDER BY observed_at, station_id""",
        place,
        source,
        dt.datetime.combine(first, dt.time(), dt.UTC),
        dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), dt.UTC),
    )


def chart(values: pd.DataFrame, axis: str, text: dict[str, str]) -> alt.LayerChart:
    """Return a line for each place, with a cross on each value that a rule flagged."""
    colours = alt.Scale(range=[lab.BLUE, lab.ORANGE])
    dashes = alt.Scale(range=[[1, 0], [6, 3]])
    base = alt.Chart(values).encode(
        x=alt.X("time:T", title=text["time"], axis=alt.Axis(format="%d/%m", tickCount=6, labelOverlap=True)),
        y=alt.Y("value:Q", title=axis, scale=alt.Scale(zero=False)),
        detail="station:N",
        tooltip=[alt.Tooltip("time:T", format="%d/%m/%Y %H:%M"), "place:N", "station:N", "value:Q", "rules:N"],
    )
    line = base.mark_line().encode(
        color=alt.Color("place:N", title=None, scale=colours, legend=alt.Legend(orient="top")),
        strokeDash=alt.StrokeDash("place:N", title=None, scale=dashes, legend=alt.Legend(orient="top")),
    )
    crosses = base.transform_filter("datum.rules != ''").mark_point(shape="cross", size=90, angle=45, color=lab.RED, filled=True)
    return (line + crosses).properties(height=380)


def choose(text: dict[str, str], known: pd.DataFrame, english: bool) -> tuple[str, list[str], str, tuple[dt.date, ...], str]:
    """Show what can be chosen and return it: column, places, source, days, variable."""
    by = st.sidebar.radio(text["by"], ["region", "station"], format_func=text.get, horizontal=True, key="by")
    column = {"region": "region", "station": "station_id"}[by]
    names = sorted(known[column].unique())
    first = st.sidebar.selectbox(text["place"], names, index=names.index("Dakar") if "Dakar" in names else 0, key="place")
    second = st.sidebar.selectbox(
        text["other"], [None, *(n for n in names if n != first)], format_func=lambda n: n or text["nothing"], key="other"
    )
    chosen = [first, *([second] if second else [])]
    here = known[known[column].isin(chosen)]
    source = st.sidebar.selectbox(text["source"], sorted(here.source.unique()), key="source")
    here = here[here.source == source]
    oldest, newest = pd.Timestamp(here["first"].min()).date(), pd.Timestamp(here["last"].max()).date()
    begin = max(oldest, newest - dt.timedelta(days=6))
    period = st.sidebar.date_input(
        text["period"], (begin, newest), min_value=oldest, max_value=newest, format="DD/MM/YYYY", key=f"period {oldest} {newest}"
    )
    variable = st.sidebar.selectbox(
        text["variable"], list(VARIABLES), format_func=lambda v: f"{VARIABLES[v][1 + english]} ({VARIABLES[v][0]})", key="variable"
    )
    return column, chosen, source, period if isinstance(period, tuple) else (period,), variable


def main() -> None:
    st.set_page_config(page_title="senmeteo", layout="wide")
    english = st.sidebar.radio("Langue / Language", ["Français", "English"], horizontal=True, key="language") == "English"
    text = {name: both[english] for name, both in TEXTS.items()}
    st.title(text["title"])
    store = st.sidebar.radio(
        text["store"], ["PostgreSQL", "lake"], format_func=lambda s: text["lake"] if s == "lake" else s, horizontal=True, key="store"
    )
    try:
        known = places(store)
    except lab.UNREACHABLE as problem:
        st.error(f"{text['unreachable']} ({type(problem).__name__})")
        st.stop()
    if known.empty:
        st.info(text["no_data"])
        st.stop()
    column, chosen, source, period, variable = choose(text, known, english)
    if len(period) < 2:
        st.info(text["unfinished"])
        st.stop()
    if (period[1] - period[0]).days >= DAYS_AT_MOST:
        st.warning(text["long"].format(DAYS_AT_MOST))
        st.stop()
    values = pd.concat([measured(store, column, place, source, *period, variable).assign(place=place) for place in chosen])
    if values.empty:
        st.info(text["empty"])
        st.stop()
    unit, *names = VARIABLES[variable]
    st.subheader(f"{names[english]} · {' / '.join(chosen)}")
    st.altair_chart(chart(values, f"{names[english]} ({unit})", text), width="stretch")
    flagged = int((values.rules != "").sum())
    st.caption(text["summary"].format(len(values), flagged) + " (✕)")
    shown = pd.DataFrame(
        {
            text["time"]: values.time.dt.strftime("%Y-%m-%d %H:%M"),
            text["place"]: values.place,
            text["station"]: values.station,
            f"{text['value']} ({unit})": values.value,
            text["quality"]: values.rules.map(lambda rules: text["flagged"] if rules else text["good"]),
            text["rules"]: values.rules,
        }
    )
    st.dataframe(shown, hide_index=True, width="stretch", height=300)
    name = f"senmeteo-{variable}-{'-'.join(chosen)}-{period[0]}-{period[1]}.csv"
    st.download_button(text["download"], shown.to_csv(index=False).encode("utf-8-sig"), name, "text/csv")


main()
