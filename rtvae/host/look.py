"""`python -m rtvae.host.look`: print the audio devices as JSON, for `rtvae.host.devices`."""

import json
import sys
from dataclasses import asdict

from rtvae.errors import RtvaeError


def main() -> int:
    """Print {"devices": [...], "problem": sentence or ""}."""
    devices, problem = [], ""
    try:
        from rtvae.io.portaudio import list_devices

        devices = [asdict(device) for device in list_devices()]
    except RtvaeError as error:
        problem = str(error)
    print(json.dumps({"devices": devices, "problem": problem}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
