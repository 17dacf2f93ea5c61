"""Accounts for the class list only, each with its own password."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bcrypt
from nativeauthenticator import NativeAuthenticator
from nativeauthenticator.orm import UserInfo
from traitlets import Unicode

from tools.hub.accounts import read_passwords


class ClassAuthenticator(NativeAuthenticator):
    """A NativeAuthenticator that makes all accounts at the start, so nobody signs up."""

    first_passwords = Unicode(config=True, help="The table of the first passwords.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, password in read_passwords(Path(self.first_passwords)).items():
            if not self.user_exists(name):
                scrambled = bcrypt.hashpw(password.encode(), bcrypt.gensalt())
                self.db.add(UserInfo(username=name, password=scrambled, is_authorized=True))
        self.db.commit()
