// Calls every operation that the sandbox is asked about with the Go SDK v2, and prints a line for each.
//
// Argument: JSON with endpoint, region, id, secret, token, version (`v1` or `v4`) and bucket. A word `terraform` before it
// stands for the calls of Terraform's provider.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"strings"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
)

type given struct {
	Endpoint, Region, ID, Secret, Token, Version, Bucket string
}

const (
	key    = "dir/中 +&=.txt"
	body   = "0123456789"
	policy = `{"Version":"1","Statement":[]}`
)

var (
	ctx    = context.Background()
	name   string
	client *oss.Client
	failed bool
)

func main() {
	var with given
	check(json.Unmarshal([]byte(os.Args[len(os.Args)-1]), &with))
	name = with.Bucket
	if os.Args[1] == "terraform" {
		terraform(with)
	} else {
		all(with)
	}
	if failed {
		os.Exit(1)
	}
}

func all(with given) {
	version := oss.SignatureVersionV4
	if with.Version == "v1" {
		version = oss.SignatureVersionV1
	}
	provider := credentials.NewStaticCredentialsProvider(with.ID, with.Secret, with.Token)
	client = oss.NewClient(oss.LoadDefaultConfig().
		WithCredentialsProvider(provider).
		WithRegion(with.Region).
		WithEndpoint(with.Endpoint).
		WithUsePathStyle(true).
		WithSignatureVersion(version).
		WithRetryMaxAttempts(1))
	buckets(with.Region)
	objects()
	step("DeleteBucket", func() { must(client.DeleteBucket(ctx, &oss.DeleteBucketRequest{Bucket: &name})) })
}

func buckets(region string) {
	step("PutBucket", func() {
		configuration := oss.CreateBucketConfiguration{StorageClass: oss.StorageClassIA}
		must(client.PutBucket(ctx, &oss.PutBucketRequest{Bucket: &name, CreateBucketConfiguration: &configuration}))
		same(must(client.IsBucketExist(ctx, name)), true)
		same(must(client.IsBucketExist(ctx, name+"-none")), false)
	})
	step("GetBucketInfo", func() {
		info := must(client.GetBucketInfo(ctx, &oss.GetBucketInfoRequest{Bucket: &name})).BucketInfo
		same([]string{*info.Name, *info.StorageClass, *info.ACL}, []string{name, "IA", "private"})
	})
	step("GetBucketLocation", func() {
		location := must(client.GetBucketLocation(ctx, &oss.GetBucketLocationRequest{Bucket: &name}))
		same(*location.LocationConstraint, "oss-"+region)
	})
	step("GetBucketStat", func() {
		same(must(client.GetBucketStat(ctx, &oss.GetBucketStatRequest{Bucket: &name})).ObjectCount, int64(0))
	})
	step("ListBuckets", func() {
		var names []string
		pages := client.NewListBucketsPaginator(&oss.ListBucketsRequest{Prefix: &name})
		for pages.HasNext() {
			for _, each := range must(pages.NextPage(ctx)).Buckets {
				names = append(names, *each.Name)
			}
		}
		same(names, []string{name})
	})
	step("BucketAcl", func() {
		must(client.PutBucketAcl(ctx, &oss.PutBucketAclRequest{Bucket: &name, Acl: oss.BucketACLPrivate}))
		same(*must(client.GetBucketAcl(ctx, &oss.GetBucketAclRequest{Bucket: &name})).ACL, "private")
	})
	step("BucketPolicy", bucketPolicy)
	step("BucketPublicAccessBlock", publicAccessBlock)
}

func bucketPolicy() {
	get := func() (*oss.GetBucketPolicyResult, error) {
		return client.GetBucketPolicy(ctx, &oss.GetBucketPolicyRequest{Bucket: &name})
	}
	must(client.PutBucketPolicy(ctx, &oss.PutBucketPolicyRequest{Bucket: &name, Body: strings.NewReader(policy)}))
	same(must(get()).Body, policy)
	status := must(client.GetBucketPolicyStatus(ctx, &oss.GetBucketPolicyStatusRequest{Bucket: &name}))
	same(*status.PolicyStatus.IsPublic, false)
	must(client.DeleteBucketPolicy(ctx, &oss.DeleteBucketPolicyRequest{Bucket: &name}))
	_, err := get()
	missing("NoSuchBucketPolicy", err)
}

func publicAccessBlock() {
	get := func() bool {
		request := oss.GetBucketPublicAccessBlockRequest{Bucket: &name}
		return *must(client.GetBucketPublicAccessBlock(ctx, &request)).PublicAccessBlockConfiguration.BlockPublicAccess
	}
	on := oss.PublicAccessBlockConfiguration{BlockPublicAccess: oss.Ptr(true)}
	put := oss.PutBucketPublicAccessBlockRequest{Bucket: &name, PublicAccessBlockConfiguration: &on}
	must(client.PutBucketPublicAccessBlock(ctx, &put))
	same(get(), true)
	must(client.DeleteBucketPublicAccessBlock(ctx, &oss.DeleteBucketPublicAccessBlockRequest{Bucket: &name}))
	same(get(), false)
	account := must(client.GetPublicAccessBlock(ctx, &oss.GetPublicAccessBlockRequest{}))
	same(*account.PublicAccessBlockConfiguration.BlockPublicAccess, false)
}

