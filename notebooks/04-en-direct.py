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
# # Un regard en direct : PostgreSQL et Elasticsearch
#
# **Ce qu'on apprend ici**
#
# - poser à PostgreSQL les questions du moment : la dernière valeur de chaque station, les dernières
#   heures, ce qui a été jugé douteux ;
# - poser à Elasticsearch des questions de comptage : quelles règles ont échoué, où, quand ;
# - voir quel stockage est fait pour quelle question, et vérifier qu'ils contiennent la même chose.
#
# Les deux connexions ne peuvent que lire. Relancez le notebook : il suit les données.

# %%
import matplotlib.pyplot as plt
import pandas as pd
from lab import BLUE, ORANGE, RED, elasticsearch, fr, postgres, say, style, table
from matplotlib.ticker import MaxNLocator

style()
database = postgres()
search = elasticsearch()

# %% [markdown]
# ## Maintenant, partout
#
# La vue `meteo.latest` donne la dernière observation de chaque station.

# %%
latest = table(
    database,
    """
    SELECT region, observed_at, temperature_c, humidity_pct, wind_speed_ms, quality
    FROM meteo.latest ORDER BY temperature_c DESC NULLS LAST, region
    """,
)
now = latest.observed_at.max()
latest.assign(observed_at=latest.observed_at.dt.strftime("%d/%m %H:%M"))

# %%
known = latest.dropna(subset="temperature_c")
warmest, coolest = known.iloc[0], known.iloc[-1]
say(
    f"Au {now:%d/%m/%Y à %H h %M} (UTC), il fait **{fr(warmest.temperature_c, 1)} °C** à {warmest.region} et "
    f"**{fr(coolest.temperature_c, 1)} °C** à {coolest.region}."
)

# %% [markdown]
# ## Les trois derniers jours d'une station
#
# Une base relationnelle lit vite une petite plage d'une série. Prenons celle où les règles ont signalé le
# plus de températures. Une valeur signalée est marquée d'une croix : elle reste dans la base, avec son
# drapeau. On ne supprime rien, on juge.

# %%
recent = table(
    database,
    """
    WITH recent AS (
        SELECT station_id, source, kind, observed_at, temperature_c, coalesce(qc ? 'temperature_c', false) AS flagged
        FROM meteo.observation WHERE kind <> 'forecast' AND temperature_c IS NOT NULL AND observed_at > %s
    ), chosen AS (
        SELECT station_id, source, kind FROM recent GROUP BY station_id, source, kind
        ORDER BY count(*) FILTER (WHERE flagged) DESC, count(*) DESC, station_id LIMIT 1
    )
    SELECT station_id, observed_at, temperature_c, flagged FROM recent JOIN chosen USING (station_id, source, kind) ORDER BY observed_at
    """,
    now - pd.Timedelta("3D"),
)
station = recent.station_id[0]
fig, ax = plt.subplots()
ax.plot(recent.observed_at, recent.temperature_c, color=BLUE)
flagged = recent[recent.flagged]
ax.plot(flagged.observed_at, flagged.temperature_c, "x", color=RED, markersize=11, markeredgewidth=3, label="signalée")
ax.set(ylabel="température (°C)", title=f"{station}, trois derniers jours")
ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
ax.xaxis.set_major_locator(plt.matplotlib.dates.DayLocator())
ax.xaxis.set_major_formatter(plt.matplotlib.dates.DateFormatter("%d/%m"))
if len(flagged):
    ax.legend()
plt.show()
say(f"Sur les **{fr(len(recent))}** températures de {station}, **{fr(len(flagged))}** sont signalées.")

# %% [markdown]
# ## Quelles règles échouent ?
#
# Elasticsearch compte par catégorie sans lire les documents : c'est une *agrégation*. Le champ `qc_rules`
# contient le nom de chaque règle qui a échoué.

