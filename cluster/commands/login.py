"""The address that signs a browser in to the site: it works once, within an hour.

It is printed on the terminal and nowhere else: a log or a record would give it to whoever reads that.
"""

from __future__ import annotations

from cluster.env_file import read_env_file
from cluster.errors import BadSetting, ClusterError
from cluster.probes import answers
from cluster.settings import Settings
from domain.contract.sign_in import PATH, make_token

NO_KEY = "Nobody can sign in, because API_KEY is empty: `make setup` draws one in .env, then `make up`."


def sign_in_address(settings: Settings) -> str:
    """A new address.

    Raises:
        BadSetting: the site has no API_KEY, which would sign it.
    """
    if not (key := _api_key(settings)):
        raise BadSetting(NO_KEY)
    return f"{settings.web_address}{PATH}?token={make_token(key)}"


def _api_key(settings: Settings) -> str | None:
    """The key that the site has, also where it was drawn after the settings were read."""
    return settings.environ.get("API_KEY") or read_env_file(settings.root / ".env").get("API_KEY")


def sign_in_line(settings: Settings) -> str:
    """What `make up` and `make preprocess` end with."""
    try:
        address = sign_in_address(settings)
    except BadSetting as error:
        return str(error)
    return f"Sign in to rate: {address}  (once, within an hour; `make login` prints another)"


def login(settings: Settings) -> None:
    """Print a new address.

    Raises:
        ClusterError: there is no API_KEY, or the site does not run.
    """
    address = sign_in_address(settings)
    if not answers(f"{settings.web_address}/health/live"):
        raise ClusterError(f"The site does not run at {settings.web_address}: `make up` first, then `make login`.")
    print(f"{address}\nOpen it in your browser: it works once, within an hour, and signs you in for 12 hours.")
