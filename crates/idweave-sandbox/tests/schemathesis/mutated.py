"""Requests that are broken byte by byte, which no HTTP library would send.

Each goes to its service on a connection of its own, which is then closed for writing; the service
must respond or hang up, and soon.
"""

import json
import random
import socket
import time
import urllib.parse

PATIENCE = 10


def originals(access):
    """Sound requests: host, port and bytes."""
    docspace, authress, enhance = access["docspace"], access["authress"], access["enhance"]
    sound = [
        (docspace["base_url"], "GET", "/api/2.0/people/@self", docspace["api_key"], None),
        (docspace["base_url"], "POST", "/api/2.0/people", docspace["api_key"], {"email": "a@b.io", "type": "User"}),
        (docspace["base_url"], "PUT", "/api/2.0/people/thirdparty/linkaccount", docspace["api_key"], {"serializedProfile": "x"}),
        (authress["base_url"], "GET", "/v1/users?limit=3&filter=a", authress["access_key"], None),
        (authress["base_url"], "PATCH", "/v1/tenants/acme/users", authress["access_key"], {"userId": authress["user_id"]}),
        (authress["base_url"], "POST", "/v1/records", authress["access_key"], {"name": "r", "statements": [{"roles": ["a"], "resources": [{"resourceUri": "b/*"}]}]}),
        (access["ostrom"]["auth_url"], "POST", "/oauth2/token", "x", {"grant_type": "client_credentials"}),
        (access["ostrom"]["base_url"], "GET", "/me", "x", None),
        (enhance["base_url"], "POST", f"/orgs/{enhance['org_id']}/invites", enhance["access_token"], {"email": "a@b.io", "name": "A", "roles": ["Support"]}),
        (enhance["base_url"], "GET", f"/orgs/{enhance['org_id']}/members", enhance["access_token"], None),
        (authress["base_url"], "POST", "/_sandbox/faults", "x", {"service": "nobody", "status": 503}),
    ]  # fmt: skip
    for base_url, method, path, token, body in sound:
        url = urllib.parse.urlsplit(base_url)
        text = "" if body is None else json.dumps(body)
        head = f"{method} {url.path}{path} HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: Bearer {token}\r\n"
        if body is not None:
            head += f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n"
        yield url.hostname, url.port, (head + "\r\n" + text).encode()


def mutate(data, chance):
    """One to eight changes, each somewhere."""
    data = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data) + 1)
        length = chance.choice([1, 1, 1, 2, 4, 16, 64])
        kind = chance.randrange(6)
        if kind == 0 and data:
            data[at - 1] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del data[at : at + length]
        elif kind == 2:
            data[at:at] = chance.randbytes(length)
        elif kind == 3:
            data[at:at] = data[at : at + length] * chance.choice([1, 3, 1000])
        elif kind == 4:
            data[at:at] = chance.choice([b"\r\n", b"\0", b"%00", b"%2e%2e/", b"../", b"{", b"[" * 5000, b'"', b"9" * 400, b"-1", b"null", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 99999999999999999999\r\n", b"Expect: 100-continue\r\n", b"\xff\xfe"])  # fmt: skip
        else:
            del data[at:]
    return bytes(data)


def run(access, seconds, seed):
    """How many were sent, and which of them were left without an end."""
    chance, sound = random.Random(seed), list(originals(access))
    sent, hung, end = 0, [], time.monotonic() + seconds
    while time.monotonic() < end:
        host, port, data = chance.choice(sound)
        data = mutate(data, chance)
        sent += 1
        try:
            with socket.create_connection((host, port), timeout=PATIENCE) as connection:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65_536):
                    pass
        except TimeoutError:
            hung.append(data)
        except OSError:
            # Reset while we were still writing: an end, too.
            pass
    return sent, hung
