"""Runs a command and prints as JSON how it went: `python3 measured.py COMMAND ARGUMENT...`.

Wall seconds and the largest resident size come from the system; the last line that the command prints is
handed on, for commands that measure a part of themselves.
"""

import json
import resource
import subprocess
import sys
import time

begin = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, check=False)
seconds = time.perf_counter() - begin
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(
    json.dumps(
        {
            "status": done.returncode,
            "seconds": seconds,
            "rss": usage.ru_maxrss * 1024,
            "output": done.stdout.decode(),
        }
    )
)
