"""JupyterLab of the stack: whoever has the token, a secret of 40 letters and digits, works with the rights of the container."""

import os
from pathlib import Path

c = get_config()  # noqa: F821 - Jupyter defines it
c.ServerApp.ip = "0.0.0.0"  # noqa: S104 - of the container; it is published on 127.0.0.1 alone
c.ServerApp.port = 8888
c.ServerApp.port_retries = 0
c.ServerApp.open_browser = False
c.ServerApp.root_dir = "/notebooks"
c.ServerApp.terminals_enabled = False
c.IdentityProvider.token = Path(os.environ["SENMETEO_JUPYTER_TOKEN_FILE"]).read_text().strip()
c.PasswordIdentityProvider.allow_password_change = False
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
