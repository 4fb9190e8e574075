"""Drives the sandbox's page in headless Chromium through chromedriver's WebDriver interface.

Arguments: the sandbox program and, optionally, `--screenshot FILE`.
"""

import argparse
import base64
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
PATIENCE = 20
# A name whose owner has pointed it at this machine (DNS rebinding).
REBOUND = "rebound.example"

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("sandbox")
arguments.add_argument("--screenshot")
options = arguments.parse_args()


def http(method, url, body=None, headers=None):
    """Returns status and JSON of a response, successful or not."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            text = response.read()
            return response.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        text = error.read()
        return error.code, json.loads(text) if text else None


def eventually(what, check):
    """Asks until it holds: the page looks again every 600 ms."""
    end = time.monotonic() + PATIENCE
    while True:
        seen = check()
        if seen or time.monotonic() > end:
            assert seen, f"{what}: {seen!r}"
            return seen
        time.sleep(0.05)


class Browser:
    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.profile = tempfile.mkdtemp(prefix="sandbox-page-")
        self.driver = subprocess.Popen(
            ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.base = f"http://127.0.0.1:{port}"
        eventually("chromedriver starts", self.ready)
        chromium = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1440,1180",
            "--force-device-scale-factor=1", f"--user-data-dir={self.profile}",
            f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1",
        ]  # fmt: skip
        capabilities = {
            "goog:chromeOptions": {"binary": shutil.which("chromium"), "args": chromium},
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        status, response = http("POST", f"{self.base}/session", {"capabilities": {"alwaysMatch": capabilities}})
        assert status == 200, response
        self.base += f"/session/{response['value']['sessionId']}"

    def ready(self):
        try:
            return http("GET", f"{self.base}/status")[1]["value"]["ready"]
        except OSError:
            return False

    def command(self, method, path, body=None):
        status, response = http(method, f"{self.base}/{path}".rstrip("/"), body)
        assert status == 200, response
        return response["value"]

    def open(self, url):
        self.command("POST", "url", {"url": url})
        eventually("the page has everything", lambda: self.run("return document.documentElement.dataset.ready"))

    def run(self, script, *arguments):
        return self.command("POST", "execute/sync", {"script": script, "args": list(arguments)})

    def find(self, selector):
        return self.command("POST", "element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.command("POST", f"element/{self.find(selector)}/click", {})

    def type(self, selector, text):
        element = self.find(selector)
        self.command("POST", f"element/{element}/clear", {})
        self.command("POST", f"element/{element}/value", {"text": text})

    def choose(self, selector, value):
        self.click(f'{selector} option[value="{value}"]')

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.textContent ?? ''", selector)

    def texts(self, selector):
        return self.run("return [...document.querySelectorAll(arguments[0])].map((own) => own.textContent)", selector)

    def close(self):
        try:
            self.command("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait(timeout=10)
            shutil.rmtree(self.profile, ignore_errors=True)


def authress(access, path, method="GET", body=None):
    own = access["authress"]
    return http(method, own["base_url"] + path, body, {"Authorization": f"Bearer {own['access_key']}"})


def enhance(access, path, method="GET", body=None):
    own = access["enhance"]
    return http(method, own["base_url"] + path, body, {"Authorization": f"Bearer {own['access_token']}"})


def page_shows_the_services_and_their_credentials(browser, access):
    assert browser.texts("#services h2") and len(browser.texts("#services article")) == 4
    shown = browser.texts("#services code")
    for service in ["docspace", "authress", "ostrom", "enhance"]:
        assert access[service]["base_url"] in shown, (service, shown)
    assert access["authress"]["access_key"] in shown and access["docspace"]["password"] in shown
    assert browser.text("#live") == "live"


def page_shows_requests_as_they_arrive(browser, access):
    assert authress(access, "/v1/users?limit=3")[0] == 200
    assert authress(access, "/v1/users/nobody")[0] == 404
    eventually("two rows", lambda: len(browser.texts("#requests tr.call")) == 2)
    newest = browser.text("#requests tr.call")
    assert "getUser" in newest and "404" in newest, newest
    browser.click("#requests tr.call")
    details = browser.text("#requests tr.more pre")
    assert "/v1/users/nobody" in details
    assert "[redacted]" in details and access["authress"]["access_key"] not in details, details
    browser.click("#requests tr.call")
    browser.choose("#requests-service", "ostrom")
    assert browser.texts("#requests tr.call") == []
    browser.choose("#requests-service", "")
    assert len(browser.texts("#requests tr.call")) == 2


def page_injects_a_fault(browser, access):
    browser.choose("#fault [name=service]", "authress")
    browser.choose("#fault [name=operation]", "getUsers")
    browser.choose("#fault [name=kind]", "status:503")
    browser.type("#fault [name=times]", "1")
    browser.type("#fault [name=retry_after]", "7")
    browser.click("#fault [type=submit]")
    eventually("the fault is listed", lambda: "1 left" in browser.text("#faults li"))
    assert authress(access, "/v1/users")[0] == 503
    assert authress(access, "/v1/users")[0] == 200
    eventually("the fault is over", lambda: browser.texts("#faults li") == [])
    eventually("the request is marked", lambda: browser.texts("#requests .bolt") == ["fault"])
    browser.choose("#fault [name=kind]", "stall")
    browser.click("#fault [type=submit]")
    eventually("another one is listed", lambda: "no response" in browser.text("#faults li"))
    browser.click("#faults-clear")
    eventually("no fault is left", lambda: browser.texts("#faults li") == [])


def page_advances_the_clock(browser, access):
    before = http("GET", access["authress"]["base_url"] + "/_sandbox/clock")[1]
    browser.click('[data-advance="86400"]')
    eventually("the page says so", lambda: browser.text("#ahead") == "1 d 00:00:00 ahead")
    after = http("GET", access["authress"]["base_url"] + "/_sandbox/clock")[1]
    assert after["ahead_seconds"] - before["ahead_seconds"] == 86_400
    assert browser.text("#now")[:10] == after["now"][:10]


def page_shows_users_invites_and_mails(browser, access):
    user = authress(access, "/v1/users?limit=1")[1]["users"][0]
    browser.type("#find", user["userId"])
    eventually("the user is found", lambda: len(browser.texts("#list .entry")) == 1)
    assert user["email"] in browser.text("#list .entry")
    assert authress(access, f"/v1/users/{user['userId'].replace('|', '%7C')}", "DELETE")[0] == 202
    browser.click('[data-advance="60"]')
    eventually("the user is gone", lambda: browser.text("#list") == "Nothing fits.")

    invite = {"email": "ann@example.org", "name": "Ann Invited", "roles": ["Support"]}
    assert enhance(access, f"/orgs/{access['enhance']['org_id']}/invites", "POST", invite)[0] in (200, 201)
    browser.type("#find", "ann@example.org")
    browser.click('[data-tab="invites"]')
    eventually("the invite is listed", lambda: len(browser.texts("#list .entry")) == 1)
    browser.click('[data-tab="outbox"]')
    eventually("its mail is in the outbox", lambda: "to ann@example.org" in browser.text("#list .entry"))


def page_shows_what_clients_send_as_text_only(browser, access):
    marked = "%3Cimg%20src=x%20onerror=document.title='hit'%3E"
    authress(access, f"/v1/users/{marked}")
    enhance(
        access,
        f"/orgs/{access['enhance']['org_id']}/invites",
        "POST",
        {"email": "eve@example.org", "name": "<img src=x onerror=\"document.title='hit'\">", "roles": ["Support"]},
    )
    browser.type("#find", "eve@example.org")
    eventually("the mail is shown", lambda: len(browser.texts("#list .entry")) == 1)
    assert browser.texts("img") == [] and browser.run("return document.title") == "idweave sandbox"


class OtherSite(BaseHTTPRequestHandler):
    """An empty page of another origin."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, *_):
        pass


