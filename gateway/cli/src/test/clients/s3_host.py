"""boto3 as it is, by what it finds in its environment: put, get, head, list, a large object in parts, and what is not granted.

usage: s3_host.py BUCKET PREFIX OUTSIDE
"""

import io
import sys

import boto3
from botocore.exceptions import ClientError

bucket, prefix, outside = sys.argv[1:]
s3 = boto3.client("s3")
s3.put_object(Bucket=bucket, Key=f"{prefix}/boto3.txt", Body=b"by boto3", ContentType="text/plain")
assert s3.get_object(Bucket=bucket, Key=f"{prefix}/boto3.txt")["Body"].read() == b"by boto3"
assert s3.head_object(Bucket=bucket, Key=f"{prefix}/boto3.txt")["ContentLength"] == 8
s3.upload_fileobj(io.BytesIO(b"x" * (9 << 20)), bucket, f"{prefix}/large")
assert [page["KeyCount"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/boto3")] == [1]
try:
    s3.put_object(Bucket=bucket, Key=f"{outside}/x", Body=b"x")
except ClientError as refused:
    print(refused)
