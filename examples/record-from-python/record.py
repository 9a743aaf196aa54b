"""Records a session over HTTP, with the standard library alone."""

import json
import os
import time
import urllib.error
import urllib.request
import uuid

URL = os.environ.get("SESSIONWIRE_URL", "http://127.0.0.1:8787")
KEY = os.environ["SESSIONWIRE_API_KEY"]


def record(path, **fields):
    """Sends one call until it is answered. The key makes it count once, however often it is sent."""
    fields.setdefault("key", str(uuid.uuid4()))
    body = json.dumps(fields).encode()
    headers = {"Content-Type": "application/json", "X-Api-Key": KEY}
    for wait in (0.2, 1, 5, 15, None):
        request = urllib.request.Request(URL + path, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as refused:
            # 429 and 5xx pass; anything else is a mistake of this program, and the answer says which.
            if wait is None or (refused.code < 500 and refused.code != 429):
                raise SystemExit(json.load(refused)["error"]["message"])
        except OSError:
            if wait is None:
                raise
        time.sleep(wait)


started = record("/api/sessions", goal="Stop double charging", user="ada", agent="fixer")
session = "/api/sessions/" + started["session"]["id"]

record(session + "/updates", description="Reproduced with two parallel webhooks", progress=35)
record(session + "/decisions", content="Lock per invoice", rationale="Stripe retries within seconds")
blocked = record(session + "/blockers", description="No staging key", severity="high")
record(session + "/resolutions", blocker=blocked["blockerId"], resolution="Key issued by ops")
closed = record(session + "/close", summary="Charged once", progress=100, key="end")
print(closed["session"]["title"] + ":", closed["session"]["status"])

# The same call again, as after an answer that was lost: its key makes it count once.
again = record(session + "/close", summary="Charged once", progress=100, key="end")
print("Recorded twice:", "no" if again.get("repeated") else "yes")
