# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Prévoir, puis mesurer la prévision
#
# **Ce qu'on apprend ici**
#
# - rejouer un an de prévisions comme si l'on était chaque jour à minuit, sans connaître la suite ;
# - lire une *calibration* : une bande à 90 % doit contenir neuf observations sur dix ;
# - comparer à des références simples, selon l'échéance : persistance, climatologie, persistance amortie ;
# - comparer à `statsforecast`, une bibliothèque qui ne connaît rien à la météo.
#
# **Attention.** Sans autre fichier, les données sont celles du générateur : elles montrent comment on
# mesure, et *ne prouvent aucune qualité de prévision*. Les scores sur des mesures réelles sont dans
# [docs/forecasts.fr.md](../docs/forecasts.fr.md). Pour vos propres relevés quotidiens, donnez leur
# fichier CSV dans la variable `SENMETEO_DAILY` ; l'année rejouée est alors sa dernière.

# %%
import logging
import os
import tempfile
from pathlib import Path

import duckdb
import matplotlib.pyplot as plt
import pandas as pd
from lab import BLUE, GREEN, GREY, ORANGE, RED, fr, say, senmeteo, senmeteo_json, style

style()
logging.disable(logging.WARNING)
measured = os.environ.get("SENMETEO_DAILY")
daily = Path(measured or Path(tempfile.mkdtemp()) / "daily.csv")
if not measured:
    hourly = daily.with_name("hourly.csv")
    senmeteo("fetch", "generate", "--from", "2019-01-01", "--to", "2023-01-01", "--every", "1h", "--seed", "7", "--out", str(hourly))
    duckdb.sql(f"""COPY (
        SELECT station_id, date_trunc('day', observed_at::timestamp) AS observed_at, 86400 AS interval_s,
               max(temperature_c) AS temperature_max_c, min(temperature_c) AS temperature_min_c,
               round(favg(wind_speed_ms), 2) AS wind_speed_mean_ms, round(favg(humidity_pct), 1) AS humidity_mean_pct,
               round(fsum(rain_mm), 1) AS rain_mm
        FROM read_csv('{hourly}') GROUP BY ALL ORDER BY ALL
    ) TO '{daily}'""")
days = duckdb.sql(f"""
    SELECT station_id AS unique_id, observed_at::date::timestamp AS ds, temperature_max_c AS y FROM read_csv('{daily}') ORDER BY ALL
""").df()
year = days.ds.max().year
begin, end = pd.Timestamp(year, 1, 1), pd.Timestamp(year + 1, 1, 1)
say(f"**{days.unique_id.nunique()}** stations, **{fr(len(days))}** jours ; l'année rejouée est **{year}**.")

# %% [markdown]
# ## Rejouer l'année
#
# `senmeteo forecast backtest` apprend des années d'avant, puis émet une prévision par jour et par station.

# %%
LEADS = [1, 2, 3, 5, 7]
scored = senmeteo_json(
    "forecast", "backtest", "--in", str(daily), "--from", f"{begin:%F}", "--to", f"{end:%F}", "--leads", ",".join(map(str, LEADS))
)
values = pd.json_normalize([row for row in scored["values"] if not row.get("station_id")])
rain = [row for row in scored["rain"] if not row.get("station_id")]
names = {
    "temperature_max_c": "T. maximale",
    "temperature_min_c": "T. minimale",
    "wind_speed_mean_ms": "vent moyen",
    "humidity_mean_pct": "humidité",
}

# %% [markdown]
# ## Calibration
#
# Une prévision ne dit pas un nombre, mais sept quantiles. Sont-ils honnêtes ? On compte combien
# d'observations tombent dans la bande du milieu (50 %) et dans la bande large (90 %).

# %%
tomorrow = values[values.lead == 1].set_index("variable").loc[list(names)]
fig, ax = plt.subplots(figsize=(6.4, 3.6))
for column, nominal, colour, mark in (("coverage_50", 50, BLUE, "o"), ("coverage_90", 90, ORANGE, "s")):
    ax.axvline(nominal, color=GREY, linestyle=":")
    ax.plot(100 * tomorrow[column], list(names.values()), mark, color=colour, markersize=10, label=f"bande à {nominal} %")
ax.set(xlim=(30, 100), xlabel="observations dans la bande (%)", title="Calibration à un jour")
ax.invert_yaxis()
ax.margins(y=0.15)
ax.legend(loc="center", bbox_to_anchor=(0.55, 0.5))
plt.show()

# %%
gap = 100 * max((tomorrow.coverage_50 - 0.5).abs().max(), (tomorrow.coverage_90 - 0.9).abs().max())
say(f"Le plus grand écart à la part annoncée est de **{fr(gap, 1)}** points.")

# %% [markdown]
# ## La pluie : « 30 % de chances » veut-il dire 30 % ?
#
# On range les prévisions par probabilité annoncée, et on compte combien de fois il a plu au moins un
# millimètre. Sur la diagonale, les mots disent vrai. L'aire d'un point suit le nombre de prévisions.

