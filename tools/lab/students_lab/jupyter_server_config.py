"""Tell the server where custom.css is; jupyter_lab_config.json tells JupyterLab to show it."""

from pathlib import Path

custom = Path(__file__).with_name("custom")
c.ServerApp.tornado_settings = {"static_custom_path": [str(custom)]}  # noqa: F821
c.LanguageServerManager.autodetect = False  # noqa: F821 - starts npm, and finds none here
