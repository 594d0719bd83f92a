"""Asks the server at argv[1] with boto3, and prints what is wrong.

Standard input is JSON: "asks" are lists of "service", each with its operation, arguments
and count of items, that boto3's paginators ask for in pages of several sizes; "all" are
the operations of which no paginator may be left out; "users" is how many a credential
report must have; "account", if not empty, is where the waiters wait.
"""

import csv
import datetime
import json
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import WaiterError

PATIENCE = 120  # seconds

failures = []

TRUST = json.dumps({
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
})
POLICY = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})


wanted = json.load(sys.stdin)


def client():
    return boto3.client(wanted["service"], region_name="us-east-1", endpoint_url=sys.argv[1], config=Config(retries={"total_max_attempts": 1}))


# api is the client that nearly all use: each takes a while to make.
api = client()


def fail(text):
    print(text)
    failures.append(text)


def snake(operation):
    """The name of a method: ListMFADevices is list_mfa_devices."""
    return next(m for m, o in api.meta.method_to_api_mapping.items() if o == operation)


def items(paginator, arguments, size):
    """All that the pages hold, with its kind, as text."""
    pages = 0
    for page in paginator.paginate(**arguments, PaginationConfig={"PageSize": size} if size else {}):
        pages += 1
        for key in paginator.result_keys:
            for item in key.search(page) or []:
                yield pages, key.expression + json.dumps(item, default=str, sort_keys=True)


def list_all(operation, arguments, count):
    paginator = api.get_paginator(snake(operation))
    sizes = [1000] if count > 1000 else [None, 7]
    for size in sizes:
        found = list(items(paginator, arguments, size))
        distinct = {text for _, text in found}
        if len(found) != count or len(distinct) != count:
            fail(f"{operation} in pages of {size}: {len(found)} items, {len(distinct)} of them distinct, want {count}")
        if size and count > size and found[-1][0] < count // size:
            fail(f"{operation} in pages of {size}: {count} items came in {found[-1][0]} pages")


def report(users):
    """The users of a credential report, once it is complete: root, and all there are."""
    late = time.monotonic() + PATIENCE
    while api.generate_credential_report()["State"] != "COMPLETE":
        if time.monotonic() > late:
            fail("the credential report is not complete")
            return
        time.sleep(0.05)  # there is no waiter for it
    got = api.get_credential_report()
    rows = list(csv.DictReader(got["Content"].decode().splitlines()))
    names = {row["user"] for row in rows}
    if len(rows) != users + 1 or len(names) != users + 1 or "<root_account>" not in names:
        fail(f"the credential report has {len(rows)} rows with {len(names)} names, want {users + 1}")
    if got["ReportFormat"] != "text/csv" or not isinstance(got["GeneratedTime"], datetime.datetime):
        fail(f"the credential report is {got}")


def wait(waiter, operation, arguments, make):
    """A waiter gives up on what never comes, and sees what comes while it waits."""
    try:
        api.get_waiter(waiter).wait(**arguments, WaiterConfig={"Delay": 0, "MaxAttempts": 2})
        fail(f"{waiter} saw what is not there")
    except WaiterError as e:
        if "Max attempts exceeded" not in str(e):
            fail(f"{waiter}: {e}")
    asked = []
    watched = client()

    def before(**_):
        asked.append(1)
        if len(asked) == 3:
            make(api)

    watched.meta.events.register("before-call.iam." + operation, before)
    watched.get_waiter(waiter).wait(**arguments, WaiterConfig={"Delay": 0, "MaxAttempts": 10})
    if len(asked) != 3:
        fail(f"{waiter} asked {len(asked)} times, want 3")


def wait_all(account):
    arn = f"arn:aws:iam::{account}:policy/awaited"
    wait("user_exists", "GetUser", {"UserName": "awaited"}, lambda c: c.create_user(UserName="awaited"))
    wait("role_exists", "GetRole", {"RoleName": "awaited"}, lambda c: c.create_role(RoleName="awaited", AssumeRolePolicyDocument=TRUST))
    wait("policy_exists", "GetPolicy", {"PolicyArn": arn}, lambda c: c.create_policy(PolicyName="awaited", PolicyDocument=POLICY))
    wait("instance_profile_exists", "GetInstanceProfile", {"InstanceProfileName": "awaited"},
         lambda c: c.create_instance_profile(InstanceProfileName="awaited"))


def main():
    for ask in wanted["asks"]:
        if api.can_paginate(snake(ask["operation"])):
            list_all(ask["operation"], ask["arguments"], ask["count"])
        else:
            print(f"NOT TESTED: boto3 {boto3.__version__} has no paginator for {ask['operation']}", file=sys.stderr)
    asked = {ask["operation"] for ask in wanted["asks"]}
    for operation in wanted["all"] or []:
        if operation not in asked and api.can_paginate(snake(operation)):
            fail(f"nothing asks {operation}, for which boto3 has a paginator")
    if wanted["service"] == "iam":
        report(wanted["users"])
    if wanted["account"]:
        wait_all(wanted["account"])
    sys.exit(len(failures) > 0)


main()
