"""Objects by boto3: transfers in parts, presigned URLs fetched by plain HTTP, and buckets in the path and in the host."""
import http.client
import os
import socket
import sys
import tempfile
import urllib.parse

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint = urllib.parse.urlsplit(sys.argv[1])
resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: resolve("127.0.0.1" if host.endswith(".localhost") else host, *rest, **more)


def client(style, host="127.0.0.1"):
    return boto3.client("s3", region_name="us-east-1", endpoint_url=f"http://{host}:{endpoint.port}",
                        config=Config(s3={"addressing_style": style}, signature_version="s3v4", retries={"max_attempts": 1}))


def fetch(method, url, body=None, headers={}):
    u = urllib.parse.urlsplit(url)
    c = http.client.HTTPConnection("127.0.0.1", u.port)
    c.request(method, f"{u.path}?{u.query}", body, {"Host": u.netloc, **headers})
    r = c.getresponse()
    return r.status, r.read()


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e
    else:
        raise AssertionError(f"{code} was expected")


for style, host in (("path", "127.0.0.1"), ("path", "localhost"), ("virtual", "localhost")):
    s3, bucket = client(style, host), f"boto-{style}-{host.replace('.', '-')}"
    s3.create_bucket(Bucket=bucket)
    assert bucket in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    with tempfile.TemporaryDirectory() as d:
        big = os.urandom(9 << 20)  # more than boto3 sends at once
        open(f"{d}/up", "wb").write(big)
        s3.upload_file(f"{d}/up", bucket, "a/b ü.bin", ExtraArgs={"Metadata": {"who": "me"}, "ContentType": "a/b"})
        head = s3.head_object(Bucket=bucket, Key="a/b ü.bin")
        assert head["ETag"].endswith('-2"') and head["Metadata"] == {"who": "me"} and head["ContentType"] == "a/b", head
        s3.download_file(bucket, "a/b ü.bin", f"{d}/down")
        assert open(f"{d}/down", "rb").read() == big
    put = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "put"})
    get = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "put", "ResponseContentType": "text/x"})
    assert (style == "virtual") == (f"//{bucket}." in put), put
    assert fetch("PUT", put, b"by hand") == (200, b"")
    assert fetch("GET", get) == (200, b"by hand")
    for wrong in (get.replace("/put?", "/pud?"), get[:-1] + ("0" if get[-1] != "0" else "1")):
        status, body = fetch("GET", wrong)
        assert status == 403 and b"<Code>SignatureDoesNotMatch</Code>" in body, body
    status, body = fetch("PUT", get, b"x")
    assert status == 403 and b"<Code>SignatureDoesNotMatch</Code>" in body, body
    status, body = fetch("GET", f"http://{host}:{endpoint.port}/{bucket}/put")
    assert status == 403 and b"<Code>AccessDenied</Code>" in body, body
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="none")
    refused("404", s3.head_object, Bucket=bucket, Key="none")
    refused("304", s3.get_object, Bucket=bucket, Key="put", IfNoneMatch=s3.head_object(Bucket=bucket, Key="put")["ETag"])
    refused("PreconditionFailed", s3.put_object, Bucket=bucket, Key="put", Body=b"x", IfNoneMatch="*")
    refused("BucketNotEmpty", s3.delete_bucket, Bucket=bucket)
    assert s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "a/b ü.bin"})["CopyObjectResult"]["ETag"]
    boto3.resource("s3", endpoint_url=sys.argv[1], region_name="us-east-1").Bucket(bucket).objects.all().delete()
    s3.delete_bucket(Bucket=bucket)
refused("NoSuchBucket", client("path").list_objects_v2, Bucket="none")