# %%
bins = pd.DataFrame(next(row for row in rain if row["lead"] == 1 and row["months"] == "all")["bins"])
fig, ax = plt.subplots(figsize=(5.2, 5.0))
ax.plot([0, 100], [0, 100], color=GREY, linestyle=":")
ax.scatter(100 * bins.forecast, 100 * bins.observed, s=20 + 600 * bins.n / bins.n.max(), color=BLUE, alpha=0.8)
ax.set(xlim=(-5, 100), ylim=(-5, 100), xlabel="probabilité annoncée (%)", ylabel="jours de pluie (%)", title="Fiabilité, à un jour")
plt.show()
sure = int(bins[bins.forecast > 0.5].n.sum())
say(
    f"Sur **{fr(bins.n.sum())}** prévisions, **{fr(sure)}** annoncent plus d'une chance sur deux. Moins un point a de prévisions, "
    "plus le hasard l'éloigne de la diagonale."
)

# %% [markdown]
# ## Que vaut la prévision, selon l'échéance ?
#
# L'erreur absolue moyenne de la température maximale, à côté de trois références. La *persistance* répète
# la dernière valeur ; la *climatologie* dit la normale du jour ; la *persistance amortie* va de l'une à
# l'autre. C'est elle qu'il faut battre.

# %%
hottest = values[values.variable == "temperature_max_c"].set_index("lead")
fig, ax = plt.subplots()
for column, label, colour, line, width in (
    ("against.persistence.mae", "persistance", RED, ":", 2),
    ("against.climatology.mae", "climatologie", GREY, "--", 2),
    ("against.damped_persistence.mae", "persistance amortie", ORANGE, "-", 8),  # large : senmeteo la recouvre souvent
    ("mae", "senmeteo", BLUE, "-", 2),
):
    ax.plot(hottest.index, hottest[column], line, marker="o", color=colour, linewidth=width, label=label)
ax.set(xlabel="échéance (jours)", ylabel="erreur moyenne (°C)", title="Température maximale", xticks=LEADS)
ax.set_ylim(bottom=0)
ax.yaxis.set_major_formatter(lambda number, _: fr(number, 1))
ax.legend(loc="lower right")
plt.show()

# %%
day = hottest.loc[1]
gain, low, high = (100 * day[f"against.damped_persistence.{name}"] for name in ("gain", "low", "high"))
verdict = "Il est établi." if low > 0 else "Il n'est pas établi : l'intervalle contient zéro."
say(
    f"À un jour, le gain sur la persistance amortie est de **{fr(gain, 1)} %** "
    f"(intervalle à 95 % : de {fr(low, 1)} à {fr(high, 1)} %). {verdict}"
)

# %% [markdown]
# ## Contre statsforecast
#
# Lissage exponentiel (`AutoETS`) et même jour de l'an dernier (`SeasonalNaive`), appris sur les années d'avant et
# rejoués aux mêmes jours, pour les mêmes stations et échéances.

# %%
import warnings

warnings.filterwarnings("ignore", message="IProgress not found")  # une barre de progression dont nous n'avons pas besoin
from statsforecast import StatsForecast
from statsforecast.models import AutoETS, SeasonalNaive

windows = (end - begin).days - max(LEADS) + 1
models = [AutoETS(season_length=1, alias="AutoETS"), SeasonalNaive(season_length=365, alias="SeasonalNaive")]
replayed = StatsForecast(models=models, freq="D").cross_validation(df=days, h=max(LEADS), step_size=1, n_windows=windows, refit=False)
replayed["lead"] = (replayed.ds - replayed.cutoff).dt.days
others = ["AutoETS", "SeasonalNaive"]
theirs = replayed[others].sub(replayed.y, axis=0).abs().groupby(replayed.lead).mean().loc[LEADS]

# %%
table = theirs.assign(senmeteo=hottest.mae)[["senmeteo", "AutoETS", "SeasonalNaive"]]
fig, ax = plt.subplots()
for column, colour, line in (("SeasonalNaive", GREY, "--"), ("AutoETS", GREEN, "-."), ("senmeteo", BLUE, "-")):
    ax.plot(table.index, table[column], line, marker="o", color=colour, label=column)
ax.set(xlabel="échéance (jours)", ylabel="erreur moyenne (°C)", title="À côté de statsforecast", xticks=LEADS)
ax.set_ylim(bottom=0)
ax.yaxis.set_major_formatter(lambda number, _: fr(number, 1))
ax.legend(loc="lower right")
plt.show()
table.map(lambda number: fr(number, 2))

# %%
best = table[["AutoETS", "SeasonalNaive"]].min(axis=1)
say(
    f"À un jour, l'erreur de senmeteo est de **{fr(table.senmeteo[1], 2)} °C**, "
    f"celle du meilleur des deux autres de **{fr(best[1], 2)} °C** ; "
    f"à sept jours, **{fr(table.senmeteo[7], 2)} °C** et **{fr(best[7], 2)} °C**."
)
if not measured:
    say("*Sur une météo synthétique, ces écarts parlent du générateur plus que de l'atmosphère.*")

# %% [markdown]
# ## À vous
#
# 1. Refaites le dernier graphique pour la température minimale.
# 2. Pourquoi la climatologie a-t-elle la même erreur à toutes les échéances ?
# 3. Donnez à `statsforecast` les anomalies (la valeur moins la moyenne du jour de l'année) : que gagne-t-il ?
# 4. Une prévision qui annonce toujours la climatologie est parfaitement calibrée. Pourquoi ne suffit-elle pas ?