# %%
answer = search.search(
    index="meteo-clean",
    size=0,
    track_total_hits=True,
    query={"bool": {"must_not": {"term": {"kind": "forecast"}}}},
    aggs={
        "rules": {"terms": {"field": "qc_rules", "size": 20}},
        "quality": {"terms": {"field": "quality"}},
        "months": {
            "date_histogram": {"field": "observed_at", "calendar_interval": "month"},
            "aggs": {"quality": {"terms": {"field": "quality"}}, "rules": {"terms": {"field": "qc_rules", "size": 1}}},
        },
    },
)
found = answer["aggregations"]
rules = pd.Series({bucket["key"]: bucket["doc_count"] for bucket in found["rules"]["buckets"]}).sort_values()
fig, ax = plt.subplots()
ax.barh(rules.index, rules, color=ORANGE)
ax.bar_label(ax.containers[0], labels=[fr(n) for n in rules], padding=4)
ax.margins(x=0.15)
ax.set(xlabel="observations", title="Règles qui ont échoué")
plt.show()

# %%
total = answer["hits"]["total"]["value"]
counts = {bucket["key"]: bucket["doc_count"] for bucket in found["quality"]["buckets"]}
say(
    f"Sur **{fr(total)}** observations, **{fr(100 * counts.get('good', 0) / total, 1)} %** sont bonnes, "
    f"**{fr(counts.get('suspect', 0))}** sont douteuses et **{fr(counts.get('bad', 0))}** mauvaises."
)

# %%
months = (
    pd.DataFrame(
        {
            pd.Timestamp(bucket["key"], unit="ms"): {
                b["key"]: 100 * b["doc_count"] / bucket["doc_count"] for b in bucket["quality"]["buckets"]
            }
            for bucket in found["months"]["buckets"]
            if bucket["doc_count"]
        }
    )
    .T.reindex(columns=["suspect", "bad"], fill_value=0)
    .fillna(0)
)
fig, ax = plt.subplots()
labels = months.index.strftime("%m/%y")
ax.bar(labels, months.suspect, color=ORANGE, label="douteuses")
ax.bar(labels, months.bad, bottom=months.suspect, color=RED, hatch="//", edgecolor="white", label="mauvaises")
ax.set(ylabel="observations (%)", title="Qualité, mois par mois")
ax.set_xticks(range(0, len(labels), 3), labels[::3])
ax.set_ylim(top=1.3 * months.sum(axis=1).max())
ax.legend(ncols=2, loc="upper left")
plt.show()
worst = months.sum(axis=1).idxmax()
[first] = [bucket["rules"]["buckets"] for bucket in found["months"]["buckets"] if pd.Timestamp(bucket["key"], unit="ms") == worst]
say(
    f"Le mois le plus touché est **{worst:%m/%Y}** : {fr(months.sum(axis=1)[worst], 1)} % des observations"
    + (f", le plus souvent par la règle `{first[0]['key']}` ({fr(first[0]['doc_count'])} fois)." if first else ".")
)

# %% [markdown]
# ## Les lettres mortes
#
# Ce que la chaîne n'a pas pu lire n'est pas perdu : c'est une *lettre morte*, gardée octet par octet dans
# Kafka. Elasticsearch en garde une fiche, avec le motif.

# %%
letters = search.search(index="meteo-dlq", size=0, track_total_hits=True, aggs={"reasons": {"terms": {"field": "reason"}}})
reasons = pd.DataFrame([(b["key"], b["doc_count"]) for b in letters["aggregations"]["reasons"]["buckets"]], columns=["motif", "lettres"])
reasons

# %% [markdown]
# ## Les deux stockages disent-ils la même chose ?

# %%
[stored] = table(database, "SELECT count(*) AS n FROM meteo.observation WHERE kind <> 'forecast'").n
if stored == total:
    say(f"PostgreSQL et Elasticsearch contiennent chacun **{fr(stored)}** observations. `senmeteo reconcile` compare aussi leurs valeurs.")
else:
    say(f"PostgreSQL contient **{fr(stored)}** observations, Elasticsearch **{fr(total)}** : un job est en avance sur l'autre.")
database.close()
search.close()

# %% [markdown]
# ## À vous
#
# 1. Quelle région a la plus grande part d'observations douteuses ? Est-ce la même dans les deux stockages ?
# 2. Demandez à PostgreSQL la plus forte rafale de chaque mois. Et à Elasticsearch ?
# 3. Essayez de modifier une ligne (`UPDATE`) avec la connexion de ce notebook : que répond le serveur ?
# 4. Si les deux comptes différaient d'un instant à l'autre, serait-ce une erreur ? (Pensez aux deux jobs,
#    `to-pg` et `to-es`, qui avancent chacun à son rythme.)
