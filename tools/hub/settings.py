"""Pass settings from `__main__.py` to the hub's configuration, through the environment."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass

VARIABLE = "D2LCONV_HUB"


@dataclass(frozen=True)
class Settings:
    """The hub's settings; `names` maps each name that a student may sign in with to the account."""

    data: str
    names: dict[str, str]
    port: int
    cert: str
    key: str
    sandboxed: bool
    idle: int
    proxy: str
    run: str

    def to_env(self) -> None:
        os.environ[VARIABLE] = json.dumps(asdict(self))

    @classmethod
    def from_env(cls) -> Settings:
        return cls(**json.loads(os.environ[VARIABLE]))
