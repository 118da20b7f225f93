"""Airflow's own folder for the tests, and the settings under which the DAGs are read: they must be there before Airflow is imported."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DAGS = ROOT / "dags"
HOME = tempfile.mkdtemp(prefix="senmeteo-airflow-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)

for name in [n for n in os.environ if n.startswith(("AIRFLOW__", "SENMETEO_DAG_"))]:
    del os.environ[name]
os.environ |= {
    "AIRFLOW_HOME": HOME,
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
    "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{HOME}/airflow.db",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
}
sys.path.insert(0, str(DAGS))


@pytest.fixture(scope="session")
def senmeteo(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The program, built from the sources as they are."""
    path = tmp_path_factory.mktemp("program") / "senmeteo"
    subprocess.run(["go", "build", "-o", str(path), "./jobs"], cwd=ROOT, check=True)
    return str(path)