# Everything that a page can send without asking: `no-cors` with `text/plain`, and a form.
ATTACK = """
    const [base, done] = arguments;
    const post = (path, body) =>
      fetch(`${base}/_sandbox/${path}`, { method: "POST", mode: "no-cors", body: JSON.stringify(body) });
    const form = () => {
      const frame = document.createElement("iframe");
      frame.name = "target";
      const form = document.createElement("form");
      Object.assign(form, { action: `${base}/_sandbox/reset`, method: "post", target: "target", enctype: "text/plain" });
      document.body.append(frame, form);
      form.submit();
      return new Promise((loaded) => frame.addEventListener("load", loaded));
    };
    const read = (path) => fetch(`${base}/_sandbox/${path}`).then((response) => response.text(), () => "refused");
    (async () => {
      await post("faults", { service: "authress", status: 503 });
      await post("clock", { advance_seconds: 3600 });
      await post("reset", {});
      await form();
      done(await read("access"));
    })();
"""


def page_of_another_origin_cannot_use_the_control_api(browser, access):
    base = access["authress"]["base_url"]

    def state():
        return http("GET", f"{base}/_sandbox/state")[1]

    assert authress(access, "/v1/users?limit=1")[0] == 200
    before = state()
    assert before["requests"] > 0 and before["faults"] == []
    site = ThreadingHTTPServer(("127.0.0.1", 0), OtherSite)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    try:
        # The same site on another port, and another site.
        for host in ["127.0.0.1", "localhost", REBOUND]:
            browser.command("POST", "url", {"url": f"http://{host}:{site.server_port}/"})
            seen = browser.command("POST", "execute/async", {"script": ATTACK, "args": [base]})
            assert seen == "refused", seen
            now = state()
            assert (now["requests"], now["faults"]) == (before["requests"], []), (host, now)
            assert now["ahead_seconds"] - before["ahead_seconds"] < 1800, (host, now)
    finally:
        site.shutdown()


