"""Uses the example store, and an API that is no store, with boto3.

It prints a line for each call: what it is, and what came of it.
"""

import os
import urllib.error
import urllib.request

import boto3
import botocore.awsrequest
import botocore.auth
import botocore.config
import botocore.exceptions

STORE, API = os.environ["STORE"], os.environ["API"]
session = boto3.session.Session(region_name="us-east-1")
s3 = session.client("s3", endpoint_url=STORE, config=botocore.config.Config(
    signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}))


def tell(name, call):
    try:
        outcome = call()
    except botocore.exceptions.ClientError as e:
        outcome = e.response["Error"]["Code"]
    except urllib.error.HTTPError as e:
        outcome = e.code
    print(name, outcome)


def put():
    s3.put_object(Bucket="photos", Key="a b.jpg", Body=b"from boto3")
    return "ok"


def presigned(operation, **more):
    url = s3.generate_presigned_url(operation, Params={"Bucket": "photos", "Key": "a b.jpg"})
    return urllib.request.urlopen(urllib.request.Request(url, **more)).read().decode() or "ok"


def api(sign, method, data=None):
    request = botocore.awsrequest.AWSRequest(method, API + "/pets?kind=cat", data=data)
    sign(session.get_credentials(), "pets", "us-east-1").add_auth(request)
    r = request.prepare()
    return urllib.request.urlopen(urllib.request.Request(r.url, r.body, dict(r.headers), method=method)).read().decode()


tell("put", put)
tell("get", lambda: s3.get_object(Bucket="photos", Key="a b.jpg")["Body"].read().decode())
tell("presigned put", lambda: presigned("put_object", method="PUT", data=b"presigned"))
tell("presigned get", lambda: presigned("get_object"))
tell("api", lambda: api(botocore.auth.SigV4Auth, "POST", b"name=Tom"))
tell("presigned api", lambda: api(botocore.auth.SigV4QueryAuth, "GET"))
