"""Jobs in one Spark application: a line of input is a job and its arguments, and each is answered by its exit code.

It ends when its input does, or after a job that fails: nobody is to work with what that one has left behind.

Example: echo '["report_quality", "--only-report"]' | python -m spark_jobs.run.application
"""

from __future__ import annotations

import json
import sys
from importlib import import_module

from domain.contract.runs import ENDED, ExitCode
from spark_jobs.run import cli, session

NAME = "pipeline"  # in Spark's UI


def main() -> int:
    """Run the jobs of the input; returns the exit code of the last one."""
    code: int = ExitCode.DONE
    try:
        for line in sys.stdin:
            job, *arguments = json.loads(line)
            module = import_module(f"spark_jobs.{job}")
            code = cli.execute(job, module.__doc__, module.add_arguments, module.main, arguments, application=NAME)
            print(f"{ENDED}{code}", flush=True)
            if code != ExitCode.DONE:
                break
            session.release()
    except KeyboardInterrupt:
        return cli.interrupted()
    finally:
        session.stop_application()
    return code


if __name__ == "__main__":
    sys.exit(main())
