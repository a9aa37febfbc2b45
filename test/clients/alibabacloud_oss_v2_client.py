"""Calls every operation that the sandbox is asked about with alibabacloud-oss-v2, and prints a line for each.

Argument: JSON with endpoint, region, id, secret, token, version (`v1` or `v4`) and bucket.
"""

import json
import sys
import urllib.request

import alibabacloud_oss_v2 as oss

given = json.loads(sys.argv[1])
name = given["bucket"]
config = oss.config.load_default()
config.credentials_provider = oss.credentials.StaticCredentialsProvider(
    given["id"], given["secret"], given.get("token")
)
config.region = given["region"]
config.endpoint = given["endpoint"]
config.use_path_style = True
config.signature_version = given["version"]
config.retry_max_attempts = 1
client = oss.Client(config)
key = "dir/中 +&=.txt"
body = b"0123456789"
policy = '{"Version":"1","Statement":[]}'
failed = False


def step(operation, act):
    global failed
    try:
        act()
        print("ok", operation)
    except Exception as error:  # Each step stands for itself.
        failed = True
        print("FAILED", operation, type(error).__name__, str(error)[:500].replace("\n", " "))


def same(actual, expected):
    if actual != expected:
        raise AssertionError("%r is not %r" % (actual, expected))


def missing(code, act):
    try:
        act()
    except oss.exceptions.OperationError as error:
        same(error.unwrap().code, code)
        return
    raise AssertionError("no error")


def read(of, **more):
    return client.get_object(oss.GetObjectRequest(bucket=name, key=of, **more)).body.read()


def create():
    configuration = oss.CreateBucketConfiguration(storage_class="IA")
    client.put_bucket(oss.PutBucketRequest(bucket=name, create_bucket_configuration=configuration))
    same(client.is_bucket_exist(name), True)
    same(client.is_bucket_exist(name + "-none"), False)


def info():
    found = client.get_bucket_info(oss.GetBucketInfoRequest(bucket=name)).bucket_info
    same((found.name, found.storage_class, found.acl), (name, "IA", "private"))


def list_buckets():
    pages = client.list_buckets_paginator().iter_page(oss.ListBucketsRequest(prefix=name))
    same([each.name for page in pages for each in page.buckets], [name])


def bucket_acl():
    client.put_bucket_acl(oss.PutBucketAclRequest(bucket=name, acl="private"))
    same(client.get_bucket_acl(oss.GetBucketAclRequest(bucket=name)).acl, "private")


def bucket_policy():
    client.put_bucket_policy(oss.PutBucketPolicyRequest(bucket=name, body=policy))
    same(client.get_bucket_policy(oss.GetBucketPolicyRequest(bucket=name)).body, policy)
    status = client.get_bucket_policy_status(oss.GetBucketPolicyStatusRequest(bucket=name))
    same(status.policy_status.is_public, False)
    client.delete_bucket_policy(oss.DeleteBucketPolicyRequest(bucket=name))
    missing("NoSuchBucketPolicy", lambda: client.get_bucket_policy(oss.GetBucketPolicyRequest(bucket=name)))


def block(act):
    return act().public_access_block_configuration.block_public_access


def public_access_block():
    on = oss.PublicAccessBlockConfiguration(block_public_access=True)
    put = oss.PutBucketPublicAccessBlockRequest(bucket=name, public_access_block_configuration=on)
    get = oss.GetBucketPublicAccessBlockRequest(bucket=name)
    client.put_bucket_public_access_block(put)
    same(block(lambda: client.get_bucket_public_access_block(get)), True)
    client.delete_bucket_public_access_block(oss.DeleteBucketPublicAccessBlockRequest(bucket=name))
    same(block(lambda: client.get_bucket_public_access_block(get)), False)
    same(block(lambda: client.get_public_access_block(oss.GetPublicAccessBlockRequest())), False)


def put_object():
    request = oss.PutObjectRequest(
        bucket=name, key=key, body=body, content_type="text/plain", metadata={"a": "b"}
    )
    same(client.put_object(request).status_code, 200)
    client.put_object(oss.PutObjectRequest(bucket=name, key="empty"))
    same(read("empty"), b"")
    client.delete_object(oss.DeleteObjectRequest(bucket=name, key="empty"))


def get_object():
    result = client.get_object(oss.GetObjectRequest(bucket=name, key=key))
    same((result.body.read(), result.metadata.get("a")), (body, "b"))


def ranges():
    same(read(key, range_header="bytes=2-4"), b"234")
    same(read(key, range_header="bytes=-3"), b"789")


def head():
    result = client.head_object(oss.HeadObjectRequest(bucket=name, key=key))
    same((result.content_length, result.content_type), (len(body), "text/plain"))
    meta = client.get_object_meta(oss.GetObjectMetaRequest(bucket=name, key=key))
    same(meta.content_length, len(body))
    same(client.is_object_exist(name, "none"), False)


def copy():
    client.copy_object(oss.CopyObjectRequest(bucket=name, key="copy", source_bucket=name, source_key=key))
    same(read("copy"), body)


def append():
    request = oss.AppendObjectRequest(bucket=name, key="log", position=0, body=b"abc")
    position = client.append_object(request).next_position
    client.append_object(oss.AppendObjectRequest(bucket=name, key="log", position=position, body=b"def"))
    same(read("log"), b"abcdef")


def uploads():
    pages = client.list_multipart_uploads_paginator().iter_page(oss.ListMultipartUploadsRequest(bucket=name))
    return [each.key for page in pages for each in page.uploads or []]


