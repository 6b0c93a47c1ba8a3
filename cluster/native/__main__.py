"""`python -m cluster` in the native runtime, whatever RUNTIME says; see there for the commands."""

import os
import sys

from cluster.__main__ import main
from cluster.errors import exit_with_message

if __name__ == "__main__":
    os.environ["RUNTIME"] = "native"
    sys.exit(exit_with_message(main))
