"""The training as a process, `python -m training`: what the function does, with as much time and memory as there is.

It is told the same by its environment, prints what the function replies, and ends with 1 where the function would fail.
"""

import json
import sys

from training.app import logger, run


def main() -> None:
    sys.stdout.write(json.dumps(run(logger.info)) + "\n")


if __name__ == "__main__":
    main()