def page_under_a_rebound_name_reaches_nothing(browser, access):
    urls = [access[name]["base_url"] for name in ["docspace", "authress", "ostrom", "enhance"]]
    for url in [*urls, access["ostrom"]["auth_url"], access["page"]]:
        port = urllib.parse.urlsplit(url).port
        browser.command("POST", "url", {"url": f"http://{REBOUND}:{port}/_sandbox/access"})
        text = browser.text("body")
        assert "--allow-host" in text and "base_url" not in text, (url, text)
    browser.open(access["page"])


def page_resets_the_sandbox(browser, access):
    browser.click("#reset")
    eventually("no rows", lambda: browser.texts("#requests tr.call") == [])
    eventually("real time", lambda: browser.text("#ahead") == "")


def page_loads_nothing_from_elsewhere_and_logs_no_error(browser, access):
    origin = browser.run("return location.origin")
    loaded = browser.run("return performance.getEntriesByType('resource').map((own) => own.name)")
    assert all(url.startswith((origin + "/", "data:")) for url in loaded), loaded
    logged = [line for line in browser.command("POST", "se/log", {"type": "browser"}) if line["level"] == "SEVERE"]
    assert logged == [], logged


def picture(browser, access):
    """The page with something on it."""
    http("POST", access["authress"]["base_url"] + "/_sandbox/reset", {})
    browser.run("document.getElementById('find').value = ''; document.getElementById('find').dispatchEvent(new Event('input'))")
    browser.click('[data-tab="users"]')
    own = access["authress"]
    user = own["user_id"].replace("|", "%7C")
    portal = {"Authorization": f"Bearer {access['docspace']['api_key']}"}
    authress(access, "/v1/users?limit=10")
    http("GET", access["docspace"]["base_url"] + "/api/2.0/people/@self", None, portal)
    http("GET", access["docspace"]["base_url"] + "/api/2.0/portal/userscount", None, portal)
    authress(access, f"/v1/users/{user}")
    authress(access, f"/v1/tenants/{own['tenant_id']}/users", "PATCH", {"userId": own["user_id"]})
    enhance(access, f"/orgs/{access['enhance']['org_id']}/members")
    invite = {"email": "bob@acme.io", "name": "Bob", "roles": ["Support"]}
    enhance(access, f"/orgs/{access['enhance']['org_id']}/invites", "POST", invite)
    http("GET", access["ostrom"]["base_url"] + "/me")
    http("POST", own["base_url"] + "/_sandbox/faults", {"service": "authress", "operation": "getUsers", "status": 503, "retry_after": 2, "times": 3})
    http("POST", own["base_url"] + "/_sandbox/faults", {"service": "docspace", "rate": 0.1, "delay_ms": 200})
    authress(access, "/v1/users?filter=ann")
    authress(access, "/v1/users?filter=ann")
    http("DELETE", access["docspace"]["base_url"] + "/api/2.0/people/thirdparty/unlinkaccount?provider=google", None, portal)
    authress(access, f"/v1/users/{user}", "DELETE")
    http("POST", own["base_url"] + "/_sandbox/clock", {"advance_seconds": 3600})
    eventually("all is shown", lambda: "authress" in browser.text("#requests") and "ahead" in browser.text("#ahead"))
    eventually("the last request is shown", lambda: "deleteUser" in browser.text("#requests tr.call"))
    browser.run("window.scrollTo(0, 0); document.activeElement.blur()")
    with open(options.screenshot, "wb") as file:
        file.write(base64.b64decode(browser.command("GET", "screenshot")))


TESTS = [
    page_shows_the_services_and_their_credentials,
    page_shows_requests_as_they_arrive,
    page_injects_a_fault,
    page_advances_the_clock,
    page_shows_users_invites_and_mails,
    page_shows_what_clients_send_as_text_only,
    page_resets_the_sandbox,
    page_loads_nothing_from_elsewhere_and_logs_no_error,
    page_of_another_origin_cannot_use_the_control_api,
    page_under_a_rebound_name_reaches_nothing,
]

program = subprocess.Popen(
    [options.sandbox, "--json", "--until-eof", "--page"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
)
access = json.loads(program.stdout.readline())
failed = 0
browser = Browser()
try:
    browser.open(access["page"])
    for test in TESTS:
        try:
            test(browser, access)
            print(f"ok      {test.__name__}", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED  {test.__name__}", flush=True)
            traceback.print_exc()
    if options.screenshot:
        picture(browser, access)
finally:
    browser.close()
    program.stdin.close()
    program.wait(timeout=10)
print(f"{len(TESTS) - failed} passed, {failed} failed")
sys.exit(bool(failed))