func objects() {
	step("PutObject", func() {
		put := oss.PutObjectRequest{Bucket: &name, Key: oss.Ptr(key), Body: strings.NewReader(body)}
		put.ContentType = oss.Ptr("text/plain")
		put.Metadata = map[string]string{"a": "b"}
		must(client.PutObject(ctx, &put))
		must(client.PutObject(ctx, &oss.PutObjectRequest{Bucket: &name, Key: oss.Ptr("empty")}))
		same(read("empty", ""), "")
		must(client.DeleteObject(ctx, &oss.DeleteObjectRequest{Bucket: &name, Key: oss.Ptr("empty")}))
	})
	step("GetObject", func() {
		result := must(client.GetObject(ctx, &oss.GetObjectRequest{Bucket: &name, Key: oss.Ptr(key)}))
		same(string(must(io.ReadAll(result.Body))), body)
		same(result.Metadata["a"], "b")
	})
	step("ranges", func() {
		same(read(key, "bytes=2-4"), "234")
		same(read(key, "bytes=-3"), "789")
	})
	step("HeadObject", func() {
		head := must(client.HeadObject(ctx, &oss.HeadObjectRequest{Bucket: &name, Key: oss.Ptr(key)}))
		same([]any{head.ContentLength, *head.ContentType}, []any{int64(len(body)), "text/plain"})
		meta := must(client.GetObjectMeta(ctx, &oss.GetObjectMetaRequest{Bucket: &name, Key: oss.Ptr(key)}))
		same(meta.ContentLength, int64(len(body)))
		same(must(client.IsObjectExist(ctx, name, "none")), false)
	})
	step("CopyObject", func() {
		must(client.CopyObject(ctx, &oss.CopyObjectRequest{Bucket: &name, Key: oss.Ptr("copy"), SourceKey: oss.Ptr(key)}))
		same(read("copy", ""), body)
	})
	step("AppendObject", func() {
		appendAt := func(position int64, text string) int64 {
			request := oss.AppendObjectRequest{Bucket: &name, Key: oss.Ptr("log"), Position: &position}
			request.Body = strings.NewReader(text)
			return must(client.AppendObject(ctx, &request)).NextPosition
		}
		appendAt(appendAt(0, "abc"), "def")
		same(read("log", ""), "abcdef")
	})
	step("multipart", multipart)
	step("ListObjects", func() {
		first := must(client.ListObjects(ctx, &oss.ListObjectsRequest{Bucket: &name, MaxKeys: 2}))
		same([]any{keysOf(first.Contents), first.IsTruncated}, []any{[]string{"copy", key}, true})
		rest := must(client.ListObjects(ctx, &oss.ListObjectsRequest{Bucket: &name, Marker: first.NextMarker}))
		same(keysOf(rest.Contents), []string{"log", "parts"})
	})
	step("ListObjectsV2", func() {
		var keys []string
		pages := client.NewListObjectsV2Paginator(&oss.ListObjectsV2Request{Bucket: &name, MaxKeys: 1})
		for pages.HasNext() {
			keys = append(keys, keysOf(must(pages.NextPage(ctx)).Contents)...)
		}
		same(keys, []string{"copy", key, "log", "parts"})
		folders := must(client.ListObjectsV2(ctx, &oss.ListObjectsV2Request{Bucket: &name, Delimiter: oss.Ptr("/")}))
		same(*folders.CommonPrefixes[0].Prefix, "dir/")
	})
	step("ObjectTagging", tagging)
	step("ObjectAcl", func() {
		must(client.PutObjectAcl(ctx, &oss.PutObjectAclRequest{Bucket: &name, Key: oss.Ptr(key), Acl: oss.ObjectACLPrivate}))
		same(*must(client.GetObjectAcl(ctx, &oss.GetObjectAclRequest{Bucket: &name, Key: oss.Ptr(key)})).ACL, "private")
	})
	step("Symlink", func() {
		must(client.PutSymlink(ctx, &oss.PutSymlinkRequest{Bucket: &name, Key: oss.Ptr("link"), Target: oss.Ptr("log")}))
		same(*must(client.GetSymlink(ctx, &oss.GetSymlinkRequest{Bucket: &name, Key: oss.Ptr("link")})).Target, "log")
		same(read("link", ""), "abcdef")
	})
	step("signed URLs", signedURLs)
	step("DeleteObjects", deleteObjects)
}

