"""Health check of the container: exit code 0 when /healthz answers 200.

The panel answers only to its own host names, so the first of ALLOWED_HOSTS is sent along.
"""

import os
import sys
import urllib.request

host = (
    os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip("*.") or "localhost"
)
request = urllib.request.Request(sys.argv[1], headers={"Host": host})  # noqa: S310 - our own URL
with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310
    sys.exit(answer.status != 200)
