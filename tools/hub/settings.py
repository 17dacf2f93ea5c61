"""What the hub's configuration is told by the program that starts it, through the environment."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass

VARIABLE = "D2LCONV_HUB"


@dataclass(frozen=True)
class Settings:
    """How this hub runs; `names` has the account for each name that somebody may sign in with."""

    data: str
    names: dict[str, str]
    port: int
    cert: str
    key: str
    walls: bool
    idle: int
    proxy: str
    run: str

    def to_env(self) -> None:
        os.environ[VARIABLE] = json.dumps(asdict(self))

    @classmethod
    def from_env(cls) -> Settings:
        return cls(**json.loads(os.environ[VARIABLE]))
