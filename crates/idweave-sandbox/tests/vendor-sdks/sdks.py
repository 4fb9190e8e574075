"""Runs the vendors' SDKs against the sandbox program and checks what they return.

Arguments: the sandbox program and, optionally, the program built around the vendor's Rust SDK.
"""

import json
import subprocess
import sys
import traceback
import urllib.request
import warnings
from contextlib import contextmanager

# The vendor's models shadow names of their base class, at each start.
warnings.filterwarnings("ignore", message="Field name .* shadows an attribute")

import authress
import docspace_api_sdk as docspace
from authress.models.tenant import Tenant
from authress.models.tenant_user import TenantUser
from docspace_api_sdk.api.people.profiles_api import ProfilesApi
from docspace_api_sdk.api.people.third_party_accounts_api import ThirdPartyAccountsApi
from docspace_api_sdk.api.portal.users_api import UsersApi

USERS = 25
SANDBOX, *RUST_SDK = sys.argv[1:]


@contextmanager
def sandbox(*options):
    """A sandbox of its own, and what opens it."""
    program = subprocess.Popen(
        [SANDBOX, "--json", "--until-eof", "--users", str(USERS), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield json.loads(program.stdout.readline())
    finally:
        program.stdin.close()
        assert program.wait(timeout=10) == 0, "the sandbox ended badly"


def control(access, path, body=None):
    """Calls the control API of the sandbox, to look behind the services."""
    request = urllib.request.Request(
        f"{access['authress']['base_url']}/_sandbox/{path}",
        data=None if body is None else json.dumps(body).encode(),
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        text = response.read()
        return json.loads(text) if text else None


def authress_client(access):
    return authress.AuthressClient(
        authress_api_url=access["authress"]["base_url"],
        service_client_access_key=access["authress"]["access_key"],
    )


def all_users(client):
    users, cursor = [], None
    while True:
        page = client.users.get_users(limit=10, cursor=cursor)
        users += page.users
        cursor = page.pagination.next.cursor if page.pagination and page.pagination.next else None
        if cursor is None:
            return users


def refused(status, call, *arguments):
    try:
        call(*arguments)
    except Exception as error:  # the SDKs' own classes differ; the status is what counts
        assert getattr(error, "status", None) == status, f"{status} expected, got {error!r}"
    else:
        raise AssertionError(f"{status} expected, but the call succeeded")


def authress_python_lists_gets_and_deletes_users():
    with sandbox("--strict") as access:
        client = authress_client(access)
        users = all_users(client)
        assert len(users) == USERS, len(users)
        assert len({user.user_id for user in users}) == USERS

        user = client.users.get_user(users[-1].user_id)
        assert (user.user_id, user.email) == (users[-1].user_id, users[-1].email)
        found = client.users.get_users(filter=user.email).users
        assert [other.user_id for other in found] == [user.user_id]

        client.users.delete_user(user.user_id)
        control(access, "clock", {"advance_seconds": 60})
        refused(404, client.users.get_user, user.user_id)
        assert len(all_users(client)) == USERS - 1
        refused(404, client.users.delete_user, "nobody")

        effects = control(access, "effects")
        assert effects["authress.deleteUser"] == 1, effects
        credentials = {request["credential"] for request in control(access, "requests")}
        assert credentials == {"access key JWT"}, credentials


def authress_python_puts_a_user_into_a_tenant():
    with sandbox("--strict") as access:
        client = authress_client(access)
        tenants = client.tenants.get_tenants().tenants
        assert access["authress"]["tenant_id"] in [tenant.tenant_id for tenant in tenants]
        created = client.tenants.create_tenant(
            Tenant(tenantId="tenant-of-the-sdk", tenantLookupIdentifier="sdk", data={"name": "SDK"})
        )
        assert created.tenant_id == "tenant-of-the-sdk"
        user_id = access["authress"]["user_id"]
        client.tenants.link_tenant_user(created.tenant_id, TenantUser(userId=user_id))
        members = client.users.get_users(tenant_id=created.tenant_id).users
        assert [user.user_id for user in members] == [user_id]


def authress_python_with_a_wrong_key_is_refused():
    with sandbox() as one, sandbox("--seed", "2") as other:
        mixed = {"authress": {**one["authress"], "access_key": other["authress"]["access_key"]}}
        refused(401, authress_client(mixed).users.get_users)


def docspace_client(access, **changes):
    settings = {"host": access["docspace"]["base_url"], "access_token": access["docspace"]["api_key"]}
    return docspace.ApiClient(docspace.Configuration(**{**settings, **changes}))


def docspace_python_reads_providers_and_counts_users():
    with sandbox() as access:
        client = docspace_client(access)
        providers = ThirdPartyAccountsApi(client).get_third_party_auth_providers().response
        names = [provider.provider for provider in providers]
        assert "google" in names and len(names) == len(set(names)), names
        assert all(provider.url for provider in providers)

        count = UsersApi(client).get_portal_users_count().response
        everyone = ProfilesApi(client).get_all_profiles().response
        assert count == len(everyone) > 0, (count, len(everyone))


def docspace_python_gets_and_deletes_users():
    with sandbox() as access:
        client = docspace_client(access)
        users, profiles = UsersApi(client), ProfilesApi(client)
        owner = users.get_user_by_id(access["docspace"]["user_id"]).response
        assert owner.email == access["docspace"]["email"]
        myself = profiles.get_self_profile().response
        assert (myself.id, myself.is_owner) == (owner.id, True)

        before = users.get_portal_users_count().response
        victim = access["docspace"]["disabled"]["user_id"]
        deleted = profiles.delete_member(victim).response
        assert str(deleted.id) == victim, deleted
        left = {str(user.id) for user in profiles.get_all_profiles(filter_value=deleted.email).response}
        assert victim not in left
        refused(404, profiles.get_profile_by_user_id, victim)
        assert users.get_portal_users_count().response <= before


def docspace_python_is_refused_what_it_may_not():
    with sandbox() as access:
        nobody = UsersApi(docspace_client(access, access_token=None))
        refused(401, nobody.get_portal_users_count)
        # The service does not tell someone unknown from someone one may not see.
        unknown = "00000000-0000-4000-8000-000000000000"
        refused(403, UsersApi(docspace_client(access)).get_user_by_id, unknown)


def authress_rust_lists_gets_and_deletes_users():
    with sandbox() as access:
        own = access["authress"]
        said = subprocess.run(
            [*RUST_SDK, own["base_url"], own["access_key"]],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout
        lines = dict(line.split(" ", 1) for line in said.splitlines())
        assert lines["listed"] == str(USERS), lines
        assert lines["got"] == lines["deleted"], lines
        assert int(lines["tenants"]) > 0, lines
        control(access, "clock", {"advance_seconds": 60})
        left = [user.user_id for user in all_users(authress_client(access))]
        assert len(left) == USERS - 1 and lines["deleted"] not in left
        # It sends the access key itself as its bearer token, which is tolerated and marked.
        credentials = {request["credential"] for request in control(access, "requests")}
        assert credentials == {"raw access key", "access key JWT"}, credentials


TESTS = [
    authress_python_lists_gets_and_deletes_users,
    authress_python_puts_a_user_into_a_tenant,
    authress_python_with_a_wrong_key_is_refused,
    docspace_python_reads_providers_and_counts_users,
    docspace_python_gets_and_deletes_users,
    docspace_python_is_refused_what_it_may_not,
]
if RUST_SDK:
    TESTS.append(authress_rust_lists_gets_and_deletes_users)

failed = 0
for test in TESTS:
    try:
        test()
        print(f"ok      {test.__name__}", flush=True)
    except Exception:
        failed += 1
        print(f"FAILED  {test.__name__}", flush=True)
        traceback.print_exc()
print(f"{len(TESTS) - failed} passed, {failed} failed")
sys.exit(bool(failed))
