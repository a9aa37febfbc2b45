package main

import (
	"errors"
	"io"
	"strings"

	v1 "github.com/aliyun/aliyun-oss-go-sdk/oss"
)

// Calls as Terraform's provider `alicloud` makes them: it uses this SDK, signs V4 with the header Date only, creates a
// bucket with an empty ACL, and reads every setting of a bucket.
func terraform(with given) {
	version := v1.AuthV4
	if with.Version == "v1" {
		version = v1.AuthV1
	}
	options := []v1.ClientOption{v1.AuthVersion(version), v1.Region(with.Region), v1.ForcePathStyle(true)}
	if with.Token != "" {
		options = append(options, v1.SecurityToken(with.Token))
	}
	client := must(v1.New(with.Endpoint, with.ID, with.Secret, options...))
	step("PutBucket", func() {
		check(client.CreateBucket(name, v1.StorageClass(v1.StorageIA), v1.ACL("")))
		found := must(client.ListBuckets(v1.Prefix(name), v1.MaxKeys(1)))
		same(found.Buckets[0].Name, name)
	})
	step("GetBucketInfo", func() {
		info := must(client.GetBucketInfo(name)).BucketInfo
		same([]string{info.Name, info.StorageClass, info.ACL}, []string{name, "IA", "private"})
	})
	step("settings", func() { settings(client) })
	step("BucketAcl", func() {
		check(client.SetBucketACL(name, v1.ACLPrivate))
		same(must(client.GetBucketACL(name)).ACL, "private")
	})
	step("BucketPolicy", func() {
		check(client.SetBucketPolicy(name, policy))
		same(must(client.GetBucketPolicy(name)), policy)
		check(client.DeleteBucketPolicy(name))
		_, err := client.GetBucketPolicy(name)
		missingV1("NoSuchBucketPolicy", err)
	})
	step("BucketTagging", func() {
		check(client.SetBucketTagging(name, v1.Tagging{Tags: []v1.Tag{{Key: "team", Value: "a b"}}}))
		same(must(client.GetBucketTagging(name)).Tags[0].Value, "a b")
	})
	bucket := must(client.Bucket(name))
	step("PutObject", func() {
		check(bucket.PutObject(key, strings.NewReader(body), v1.ContentType("text/plain"), v1.ObjectACL("")))
		same(text(must(bucket.GetObject(key))), body)
		same(must(bucket.GetObjectDetailedMeta(key)).Get("Content-Type"), "text/plain")
	})
	step("CopyObject", func() {
		must(bucket.CopyObject(key, "copy"))
		same(text(must(bucket.GetObject("copy"))), body)
	})
	step("ListObjects", func() {
		first := must(bucket.ListObjects(v1.MaxKeys(1)))
		rest := must(bucket.ListObjects(v1.Marker(first.NextMarker)))
		same([]string{first.Objects[0].Key, rest.Objects[0].Key}, []string{"copy", key})
		same(len(must(bucket.ListObjectsV2()).Objects), 2)
	})
	step("signed URLs", func() {
		put := must(bucket.SignURL("signed", v1.HTTPPut, 60))
		check(bucket.PutObjectWithURL(put, strings.NewReader("by url")))
		get := must(bucket.SignURL("signed", v1.HTTPGet, 60))
		same(text(must(bucket.GetObjectWithURL(get))), "by url")
	})
	step("DeleteObjects", func() {
		deleted := must(bucket.DeleteObjects([]string{"copy", "signed", key}))
		same(len(deleted.DeletedObjects), 3)
		_, err := bucket.GetObject(key)
		missingV1("NoSuchKey", err)
	})
	step("DeleteBucket", func() { check(client.DeleteBucket(name)) })
}

// What is not set is a 404 of its own code, or an answer that says so.
func settings(client *v1.Client) {
	_, err := client.GetBucketCORS(name)
	missingV1("NoSuchCORSConfiguration", err)
	_, err = client.GetBucketWebsite(name)
	missingV1("NoSuchWebsiteConfiguration", err)
	_, err = client.GetBucketLifecycle(name)
	missingV1("NoSuchLifecycle", err)
	_, err = client.GetBucketEncryption(name)
	missingV1("NoSuchServerSideEncryptionRule", err)
	check(client.DeleteBucketCORS(name))
	same(must(client.GetBucketLogging(name)).LoggingEnabled.TargetBucket, "")
	same(len(must(client.GetBucketReferer(name)).RefererList), 0)
	same(len(must(client.GetBucketTagging(name)).Tags), 0)
	same(must(client.GetBucketVersioning(name)).Status, "")
	same(must(client.GetBucketAccessMonitor(name)).Status, "Disabled")
	_, err = client.GetBucketTransferAcc(name)
	missingV1("NoSuchTransferAccelerationConfiguration", err)
	must(client.GetBucketResourceGroup(name))
}

func text(reader io.ReadCloser) string {
	defer reader.Close()
	return string(must(io.ReadAll(reader)))
}

func missingV1(code string, err error) {
	var refusal v1.ServiceError
	if !errors.As(err, &refusal) {
		panic(err)
	}
	same(refusal.Code, code)
}
