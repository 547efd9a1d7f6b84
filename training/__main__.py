"""The training as a process, `python -m training`: what the function does, with as much time and memory as there is.

It is told the same by its environment, prints what the function replies, and ends with 1 where the function would fail.
"""

import json
import sys
from uuid import uuid4

from shared.telemetry.log import begin, logger
from training.app import run


def main() -> None:
    begin("training", str(uuid4()))
    sys.stdout.write(json.dumps(run(logger.info)) + "\n")


if __name__ == "__main__":
    main()
