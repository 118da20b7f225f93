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
# # La qualité des données, jugée contre la vérité
#
# **Ce qu'on apprend ici**
#
# - fabriquer une météo dont on connaît chaque défaut, pour mesurer ce qu'un contrôle de qualité trouve ;
# - distinguer le *rappel* (quelle part des défauts est trouvée) des *fausses alertes* (quelles bonnes
#   valeurs sont accusées) ;
# - comparer les règles de senmeteo à celles d'`ioos_qc`, la bibliothèque de contrôle de qualité du
#   réseau américain d'observation des océans ;
# - voir ce qu'aucune des deux ne trouve.
#
# Ce notebook n'a besoin d'aucun serveur : il fabrique ses données lui-même.

# %%
import json
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from ioos_qc import qartod
from lab import BLUE, GREY, ORANGE, RED, fr, say, senmeteo, senmeteo_json, style
from matplotlib.ticker import MaxNLocator

style()
folder = Path(tempfile.mkdtemp())
readings, truth = folder / "readings.jsonl", folder / "truth.jsonl"
period = ["--from", "2025-01-01", "--to", "2025-03-01", "--seed", "7", "--faults", "0.02"]
senmeteo("fetch", "generate", *period, "--out", str(readings), "--truth", str(truth))
defects = pd.read_json(truth, lines=True)
say(f"Le fichier de vérité nomme **{fr(len(defects))}** défauts, de **{defects.defect.nunique()}** sortes.")

# %% [markdown]
# ## À quoi ressemble un défaut
#
# Chaque ligne de la vérité donne la valeur fausse, la vraie, et ce que la chaîne doit en faire. Voici une
# température bloquée : le capteur répète la même valeur pendant que le temps continue.

# %%
lines = []
for line in readings.read_bytes().splitlines():
    try:
        lines.append(json.loads(line))
    except ValueError:  # un défaut, lui aussi : du JSON abîmé
        continue
data = pd.DataFrame(lines)
data["observed_at"] = pd.to_datetime(data.observed_at, format="ISO8601")
data = data[data.observed_at < "2025-03-01"].sort_values(["station_id", "observed_at", "fetched_at"], kind="stable")
data = data.drop_duplicates(["station_id", "observed_at"])[["station_id", "observed_at", "temperature_c"]].dropna()

wrong = defects[(defects.variable == "temperature_c") & (defects.expect == "flag")].copy()
wrong["observed_at"] = pd.to_datetime(wrong.observed_at, format="ISO8601")
data = data.merge(wrong[["station_id", "observed_at", "defect", "true_value"]], on=["station_id", "observed_at"], how="left")

stuck = data[data.defect == "stuck"].iloc[0]
window = data[(data.station_id == stuck.station_id) & ((data.observed_at - stuck.observed_at).abs() < pd.Timedelta("14h"))]
fig, ax = plt.subplots()
ax.plot(window.observed_at, window.true_value.fillna(window.temperature_c), color=GREY, linewidth=3, alpha=0.5, label="vérité")
bad = window[window.defect.notna()]
ax.plot(bad.observed_at, bad.temperature_c, ".", color=RED, label="valeur reçue, fausse")
ax.set(ylabel="température (°C)", title=f"Un capteur bloqué, {stuck.station_id}, {stuck.observed_at:%d/%m/%Y}")
ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
ax.xaxis.set_major_locator(plt.matplotlib.dates.HourLocator(interval=6))
ax.xaxis.set_major_formatter(plt.matplotlib.dates.DateFormatter("%H h"))
ax.legend()
plt.show()

# %% [markdown]
# ## Les règles de senmeteo
#
# `senmeteo score` fait passer le fichier par les contrôles de la chaîne, puis compare leurs drapeaux à la
# vérité. Pour un défaut d'un seul relevé, le rappel est la part des valeurs fausses qui sont signalées ;
# pour un épisode (`stuck`, `drift`, `slow_drift`), c'est ici la part de ses relevés.

# %%
scored = senmeteo_json("score", "--in", str(readings), "--truth", str(truth))
rows = [row for row in scored["defects"] if row.get("variable") == "temperature_c" and row["defect"] != "missing"]
ours = pd.Series(
    {
        row["defect"]: row.get("readings_flagged", 0) / row["readings"] if "readings" in row else row["found"] / row["cases"]
        for row in rows
        if row["cases"]
    }
)
false_ours = sum(rule["values"] for rule in scored["false_alarms"].get("by_rule", []) if rule["variable"] == "temperature_c")

