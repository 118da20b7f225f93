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
# # Le climat des 14 régions, lu dans le lac
#
# **Ce qu'on apprend ici**
#
# - lire les fichiers Parquet d'un lac sur HDFS avec DuckDB, sans serveur de base de données ;
# - poser la même question à PySpark, et vérifier que les deux réponses sont égales ;
# - reconnaître dans les chiffres ce qui fait le climat du Sénégal : la côte et l'intérieur, la saison
#   sèche et l'hivernage.
#
# Tout s'exécute de haut en bas, sans rien modifier. Les nombres cités dans le texte sont calculés au
# moment de l'exécution : ils suivent vos données.

# %%
import matplotlib.pyplot as plt
from lab import BLUE, GREEN, GREY, MONTHS, ORANGE, fr, lake, lake_url, say, spark, style
from matplotlib.ticker import MaxNLocator

style()
db = lake()

# %% [markdown]
# ## Ce que contient le lac
#
# Un dossier par jour, `clean/date=2025-01-31`, et dedans des fichiers Parquet. DuckDB les lit par
# WebHDFS, l'interface HTTP de HDFS. Le lac garde toutes les révisions d'une observation jusqu'au
# compactage de sa journée : `lab.lake` ne retient que la dernière de chacune.

# %%
[(rows, stations, first, last)] = db.sql(
    "SELECT count(*), count(DISTINCT station_id), min(observed_at), max(observed_at) FROM clean"
).fetchall()
sources = [source for (source,) in db.sql("SELECT DISTINCT source FROM clean ORDER BY 1").fetchall()]
say(f"Le lac contient **{fr(rows)}** observations de **{stations}** stations, du {first:%d/%m/%Y} au {last:%d/%m/%Y}.")
if sources == ["generate"]:
    say(
        "*Ces observations viennent toutes du générateur : une météo synthétique, réglée sur des moyennes mesurées. "
        "Elle sert à apprendre les outils, pas à décrire une année réelle.*"
    )

# %% [markdown]
# ## Un tableau par région
#
# Les valeurs que le contrôle de qualité a jugées mauvaises ne comptent pas. La colonne `qc` dit, valeur
# par valeur, quelles règles ont échoué ; `quality` résume l'observation entière, et on garde ici celles
# qui ne sont pas `bad`. Une moyenne est une question d'agrégation ; un total annuel de pluie est une
# somme d'intervalles.

# %%
climate = db.sql("""
    SELECT region,
           favg(temperature_c)                                        AS temperature,
           quantile_cont(temperature_c, 0.05)                         AS nuits_fraiches,
           quantile_cont(temperature_c, 0.95)                         AS apres_midi_chauds,
           favg(humidity_pct)                                         AS humidite,
           fsum(rain_mm)                                              AS pluie,
           count(DISTINCT CASE WHEN rain_mm > 0 THEN date END)        AS jours_de_pluie
    FROM clean WHERE quality <> 'bad' GROUP BY region ORDER BY temperature
""").df()
climate

# %%
coolest, hottest = climate.iloc[0], climate.iloc[-1]
wettest, driest = climate.loc[climate.pluie.idxmax()], climate.loc[climate.pluie.idxmin()]
say(
    f"La région la plus douce est **{coolest.region}** ({fr(coolest.temperature, 1)} °C en moyenne), la plus chaude "
    f"**{hottest.region}** ({fr(hottest.temperature, 1)} °C). La plus arrosée est **{wettest.region}** "
    f"({fr(wettest.pluie)} mm), la plus sèche **{driest.region}** ({fr(driest.pluie)} mm) : "
    f"{fr(wettest.pluie / driest.pluie, 1)} fois moins."
)

# %% [markdown]
# ## La côte et l'intérieur
#
# L'écart entre les nuits fraîches et les après-midi chauds mesure l'influence de l'océan : l'alizé
# maritime adoucit la côte, l'harmattan dessèche l'intérieur.

