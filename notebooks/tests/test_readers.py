"""The connections of lab.py can't change anything."""

from __future__ import annotations

import lab
import psycopg
import pytest
import requests


def test_postgresql_refuses_to_write(stores: dict[str, str]) -> None:
    with lab.postgres() as connection, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        connection.execute("UPDATE meteo.station SET place = place")


def test_hdfs_refuses_to_write(stores: dict[str, str]) -> None:
    folder = f"{stores['SENMETEO_WEBHDFS']}/webhdfs/v1/data/meteo/clean/mine"
    answer = requests.put(folder, params={"op": "MKDIRS", "user.name": lab.HDFS_USER}, timeout=30)
    assert answer.status_code == 403
    assert answer.json()["RemoteException"]["exception"] == "AccessControlException"