func multipart() {
	initiate := func(of string) *string {
		return must(client.InitiateMultipartUpload(ctx, &oss.InitiateMultipartUploadRequest{Bucket: &name, Key: &of})).UploadId
	}
	uploads := func() (keys []string) {
		for _, each := range must(client.ListMultipartUploads(ctx, &oss.ListMultipartUploadsRequest{Bucket: &name})).Uploads {
			keys = append(keys, *each.Key)
		}
		return keys
	}
	of := oss.Ptr("parts")
	large := strings.Repeat("a", 102400)
	id := initiate(*of)
	part := oss.UploadPartRequest{Bucket: &name, Key: of, UploadId: id, PartNumber: 1, Body: strings.NewReader(large)}
	must(client.UploadPart(ctx, &part))
	copied := oss.UploadPartCopyRequest{Bucket: &name, Key: of, UploadId: id, PartNumber: 2, SourceKey: oss.Ptr(key)}
	copied.Range = oss.Ptr("bytes=0-4")
	must(client.UploadPartCopy(ctx, &copied))
	var done []oss.UploadPart
	pages := client.NewListPartsPaginator(&oss.ListPartsRequest{Bucket: &name, Key: of, UploadId: id, MaxParts: 1})
	for pages.HasNext() {
		for _, each := range must(pages.NextPage(ctx)).Parts {
			done = append(done, oss.UploadPart{PartNumber: each.PartNumber, ETag: each.ETag})
		}
	}
	same(len(done), 2)
	same(uploads(), []string{"parts"})
	complete := oss.CompleteMultipartUploadRequest{Bucket: &name, Key: of, UploadId: id}
	complete.CompleteMultipartUpload = &oss.CompleteMultipartUpload{Parts: done}
	must(client.CompleteMultipartUpload(ctx, &complete))
	same(read("parts", ""), large+body[:5])
	abort := oss.AbortMultipartUploadRequest{Bucket: &name, Key: oss.Ptr("aborted"), UploadId: initiate("aborted")}
	must(client.AbortMultipartUpload(ctx, &abort))
	same(len(uploads()), 0)
}

func tagging() {
	tags := oss.TagSet{Tags: []oss.Tag{{Key: oss.Ptr("team"), Value: oss.Ptr("a+b")}}}
	put := oss.PutObjectTaggingRequest{Bucket: &name, Key: oss.Ptr(key), Tagging: &oss.Tagging{TagSet: &tags}}
	must(client.PutObjectTagging(ctx, &put))
	found := must(client.GetObjectTagging(ctx, &oss.GetObjectTaggingRequest{Bucket: &name, Key: oss.Ptr(key)}))
	same([]string{*found.Tags[0].Key, *found.Tags[0].Value}, []string{"team", "a+b"})
	must(client.DeleteObjectTagging(ctx, &oss.DeleteObjectTaggingRequest{Bucket: &name, Key: oss.Ptr(key)}))
}

func signedURLs() {
	put := must(client.Presign(ctx, &oss.PutObjectRequest{Bucket: &name, Key: oss.Ptr("signed")}))
	call(put, "by url")
	request := oss.GetObjectRequest{Bucket: &name, Key: oss.Ptr("signed"), ResponseContentType: oss.Ptr("a/b")}
	answer := call(must(client.Presign(ctx, &request)), "")
	same([]string{string(must(io.ReadAll(answer.Body))), answer.Header.Get("Content-Type")}, []string{"by url", "a/b"})
}

func call(signed *oss.PresignResult, text string) *http.Response {
	request := must(http.NewRequest(signed.Method, signed.URL, bytes.NewReader([]byte(text))))
	for header, value := range signed.SignedHeaders {
		request.Header.Set(header, value)
	}
	answer := must(http.DefaultClient.Do(request))
	same(answer.StatusCode, 200)
	return answer
}

func deleteObjects() {
	must(client.DeleteObject(ctx, &oss.DeleteObjectRequest{Bucket: &name, Key: oss.Ptr("signed")}))
	var all []oss.DeleteObject
	for _, each := range []string{"copy", "log", "parts", "link", key} {
		all = append(all, oss.DeleteObject{Key: oss.Ptr(each)})
	}
	deleted := must(client.DeleteMultipleObjects(ctx, &oss.DeleteMultipleObjectsRequest{Bucket: &name, Objects: all}))
	same(len(deleted.DeletedObjects), len(all))
	_, err := client.GetObject(ctx, &oss.GetObjectRequest{Bucket: &name, Key: oss.Ptr(key)})
	missing("NoSuchKey", err)
}

func read(of, bytes string) string {
	request := oss.GetObjectRequest{Bucket: &name, Key: &of}
	if bytes != "" {
		request.Range = &bytes
	}
	return string(must(io.ReadAll(must(client.GetObject(ctx, &request)).Body)))
}

func keysOf(objects []oss.ObjectProperties) (keys []string) {
	for _, each := range objects {
		keys = append(keys, *each.Key)
	}
	return keys
}

// Each step stands for itself: what it panics with is its line.
func step(operation string, act func()) {
	defer func() {
		if problem := recover(); problem != nil {
			failed = true
			fmt.Println("FAILED", operation, strings.ReplaceAll(fmt.Sprint(problem), "\n", " "))
			return
		}
		fmt.Println("ok", operation)
	}()
	act()
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func same(actual, expected any) {
	if !reflect.DeepEqual(actual, expected) {
		panic(fmt.Sprintf("%v is not %v", actual, expected))
	}
}

func missing(code string, err error) {
	var refusal *oss.ServiceError
	if !errors.As(err, &refusal) {
		panic(fmt.Sprint("no error of OSS: ", err))
	}
	same(refusal.Code, code)
}
