"""boto3 as it is, in unsigned mode: put, get, copy, multipart, list, delete many; and what its task does not grant."""

import sys

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from errand_auth import Holder, refused

holder = Holder(sys.argv[2])
s3 = boto3.client(
    "s3",
    endpoint_url=sys.argv[1],
    region_name="eu-central-1",
    config=Config(signature_version=UNSIGNED, s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
)
s3.meta.events.register(
    "before-send.s3", lambda request, **more: request.headers.update(holder.headers(request.method, request.url))
)

s3.put_object(Bucket="reports", Key="2026/a b+c.txt", Body=b"first", Metadata={"by": "errand"})
assert s3.get_object(Bucket="reports", Key="2026/a b+c.txt")["Body"].read() == b"first"
assert s3.head_object(Bucket="reports", Key="2026/a b+c.txt")["ContentLength"] == 5
s3.copy_object(Bucket="archive", Key="2026/a.txt", CopySource={"Bucket": "reports", "Key": "2026/a b+c.txt"})
assert [o["Key"] for o in s3.list_objects_v2(Bucket="reports", Prefix="2026/")["Contents"]] == ["2026/a b+c.txt"]

upload = s3.create_multipart_upload(Bucket="reports", Key="2026/large")["UploadId"]
parts = []
for number, content in ((1, b"x" * (5 << 20)), (2, b"y" * 1000)):
    tag = s3.upload_part(Bucket="reports", Key="2026/large", UploadId=upload, PartNumber=number, Body=content)["ETag"]
    parts.append({"PartNumber": number, "ETag": tag})
s3.complete_multipart_upload(
    Bucket="reports", Key="2026/large", UploadId=upload, MultipartUpload={"Parts": parts}
)
assert s3.head_object(Bucket="reports", Key="2026/large")["ContentLength"] == (5 << 20) + 1000

refused(lambda: s3.get_object(Bucket="archive", Key="2026/a.txt"), 403)
refused(lambda: s3.put_object(Bucket="reports", Key="2025/a.txt", Body=b"x"), 403)
refused(lambda: s3.copy_object(Bucket="archive", Key="2026/b", CopySource="secrets/2026/a"), 403)
refused(lambda: s3.put_object(Bucket="reports", Key="2026/a", Body=b"x", ACL="public-read"), 403)
refused(lambda: s3.put_bucket_policy(Bucket="reports", Policy="{}"), 403)
many = {"Objects": [{"Key": "2026/large"}, {"Key": "2025/kept"}]}
refused(lambda: s3.delete_objects(Bucket="reports", Delete=many), 403)
assert s3.head_object(Bucket="reports", Key="2026/large")["ContentLength"] > 0

many = {"Objects": [{"Key": "2026/large"}, {"Key": "2026/a b+c.txt"}]}
assert len(s3.delete_objects(Bucket="reports", Delete=many)["Deleted"]) == 2
assert s3.list_objects_v2(Bucket="reports")["KeyCount"] == 0
print("done")
