"""`python -m portal.stack.health`: ask the web server beside us whether it is ready; exit 0 only if it is.

The container's health check. The request names the site's own host, because no other is allowed.
"""

import http.client
import os
import sys
from urllib.parse import urlsplit


def main() -> int:
    """Return 0 if the portal says that it is ready."""
    host = urlsplit(os.environ.get("SITE_URL", "")).netloc or "127.0.0.1"
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=8)
    try:
        connection.request("GET", "/health/ready", headers={"Host": host})
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, http.client.HTTPException):
        return 1


if __name__ == "__main__":
    sys.exit(main())
