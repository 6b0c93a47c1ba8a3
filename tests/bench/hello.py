"""The least that Flask can answer."""

import flask

app = flask.Flask(__name__)


@app.get("/")
def hello() -> dict[str, str]:
    """A constant."""
    return {"hello": "world"}
