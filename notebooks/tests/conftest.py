"""The stores that the notebooks read, filled by the program: a year of hourly readings of the 14 regions, with labelled defects."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[1]
ROOT = NOTEBOOKS.parent
READINGS = ["--from", "2025-01-01", "--to", "2026-01-01", "--every", "1h", "--seed", "7", "--faults", "0.01"]

sys.path.insert(0, str(NOTEBOOKS))
sys.path.append(str(ROOT / "dags" / "tests"))  # browser.py


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the notebooks with the outputs of this run")


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The program, built from the sources as they are."""
    path = tmp_path_factory.mktemp("program") / "senmeteo"
    subprocess.run(["go", "build", "-o", str(path), "./jobs"], cwd=ROOT, check=True)
    return str(path)


@pytest.fixture(scope="session")
def stores(program: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Fill the servers that withservers has started, and return the environment in which notebooks find them."""
    work = tmp_path_factory.mktemp("stores")
    if "SENMETEO_WEBHDFS" not in os.environ:
        pytest.fail("there are no servers here: run `make notebooks-test`")

    def run(*args: str) -> None:
        done = subprocess.run([program, *args], cwd=work, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"senmeteo {' '.join(args)}: {done.stderr[-3000:]}"

    def fill(*jobs: list[str]) -> None:
        for job in jobs:
            run(*job)

    run("topics")
    run("fetch", "generate", *READINGS, "--truth", "truth.jsonl")
    fill(["stream"], ["review"], ["stream"])
    with ThreadPoolExecutor() as threads:
        jobs = [threads.submit(fill, *j) for j in ([["to-hdfs"], ["to-hdfs", "--compact"]], [["to-pg"], ["to-es"]])]
        for job in jobs:
            job.result()
    refresh = urllib.request.Request(f"{os.environ['SENMETEO_ES_URL']}/meteo-*/_refresh", method="POST")
    with urllib.request.urlopen(refresh, timeout=60) as answer:  # by itself it shows documents seconds later
        assert answer.status == 200
    home = tmp_path_factory.mktemp("home")
    here = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}  # Streamlit sets it: nothing is drawn
    stores = {**here, "SENMETEO_PROGRAM": program, "IPYTHONDIR": str(home), "MPLCONFIGDIR": str(home), "JUPYTER_CONFIG_DIR": str(home)}
    # Matplotlib lists the fonts once, and complains on standard error when that takes more than five seconds: in no notebook.
    subprocess.run([sys.executable, "-c", "import matplotlib.font_manager"], env=stores, check=True, capture_output=True)
    return stores