def initiate(of):
    return client.initiate_multipart_upload(oss.InitiateMultipartUploadRequest(bucket=name, key=of)).upload_id


def multipart():
    upload = initiate("parts")
    large = b"a" * 102400
    part = {"bucket": name, "key": "parts", "upload_id": upload}
    client.upload_part(oss.UploadPartRequest(**part, part_number=1, body=large))
    source = {"source_bucket": name, "source_key": key, "source_range": "bytes=0-4"}
    client.upload_part_copy(oss.UploadPartCopyRequest(**part, part_number=2, **source))
    pages = client.list_parts_paginator().iter_page(oss.ListPartsRequest(**part, max_parts=1))
    parts = [each for page in pages for each in page.parts]
    same([each.part_number for each in parts], [1, 2])
    same(uploads(), ["parts"])
    done = oss.CompleteMultipartUpload(
        parts=[oss.UploadPart(part_number=each.part_number, etag=each.etag) for each in parts]
    )
    client.complete_multipart_upload(
        oss.CompleteMultipartUploadRequest(**part, complete_multipart_upload=done)
    )
    same(read("parts"), large + body[:5])
    client.abort_multipart_upload(
        oss.AbortMultipartUploadRequest(bucket=name, key="aborted", upload_id=initiate("aborted"))
    )
    same(uploads(), [])


def lists():
    first = client.list_objects(oss.ListObjectsRequest(bucket=name, max_keys=2))
    same(([each.key for each in first.contents], first.is_truncated), (["copy", key], True))
    rest = client.list_objects(oss.ListObjectsRequest(bucket=name, marker=first.next_marker))
    same([each.key for each in rest.contents], ["log", "parts"])


def lists_v2():
    pages = client.list_objects_v2_paginator().iter_page(oss.ListObjectsV2Request(bucket=name, max_keys=1))
    same([each.key for page in pages for each in page.contents], ["copy", key, "log", "parts"])
    folders = client.list_objects_v2(oss.ListObjectsV2Request(bucket=name, delimiter="/"))
    same([each.prefix for each in folders.common_prefixes], ["dir/"])


def tagging():
    tags = oss.Tagging(tag_set=oss.TagSet(tags=[oss.Tag(key="team", value="a+b")]))
    client.put_object_tagging(oss.PutObjectTaggingRequest(bucket=name, key=key, tagging=tags))
    get = oss.GetObjectTaggingRequest(bucket=name, key=key)
    same([(each.key, each.value) for each in client.get_object_tagging(get).tag_set.tags], [("team", "a+b")])
    client.delete_object_tagging(oss.DeleteObjectTaggingRequest(bucket=name, key=key))


def object_acl():
    client.put_object_acl(oss.PutObjectAclRequest(bucket=name, key=key, acl="private"))
    same(client.get_object_acl(oss.GetObjectAclRequest(bucket=name, key=key)).acl, "private")


def symlink():
    client.put_symlink(oss.PutSymlinkRequest(bucket=name, key="link", symlink_target="log"))
    same(client.get_symlink(oss.GetSymlinkRequest(bucket=name, key="link")).target, "log")
    same(read("link"), b"abcdef")


def signed_urls():
    put = client.presign(oss.PutObjectRequest(bucket=name, key="signed"))
    request = urllib.request.Request(put.url, data=b"by url", method=put.method, headers=put.signed_headers or {})
    urllib.request.build_opener(Plain).open(request).close()
    get = client.presign(oss.GetObjectRequest(bucket=name, key="signed", response_content_type="a/b"))
    with urllib.request.urlopen(get.url) as answer:
        same((answer.read(), answer.headers["Content-Type"]), (b"by url", "a/b"))


class Plain(urllib.request.HTTPHandler):
    """Sends no Content-Type that was not signed, which urllib would add to a body."""

    def http_request(self, request):
        request = super().http_request(request)
        request.unredirected_hdrs.pop("Content-type", None)
        return request


def delete():
    client.delete_object(oss.DeleteObjectRequest(bucket=name, key="signed"))
    keys = ["copy", "log", "parts", "link", key]
    request = oss.DeleteMultipleObjectsRequest(
        bucket=name, objects=[oss.DeleteObject(key=each) for each in keys], encoding_type="url"
    )
    deleted = client.delete_multiple_objects(request).deleted_objects
    same(sorted(each.key for each in deleted), sorted(keys))
    missing("NoSuchKey", lambda: read(key))


def location():
    found = client.get_bucket_location(oss.GetBucketLocationRequest(bucket=name)).location
    same(found, "oss-" + given["region"])


step("PutBucket", create)
step("GetBucketInfo", info)
step("GetBucketLocation", location)
step("GetBucketStat", lambda: same(client.get_bucket_stat(oss.GetBucketStatRequest(bucket=name)).object_count, 0))
step("ListBuckets", list_buckets)
step("BucketAcl", bucket_acl)
step("BucketPolicy", bucket_policy)
step("BucketPublicAccessBlock", public_access_block)
step("PutObject", put_object)
step("GetObject", get_object)
step("ranges", ranges)
step("HeadObject", head)
step("CopyObject", copy)
step("AppendObject", append)
step("multipart", multipart)
step("ListObjects", lists)
step("ListObjectsV2", lists_v2)
step("ObjectTagging", tagging)
step("ObjectAcl", object_acl)
step("Symlink", symlink)
step("signed URLs", signed_urls)
step("DeleteObjects", delete)
step("DeleteBucket", lambda: client.delete_bucket(oss.DeleteBucketRequest(bucket=name)))
sys.exit(1 if failed else 0)
