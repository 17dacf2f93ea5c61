"""Tell the server where custom.css is; jupyter_lab_config.json tells JupyterLab to show it."""

from pathlib import Path

custom = str(Path(__file__).parent / "custom")
c.ServerApp.tornado_settings = {"static_custom_path": [custom]}  # noqa: F821
