#!/bin/sh
# Records a session over HTTP with curl. --retry sends a call again when no answer came, and its key makes it count once.
set -eu
url=${SESSIONWIRE_URL:-http://127.0.0.1:8787}

record() {
  curl --silent --show-error --fail-with-body --retry 5 --retry-connrefused --max-time 30 \
    --header "X-Api-Key: $SESSIONWIRE_API_KEY" --header 'Content-Type: application/json' \
    --data "$2" "$url$1"
}

id=$(record /api/sessions '{ "goal": "Stop double charging", "user": "ada", "key": "start-981" }' |
  sed 's/.*"session":{"id":"\([^"]*\)".*/\1/')
session=/api/sessions/$id

{
  record "$session/updates" '{ "description": "Reproduced with two webhooks", "progress": 35, "key": "1" }'
  record "$session/decisions" '{ "content": "Lock per invoice", "rationale": "Stripe retries", "key": "2" }'
  record "$session/blockers" '{ "description": "No staging key", "severity": "high", "key": "3" }'
  record "$session/resolutions" '{ "blocker": "staging key", "resolution": "Key issued by ops", "key": "4" }'
  record "$session/close" '{ "summary": "Fixed in #981", "progress": 100, "key": "5" }'
} > /dev/null
echo "Recorded: $id"

# What a later session would be reminded of.
curl --silent --fail-with-body --header "X-Api-Key: $SESSIONWIRE_API_KEY" "$url/api/recall?query=invoice" |
  sed 's/.*"text":"\([^"]*\)","lines".*/\1/; s/\\n/\
/g'
