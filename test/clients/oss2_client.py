"""Calls every operation that the sandbox is asked about with oss2, and prints a line for each.

Argument: JSON with endpoint, region, id, secret, token, version (`v1` or `v4`) and bucket.
"""

import json
import sys
import urllib.request

import oss2
from oss2.models import (
    BucketCreateConfig,
    PartInfo,
    Tagging,
    TaggingRule,
)

given = json.loads(sys.argv[1])
version = {"v1": oss2.AUTH_VERSION_1, "v4": oss2.AUTH_VERSION_4}[given["version"]]
if given.get("token"):
    auth = oss2.StsAuth(given["id"], given["secret"], given["token"], auth_version=version)
else:
    auth = oss2.make_auth(given["id"], given["secret"], version)
name = given["bucket"]
region = given["region"]
service = oss2.Service(auth, given["endpoint"], region=region)
bucket = oss2.Bucket(auth, given["endpoint"], name, region=region, is_path_style=True)
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


def put_acl():
    bucket.put_bucket_acl(oss2.BUCKET_ACL_PRIVATE)
    same(bucket.get_bucket_acl().acl, "private")


def put_policy():
    bucket.put_bucket_policy(policy)
    same(bucket.get_bucket_policy().policy, policy)
    bucket.delete_bucket_policy()
    missing("NoSuchBucketPolicy", bucket.get_bucket_policy)


def public_access_block():
    bucket.put_bucket_public_access_block(True)
    same(bucket.get_bucket_public_access_block().block_public_access, True)
    bucket.delete_bucket_public_access_block()
    same(bucket.get_bucket_public_access_block().block_public_access, False)


def missing(code, act):
    try:
        act()
    except oss2.exceptions.ServerError as error:
        same(error.code, code)
        return
    raise AssertionError("no error")


def put_object():
    result = bucket.put_object(key, body, headers={"x-oss-meta-a": "b", "Content-Type": "text/plain"})
    same(len(result.etag), 32)


def get_object():
    result = bucket.get_object(key)
    same(result.read(), body)
    same(result.headers["x-oss-meta-a"], "b")
    same(result.client_crc, result.server_crc)


def ranges():
    same(bucket.get_object(key, byte_range=(2, 4)).read(), b"234")
    same(bucket.get_object(key, byte_range=(None, 3)).read(), b"789")


def head():
    result = bucket.head_object(key)
    same((result.content_length, result.content_type), (len(body), "text/plain"))
    same(bucket.get_object_meta(key).content_length, len(body))
    same(bucket.object_exists("none"), False)


def copy():
    bucket.copy_object(name, key, "copy")
    same(bucket.get_object("copy").read(), body)


def append():
    first = bucket.append_object("log", 0, b"abc")
    bucket.append_object("log", first.next_position, b"def")
    same(bucket.get_object("log").read(), b"abcdef")


def multipart():
    upload = bucket.init_multipart_upload("parts").upload_id
    large = b"a" * 102400
    one = bucket.upload_part("parts", upload, 1, large)
    bucket.upload_part_copy(name, key, (0, 4), "parts", upload, 2)
    parts = list(oss2.PartIterator(bucket, "parts", upload))
    same([each.part_number for each in parts], [1, 2])
    same([each.key for each in bucket.list_multipart_uploads().upload_list], ["parts"])
    done = [PartInfo(each.part_number, each.etag) for each in parts]
    same(done[0].etag, one.etag)
    bucket.complete_multipart_upload("parts", upload, done)
    same(bucket.get_object("parts").read(), large + body[:5])
    other = bucket.init_multipart_upload("aborted").upload_id
    bucket.abort_multipart_upload("aborted", other)
    same(bucket.list_multipart_uploads().upload_list, [])


def lists():
    first = bucket.list_objects(max_keys=2)
    same(([each.key for each in first.object_list], first.is_truncated), (["copy", key], True))
    same([each.key for each in oss2.ObjectIterator(bucket, max_keys=1)], ["copy", key, "log", "parts"])
    same(bucket.list_objects(delimiter="/").prefix_list, ["dir/"])


def lists_v2():
    same([each.key for each in oss2.ObjectIteratorV2(bucket, max_keys=1)], ["copy", key, "log", "parts"])
    same(bucket.list_objects_v2(delimiter="/").prefix_list, ["dir/"])


def tagging():
    rule = TaggingRule()
    rule.add("team", "a+b")
    bucket.put_object_tagging(key, Tagging(rule))
    same(bucket.get_object_tagging(key).tag_set.tagging_rule, {"team": "a+b"})
    bucket.delete_object_tagging(key)
    same(bucket.get_object_tagging(key).tag_set.tagging_rule, {})


def object_acl():
    bucket.put_object_acl(key, oss2.OBJECT_ACL_PRIVATE)
    same(bucket.get_object_acl(key).acl, "private")


def symlink():
    bucket.put_symlink(key, "link")
    same(bucket.get_symlink("link").target_key, key)
    same(bucket.get_object("link").read(), body)


def signed_urls():
    bucket.put_object_with_url(bucket.sign_url("PUT", "signed", 60), b"by url")
    url = bucket.sign_url("GET", "signed", 60, params={"response-content-type": "a/b"})
    with urllib.request.urlopen(url) as answer:
        same((answer.read(), answer.headers["Content-Type"]), (b"by url", "a/b"))


def delete():
    bucket.delete_object("signed")
    deleted = bucket.batch_delete_objects(["copy", "log", "parts", "link", key])
    same(sorted(deleted.deleted_keys), sorted(["copy", "log", "parts", "link", key]))
    missing("NoSuchKey", lambda: bucket.get_object(key))


step("PutBucket", lambda: bucket.create_bucket(oss2.BUCKET_ACL_PRIVATE, BucketCreateConfig("IA")))
step("GetBucketInfo", lambda: same(bucket.get_bucket_info().storage_class, "IA"))
step("GetBucketLocation", lambda: same(bucket.get_bucket_location().location, "oss-" + region))
step("GetBucketStat", lambda: same(bucket.get_bucket_stat().object_count, 0))
step("ListBuckets", lambda: same([each.name for each in oss2.BucketIterator(service, prefix=name)], [name]))
step("BucketAcl", put_acl)
step("BucketPolicy", put_policy)
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
step("DeleteBucket", bucket.delete_bucket)
sys.exit(1 if failed else 0)
