"""``python -m benchmarks.launch COMMAND …``: a line of JSON with the seconds and the most resident bytes of a command.

Imports nothing large, because the peak that is counted begins with the memory of the process that starts the command.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time


def main(command: list[str]) -> int:
    """Run it; its standard output is dropped, its errors are shown."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    scale = 1 if sys.platform == "darwin" else 1024
    print(json.dumps({"seconds": seconds, "peak": usage.ru_maxrss * scale}))
    return process.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
