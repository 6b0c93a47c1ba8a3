"""The least that Flask can answer, under the site's gunicorn settings."""

import threading

import flask

app = flask.Flask(__name__)
app.extensions["recommender.model"] = threading.Thread(target=lambda: None)  # what those settings start


@app.get("/")
@app.get("/health/live")
def hello() -> dict[str, str]:
    """A constant."""
    return {"hello": "world"}
