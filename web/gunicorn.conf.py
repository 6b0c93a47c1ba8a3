"""gunicorn: two processes of eight threads each; `gunicorn -c web/gunicorn.conf.py 'web:create_app()'`.

The threads wait for Cassandra, the processes use the cores. Each process makes its own Cassandra session on its
first request. WEB_HOST is 127.0.0.1 unless set: a container or a machine behind a proxy sets 0.0.0.0.
"""

# ruff: noqa: N999 (the name that gunicorn gives its file)

import os
import re
import shutil
import sys
import tempfile
from typing import Any

from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from cql.connect import Contact
from domain.serving.marks import Marks

try:
    _contact = Contact.from_env()
except ValueError as error:  # here, where it is one sentence and not a traceback of each process
    sys.exit(f"ERROR {error}")

bind = f"{os.environ.get('WEB_HOST') or '127.0.0.1'}:{os.environ.get('WEB_PORT') or '5000'}"
worker_class = "gthread"
workers = 2
threads = 8
timeout = 30
graceful_timeout = 10
keepalive = 5
control_socket_disable = True  # it would lie in the home folder, one for all copies of the project


class WithoutTokens(Logger):
    """The log of requests, without what would sign its readers in."""

    def atoms(self, *args: Any) -> dict[str, Any]:
        """What a line may be made of."""
        found: dict[str, Any] = super().atoms(*args)
        return {**found, "r": re.sub(r"(?<=token=)[^&\s]+", "…", found["r"])}


logger_class = WithoutTokens
accesslog = "-"
access_log_format = '%(h)s "%(r)s" %(s)s %(b)s bytes %(M)s ms'

_made = "" if "PROMETHEUS_MULTIPROC_DIR" in os.environ else tempfile.mkdtemp(prefix="recommender-metrics-")
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", _made)


_marks = Marks()  # made before the processes are, so that they share it


def post_worker_init(worker: Worker) -> None:
    """Let the process see what others store, and load the model, so that it is there when somebody rates."""
    worker.wsgi.extensions["recommender.marks"] = _marks
    worker.wsgi.extensions["recommender.model"].start()


def child_exit(server: Arbiter, worker: Worker) -> None:
    """Forget the live gauges of a worker that is gone."""
    # not at the top: prometheus_client decides on its kind of counters when imported, so after the variable is set
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Arbiter) -> None:
    """Remove the folder of figures if it was made here, and that of the model, which the next start stores again."""
    # not at the top: this process has no use for numpy
    from web.model.model_folder import model_folder

    shutil.rmtree(model_folder(_contact), ignore_errors=True)
    if _made:
        shutil.rmtree(_made, ignore_errors=True)
