"""Stands in for the window process where the real one cannot be made to do what is tried.

`python -m tests.support.stub_window SESSION_FOLDER` says the JSON lines of the environment
variable STUB_SAYS (a list), each after the host's next `info`, writes down in the file STUB_HEARD
what it hears, and ends with the status STUB_STATUS once it has said everything; without
STUB_STATUS it stays until it is told to quit.
"""

import json
import os
import sys


def main() -> int:
    says = json.loads(os.environ.get("STUB_SAYS", "[]"))
    status = os.environ.get("STUB_STATUS")
    print(json.dumps({"ready": True}), flush=True)
    if not says and status is not None:
        return int(status)
    for line in sys.stdin:
        with open(os.environ["STUB_HEARD"], "a") as file:
            file.write(line)
        heard = json.loads(line)
        if "quit" in heard:
            return 0
        if says and heard.get("info", {}).get("model", {}).get("name"):
            for said in says:
                print(json.dumps(said), flush=True)
            says = []
            if status is not None:
                return int(status)
    return 0


if __name__ == "__main__":
    sys.exit(main())