# %% [markdown]
# ## Les règles d'ioos_qc
#
# Quatre tests QARTOD sur la température, avec des seuils du même ordre que les nôtres : étendue, pic, pas
# de temps, valeur constante. Le drapeau d'une valeur est le pire des quatre ; à partir de 3 (`SUSPECT`),
# elle est signalée.

# %%
flags = []
for _, one in data.groupby("station_id"):
    values, times = one.temperature_c.to_numpy(), one.observed_at.dt.tz_localize(None).to_numpy()
    tests = [
        qartod.gross_range_test(values, fail_span=(-10, 60), suspect_span=(8, 48)),
        qartod.spike_test(values, suspect_threshold=3, fail_threshold=6),
        qartod.rate_of_change_test(values, times, threshold=4 / 600),
        qartod.flat_line_test(values, times, suspect_threshold=2 * 3600, fail_threshold=4 * 3600, tolerance=0.01),
    ]
    worst = np.max([np.where(np.ma.filled(test, 9) == 9, 0, np.ma.filled(test, 9)) for test in tests], axis=0)
    flags.append(pd.Series(worst, index=one.index))
data["flagged"] = pd.concat(flags).reindex(data.index) >= 3
theirs = data[data.defect.notna()].groupby("defect").flagged.mean()
accused = data[data.defect.isna() & data.flagged]
false_theirs = len(accused)
after_wrong = int((data.groupby("station_id").defect.shift().loc[accused.index].notna()).sum())

# %%
names = {
    "spike": "pic",
    "out_of_range": "hors limites",
    "unit_mix_up": "autre unité",
    "stuck": "bloquée",
    "drift": "dérive",
    "slow_drift": "dérive lente",
}
both = pd.DataFrame({"senmeteo": ours, "ioos_qc": theirs}).loc[[name for name in names if name in ours.index]].fillna(0) * 100
both.index = [names[name] for name in both.index]
place = np.arange(len(both))
fig, ax = plt.subplots(figsize=(6.4, 4.6))
ax.barh(place - 0.2, both.senmeteo, height=0.38, color=BLUE, label="senmeteo")
ax.barh(place + 0.2, both.ioos_qc, height=0.38, color=ORANGE, hatch="//", edgecolor="white", label="ioos_qc")
ax.set_yticks(place, both.index)
ax.invert_yaxis()
ax.set(xlim=(0, 100), xlabel="valeurs fausses signalées (%)", title="Rappel, température")
ax.legend(loc="upper center", bbox_to_anchor=(0.4, -0.15), ncols=2)
plt.show()
both

# %%
months = scored["station_months"]
say(
    f"Fausses alertes sur la température, pour {fr(months, 1)} mois de station : **{fr(false_ours)}** chez senmeteo, "
    f"**{fr(false_theirs)}** chez ioos_qc avec ces seuils, dont **{fr(after_wrong)}** sont la bonne valeur qui suit une fausse : "
    "un pas de temps a deux bouts, et ce test accuse le second. "
    f"Le défaut le moins bien trouvé par senmeteo est « {both.senmeteo.idxmin()} » ({fr(both.senmeteo.min())} %)."
)

# %% [markdown]
# ## Pourquoi les dérives échappent
#
# Une dérive change moins vite que le temps qu'il fait. Un seul capteur ne peut pas la montrer : il faut
# des voisins. senmeteo compare la pression à celle des stations voisines, et l'y trouve ; la température
# diffère trop d'une station à l'autre. Ce n'est pas un oubli : c'est écrit, et mesuré, dans
# [docs/quality-control.fr.md](../docs/quality-control.fr.md).

# %%
pressure = next(row for row in scored["defects"] if row["defect"] == "drift" and row.get("variable") == "pressure_hpa")
drift = next(row for row in rows if row["defect"] == "drift")
say(
    f"Épisodes de dérive trouvés : pression **{pressure['found']}** sur {pressure['cases']}, "
    f"température **{drift['found']}** sur {drift['cases']}."
)

# %% [markdown]
# ## À vous
#
# 1. Baissez de moitié le seuil de pic d'`ioos_qc` : le rappel monte-t-il plus vite que les fausses alertes ?
# 2. Refaites la comparaison pour l'humidité (`humidity_pct`). Quels seuils choisir ?
# 3. Avec `--seed 8` et sans `--faults`, combien de drapeaux reste-t-il ? Sont-ils tous injustes ?
# 4. Inventez un défaut que ni l'un ni l'autre ne trouve, et écrivez la règle qui le trouverait.
