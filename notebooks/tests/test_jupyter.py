"""JupyterLab with the stack's settings lets in who has the token, and nobody else."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = Path(__file__).parents[2] / "docker" / "notebooks" / "jupyter_server_config.py"
TOKEN = "a" * 40


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Start it on a free port, with a folder of its own."""
    (tmp_path / "token").write_text(TOKEN)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", f"--ServerApp.root_dir={tmp_path}", "--allow-root"]
    environment = {**os.environ, "HOME": str(tmp_path), "SENMETEO_JUPYTER_TOKEN_FILE": str(tmp_path / "token")}
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", f"--config={SETTINGS}", *own], env=environment, stderr=subprocess.DEVNULL
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)


def wait(url: str) -> None:
    """Return when it answers, after three minutes at the most."""
    deadline = time.monotonic() + 180
    while True:
        try:
            requests.get(f"{url}/api", timeout=10).raise_for_status()
        except requests.RequestException:
            assert time.monotonic() < deadline, "JupyterLab does not answer"
            time.sleep(0.1)
        else:
            return


def test_the_token_of_the_secret_opens_it(address: str) -> None:
    wait(address)
    assert requests.get(f"{address}/api/contents", timeout=30).status_code == 403
    assert requests.get(f"{address}/api/contents", headers={"Authorization": "token wrong"}, timeout=30).status_code == 403
    assert requests.get(f"{address}/api/contents", headers={"Authorization": f"token {TOKEN}"}, timeout=30).status_code == 200
    terminals = requests.get(f"{address}/api/terminals", headers={"Authorization": f"token {TOKEN}"}, timeout=30)
    assert terminals.status_code == 404