# %%
fig, ax = plt.subplots(figsize=(6.4, 5.6))
ax.hlines(climate.region, climate.nuits_fraiches, climate.apres_midi_chauds, color=GREY, linewidth=5, alpha=0.45)
ax.plot(climate.temperature, climate.region, "o", color=BLUE, markersize=9, label="moyenne")
ax.plot(climate.nuits_fraiches, climate.region, "|", color=GREEN, markersize=15, markeredgewidth=3, label="5 % les plus frais")
ax.plot(climate.apres_midi_chauds, climate.region, "|", color=ORANGE, markersize=15, markeredgewidth=3, label="5 % les plus chauds")
ax.set(xlabel="température (°C)", title="De la côte à l'intérieur")
ax.legend(loc="upper center", bbox_to_anchor=(0.4, -0.13), ncols=3, fontsize=11, handletextpad=0.2, columnspacing=1)
plt.show()

# %% [markdown]
# ## L'année, mois par mois
#
# Comparons deux régions : la plus douce et la plus chaude.

# %%
compared = [coolest.region, hottest.region]
monthly = db.sql(
    """
    SELECT region, month(observed_at) AS mois, favg(temperature_c) AS temperature, fsum(rain_mm) AS pluie
    FROM clean WHERE quality <> 'bad' AND region IN (SELECT unnest(?)) GROUP BY ALL ORDER BY ALL
    """,
    params=[compared],
).df()
fig, (above, below) = plt.subplots(2, 1, sharex=True, figsize=(6.4, 6.0))
for region, colour, shift, mark in zip(compared, (BLUE, ORANGE), (-0.2, 0.2), ("o-", "s--"), strict=True):
    one = monthly[monthly.region == region]
    above.plot(one.mois, one.temperature, mark, color=colour, label=region)
    below.bar(one.mois + shift, one.pluie, width=0.4, color=colour, label=region)
above.set(ylabel="température (°C)", title="Température moyenne")
above.yaxis.set_major_locator(MaxNLocator(5, integer=True))
above.legend(ncols=2)
below.set(ylabel="pluie (mm)", title="Pluie du mois")
below.set_xticks(range(1, 13), [m[0].upper() for m in MONTHS])
plt.show()

# %%
rainy = monthly[monthly.mois.between(6, 10)].pluie.sum() / monthly.pluie.sum()
say(f"Dans ces deux régions, **{fr(100 * rainy)} %** de la pluie tombe de juin à octobre : c'est l'hivernage.")

# %% [markdown]
# ## La même question à PySpark
#
# DuckDB travaille dans ce processus. Spark répartirait le même calcul sur beaucoup de machines ; ici il
# n'a que deux fils d'exécution. Il lit les mêmes fichiers, directement par le protocole de HDFS. Les
# dossiers `date=…` permettent de n'ouvrir que ceux du mois demandé : prenons le dernier du lac.

# %%
from pyspark.sql import Window
from pyspark.sql import functions as f

session = spark()
files = session.read.option("basePath", f"{lake_url()}/clean").parquet(f"{lake_url()}/clean/date={last:%Y-%m}-*")
newest = Window.partitionBy("id").orderBy(f.desc("fetched_at"), f.desc("revision"))
valid = files.where("kind <> 'forecast'").withColumn("rank", f.row_number().over(newest)).where("rank = 1")
by_spark = valid.where("quality <> 'bad'").groupBy("region").agg(f.avg("temperature_c").alias("temperature")).toPandas()
session.stop()

# %%
by_duckdb = db.sql(
    "SELECT region, favg(temperature_c) AS temperature FROM clean WHERE quality <> 'bad' AND strftime(date, '%Y-%m') = ? GROUP BY region",
    params=[f"{last:%Y-%m}"],
).df()
both = by_duckdb.merge(by_spark, on="region", suffixes=("_duckdb", "_spark"), how="outer")
assert (both.temperature_duckdb - both.temperature_spark).abs().max() < 1e-9, both
say(f"Pour les **{len(both)}** régions, les deux programmes donnent la même moyenne, au milliardième de degré près.")

# %% [markdown]
# ## À vous
#
# 1. Remplacez `temperature_c` par `wind_speed_ms` : quelle région est la plus ventée, et en quel mois ?
# 2. Enlevez la condition `quality <> 'bad'` : de combien change la moyenne la plus touchée ?
# 3. Pourquoi ne peut-on pas faire la moyenne des moyennes mensuelles pour obtenir celle de l'année ?
# 4. Ouvrez les pages du NameNode, cherchez le dossier d'un jour de septembre, et lisez ce seul fichier
#    avec `duckdb.read_parquet`.
