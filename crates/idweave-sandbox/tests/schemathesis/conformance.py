"""Runs Schemathesis over the four services of one sandbox program.

Arguments: the sandbox program, the directory with the venv and the documents, and what `run` says.
"""

import argparse
import base64
import json
import os
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import mutated

SERVICES = ["docspace", "authress", "ostrom", "enhance"]
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]

# The service itself responds with 500 to a profile that it cannot read, and documents it.
FAILING = {"docspace": ["linkThirdPartyAccount", "signupThirdPartyAccount"]}

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("sandbox")
arguments.add_argument("work")
arguments.add_argument("--examples", type=int, default=10, help="requests for each operation and phase, at most")
arguments.add_argument("--minutes", type=float, help="go on with new seeds for so long")
arguments.add_argument("--seconds", type=float, default=5, help="of requests broken byte by byte")
arguments.add_argument("--service", choices=SERVICES, action="append")
arguments.add_argument("--seed", type=int, default=1)
options = arguments.parse_args()


def fetch(url, data=None, headers={}):
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=10) as response:
        text = response.read()
        return json.loads(text) if text else None


def ostrom_token(access, role):
    pair = "{client_id}:{client_secret}".format(**access["ostrom"][role])
    return fetch(
        f"{access['ostrom']['auth_url']}/oauth2/token",
        urllib.parse.urlencode({"grant_type": "client_credentials"}).encode(),
        {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()},
    )["access_token"]


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def signature(access):
    """What DocSpace's OAuth client operations want."""
    own = access["docspace"]
    url = f"{own['base_url']}/api/2.0/security/oauth2/token"
    return {"x-signature": fetch(url, headers=bearer(own["api_key"]))["response"]}


def session(access):
    """The cookie of someone who has logged in to Enhance."""
    own = access["enhance"]
    request = urllib.request.Request(
        f"{own['base_url']}/login/sessions",
        json.dumps({"email": own["email"], "password": own["password"]}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return {"Cookie": response.headers["Set-Cookie"].split(";")[0]}


def runs(access):
    """For each service: what tells the runs apart, base URL, headers, filters."""
    docspace, authress, ostrom, enhance = (access[service] for service in SERVICES)
    token_only = ["--include-path", "/oauth2/token"]
    oauth = ["--include-path-regex", "^/(api/2.0/(clients|scopes)|oauth2)"]
    return {
        "docspace": [
            ("owner", docspace["base_url"], bearer(docspace["api_key"]), []),
            ("OAuth manager", docspace["base_url"], signature(access), oauth),
        ],
        "authress": [("service client", authress["base_url"], bearer(authress["access_key"]), [])],
        "ostrom": [
            (role, ostrom["base_url"], bearer(ostrom_token(access, role)), ["--exclude-path", "/oauth2/token"])
            for role in ["user", "partner"]
        ]
        + [("token endpoint", ostrom["auth_url"], {}, token_only)],
        "enhance": [
            ("access token", enhance["base_url"], bearer(enhance["access_token"]), []),
            ("login", enhance["base_url"], session(access), []),
        ],
    }


def parameters(access):
    """Path parameters that lead to something; half of the requests use them."""
    docspace, authress, enhance = access["docspace"], access["authress"], access["enhance"]
    return {
        "docspace": {"userid": docspace["user"]["user_id"], "userID": docspace["user"]["user_id"]},
        "authress": {"userId": authress["user_id"], "tenantId": authress["tenant_id"]},
        "ostrom": {"externalUserId": access["ostrom"]["external_user_id"]},
        "enhance": {"org_id": enhance["org_id"]},
    }


def opened(value):
    """The document without closed objects: services add fields, and no client of ours minds."""
    if isinstance(value, dict):
        return {
            name: opened(own) for name, own in value.items() if name != "additionalProperties" or own is not False
        }
    return [opened(own) for own in value] if isinstance(value, list) else value


def schemathesis(access, service, name, base_url, headers, filters, seed, known):
    """One run with one credential; what was wrong is printed."""
    config = os.path.join(options.work, f"{service}.toml")
    with open(config, "w") as file:
        # Responses are judged, not what the program says about its own run.
        file.write('color = false\nwarnings = false\n')
        if known:
            file.write("[parameters]\n")
            for parameter, value in parameters(access)[service].items():
                file.write(f'"path.{parameter}" = {json.dumps(value)}\n')
        if failing := FAILING.get(service):
            file.write(f"[[operations]]\ninclude-operation-id = {json.dumps(failing)}\n")
            file.write('checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "500"]\n')
    command = [
        os.path.join(options.work, "venv/bin/schemathesis"),
        "--config-file", config,
        "run", os.path.join(options.work, "documents", f"{service}.open.json"),
        "--url", base_url,
        "--checks", ",".join(CHECKS),
        "--phases", "examples,coverage,fuzzing",
        "--max-examples", str(options.examples),
        "--seed", str(seed),
        "--request-timeout", "10",
        "--continue-on-failure",
        "--generation-database", "none",
        "--suppress-health-check", "all",
        "--output-truncate", "false",
        *filters,
    ]  # fmt: skip
    for header, value in headers.items():
        command += ["--header", f"{header}: {value}"]
    result = subprocess.run(command, cwd=options.work, capture_output=True, text=True)
    text = result.stdout + result.stderr
    cases = sum(int(number) for number in re.findall(r"(\d+) (?:test cases )?generated", text))
    if result.returncode != 0:
        print(text, flush=True)
    note(result.returncode == 0, f"{service} as {name}, {'known' if known else 'any'} ids, seed {seed}: {cases} requests")


complaints = open(os.path.join(options.work, "stderr.txt"), "w+")
program = subprocess.Popen(
    [options.sandbox, "--json", "--until-eof"],
    stdin=subprocess.PIPE,
    stdout=subprocess.PIPE,
    stderr=complaints,
    text=True,
)
access = json.loads(program.stdout.readline())
for service in options.service or SERVICES:
    path = os.path.join(options.work, "documents", service)
    with open(f"{path}.json") as given, open(f"{path}.open.json", "w") as file:
        json.dump(opened(json.load(given)), file)
passed = failed = 0


def note(well, what):
    global passed, failed
    passed, failed = passed + well, failed + (not well)
    print(f"{'ok    ' if well else 'FAILED'}  {what}", flush=True)


def afresh():
    """As the sandbox began: a run may have deleted its own key, changed its own password, or removed everyone."""
    fetch(f"{access['authress']['base_url']}/_sandbox/reset", b"")


seed = options.seed
end = time.monotonic() + 60 * (options.minutes or 0)
while True:
    for service in options.service or SERVICES:
        afresh()
        for role in range(len(runs(access)[service])):
            for known in [True, False]:
                afresh()
                schemathesis(access, service, *runs(access)[service][role], seed, known)
    afresh()
    sent, hung = mutated.run(access, options.seconds, seed)
    note(not hung, f"{sent} requests broken byte by byte, seed {seed}: {len(hung)} without an end {hung[:1]}")
    seed += 1
    if time.monotonic() >= end:
        break

# It still responds, ends as it should, and nothing in it has panicked.
fetch(f"{access['authress']['base_url']}/_sandbox/clock")
program.stdin.close()
status = program.wait(timeout=10)
complaints.seek(0)
complaint = complaints.read()
note(status == 0 and not complaint, f"the program ended with status {status} {complaint[:2000]}")
print(f"{passed} passed, {failed} failed")
sys.exit(bool(failed))
