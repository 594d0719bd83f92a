package s3_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/checksum"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/s3"
)

func sorted(names []string) string {
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestPutObject(t *testing.T) {
	w := newWorld(t)
	etag := *w.put("k", "old").ETag
	put := func(change func(*shape.PutObjectRequest)) *shape.PutObjectRequest {
		in := &shape.PutObjectRequest{Bucket: bucket, Key: "k", Body: body(t, "new")}
		change(in)
		return in
	}
	const failed = "At least one of the pre-conditions you specified did not hold"
	for _, c := range []struct {
		in            *shape.PutObjectRequest
		status        int
		code, message string
	}{
		{put(func(in *shape.PutObjectRequest) { in.IfNoneMatch = new("*") }), 412, "PreconditionFailed", failed},
		{put(func(in *shape.PutObjectRequest) { in.IfMatch = new(`"x"`) }), 412, "PreconditionFailed", failed},
		{put(func(in *shape.PutObjectRequest) { in.IfMatch, in.Key = &etag, "none" }), 404, "NoSuchKey", "The specified key does not exist."},
		{put(func(in *shape.PutObjectRequest) { in.IfNoneMatch = &etag }), 501, "NotImplemented", "A header you provided implies functionality that is not implemented"},
		{put(func(in *shape.PutObjectRequest) { in.Bucket = "none" }), 404, "NoSuchBucket", "The specified bucket does not exist"},
		{put(func(in *shape.PutObjectRequest) { in.ACL = new("public-read") }), 400, "AccessControlListNotSupported", "The bucket does not allow ACLs"},
		{put(func(in *shape.PutObjectRequest) { in.Tagging = new("a=b") }), 501, "NotImplemented", "iamd does not support the header x-amz-tagging."},
		{put(func(in *shape.PutObjectRequest) { in.ServerSideEncryption = new("x") }), 400, "InvalidArgument", "The encryption method specified is not supported"},
		{put(func(in *shape.PutObjectRequest) { in.Metadata = map[string]string{"a": strings.Repeat("x", 2048)} }), 400, "MetadataTooLarge",
			"Your metadata headers exceed the maximum allowed metadata size"},
	} {
		w.refused("PutObject", c.in, c.status, c.code, c.message)
	}
	if _, got := w.get(&shape.GetObjectRequest{Key: "k"}); got != "old" {
		t.Errorf("after what was refused there is %q", got)
	}
	w.Now = w.Now.Add(1e9)
	optest.Must[shape.PutObjectOutput](w.World, w.Root(), "PutObject", put(func(in *shape.PutObjectRequest) { in.IfMatch = &etag }))
	if out, got := w.get(&shape.GetObjectRequest{Key: "k"}); got != "new" || !out.LastModified.Equal(w.Now) {
		t.Errorf("%q, %v", got, out.LastModified)
	}
}

// What a body's headers promise is compared before anything is kept.
func TestPutObjectSums(t *testing.T) {
	w := newWorld(t)
	for header, wrong := range map[string]error{
		"Content-Md5:rL0Y20zC+Fzt72VPzMSk2A==": checksum.ErrMD5,
		"X-Amz-Checksum-Crc32:AAAAAA==":        checksum.ErrSum,
	} {
		name, value, _ := strings.Cut(header, ":")
		r, err := checksum.NewReader(io.NopCloser(strings.NewReader("text")), http.Header{name: {value}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.Do(w.Root(), "PutObject", &shape.PutObjectRequest{Bucket: bucket, Key: "k", Body: r}); err != wrong {
			t.Errorf("%s: %v", header, err)
		}
	}
	w.refused("HeadObject", &shape.HeadObjectRequest{Bucket: bucket, Key: "k"}, 404, "NoSuchKey", "The specified key does not exist.")
}

func TestQuotas(t *testing.T) {
	big := strings.Repeat("x", 1<<20+1)
	w := newWorld(t, "ObjectSizeMiB", "BucketsPerAccount")
	w.refused("PutObject", &shape.PutObjectRequest{Bucket: bucket, Key: "k", Body: body(t, big)}, 400, "EntityTooLarge",
		"Your proposed upload exceeds the maximum allowed size")
	w.refused("CreateBucket", &shape.CreateBucketRequest{Bucket: "second"}, 400, "TooManyBuckets", "You have attempted to create more buckets than allowed")
	w = newWorld(t, "StorageMiB")
	w.put("k", big[1:])
	w.refused("PutObject", &shape.PutObjectRequest{Bucket: bucket, Key: "l", Body: body(t, "x")}, 400, "QuotaExceeded",
		"The storage of this server is full: see --quota StorageMiB.")
}

func TestCopyObject(t *testing.T) {
	w := newWorld(t)
	etag := *w.put("k", "text").ETag
	w.create("other")
	copyOf := func(source string) *shape.CopyObjectRequest {
		return &shape.CopyObjectRequest{Bucket: "other", Key: "c", CopySource: source}
	}
	out := optest.Must[shape.CopyObjectOutput](w.World, w.Root(), "CopyObject", copyOf("/bucket/k"))
	if *out.CopyObjectResult.ETag != etag {
		t.Errorf("%+v", out.CopyObjectResult)
	}
	w.refused("CopyObject", copyOf("bucket/none"), 404, "NoSuchKey", "The specified key does not exist.")
	w.refused("CopyObject", copyOf("none/k"), 404, "NoSuchBucket", "The specified bucket does not exist")
	w.refused("CopyObject", copyOf("k"), 400, "InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	in := copyOf("bucket/k")
	in.CopySourceIfNoneMatch = &etag
	w.refused("CopyObject", in, 412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
	w.refused("CopyObject", &shape.CopyObjectRequest{Bucket: bucket, Key: "k", CopySource: "bucket/k"}, 400, "InvalidRequest",
		"This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, "+
			"website redirect location or encryption attributes.")
}

func TestDeleteObjects(t *testing.T) {
	w := newWorld(t)
	w.put("a", "x")
	w.put("b", "x")
	optest.Must[shape.DeleteObjectOutput](w.World, w.Root(), "DeleteObject", &shape.DeleteObjectRequest{Bucket: bucket, Key: "none"})
	w.refused("DeleteObjects", &shape.DeleteObjectsRequest{Bucket: bucket, Delete: &shape.Delete{}}, 400, "MalformedXML",
		"The XML you provided was not well-formed or did not validate against our published schema")
	in := &shape.DeleteObjectsRequest{Bucket: bucket, Delete: &shape.Delete{Objects: []shape.ObjectIdentifier{
		{Key: "a"}, {Key: "b", VersionId: new("1")}, {Key: "none"},
	}}}
	out := optest.Must[shape.DeleteObjectsOutput](w.World, w.Root(), "DeleteObjects", in)
	if len(out.Deleted) != 2 || len(out.Errors) != 1 || *out.Errors[0].Code != "InvalidArgument" || *out.Errors[0].Key != "b" {
		t.Errorf("%+v", out)
	}
	if got := w.listed("", "", "", 10); got != "b" {
		t.Errorf("there is %s", got)
	}
}

func TestUpload(t *testing.T) {
	w := newWorld(t)
	made := optest.Must[shape.CreateMultipartUploadOutput](w.World, w.Root(), "CreateMultipartUpload", &shape.CreateMultipartUploadRequest{Bucket: bucket, Key: "k"})
	part := func(number int32, text string) (etag *string) {
		return optest.Must[shape.UploadPartOutput](w.World, w.Root(), "UploadPart", &shape.UploadPartRequest{
			Bucket: bucket, Key: "k", UploadId: *made.UploadId, PartNumber: number, Body: body(t, text),
		}).ETag
	}
	big := strings.Repeat("x", 5<<20)
	one, two, small := part(1, big), part(2, "end"), part(3, "more")
	complete := func(parts ...shape.CompletedPart) *shape.CompleteMultipartUploadRequest {
		return &shape.CompleteMultipartUploadRequest{Bucket: bucket, Key: "k", UploadId: *made.UploadId, MultipartUpload: &shape.CompletedMultipartUpload{Parts: parts}}
	}
	p := func(number int32, etag *string) shape.CompletedPart {
		return shape.CompletedPart{PartNumber: &number, ETag: etag}
	}
	const gone = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
	w.refused("CompleteMultipartUpload", complete(), 400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	w.refused("CompleteMultipartUpload", complete(p(2, two), p(1, one)), 400, "InvalidPartOrder",
		"The list of parts was not in ascending order. Parts must be ordered by part number.")
	w.refused("CompleteMultipartUpload", complete(p(1, two)), 400, "InvalidPart", "One or more of the specified parts could not be found.  The part may not "+
		"have been uploaded, or the specified entity tag may not match the part's entity tag.")
	w.refused("CompleteMultipartUpload", complete(p(1, one), p(2, two), p(3, small)), 400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
	w.refused("UploadPart", &shape.UploadPartRequest{Bucket: bucket, Key: "k", UploadId: "none", PartNumber: 1, Body: body(t, "x")}, 404, "NoSuchUpload", gone)
	w.refused("UploadPart", &shape.UploadPartRequest{Bucket: bucket, Key: "k", UploadId: *made.UploadId, PartNumber: 0, Body: body(t, "x")}, 400, "InvalidArgument",
		"Part number must be an integer between 1 and 10000, inclusive")
	list := optest.Must[shape.ListPartsOutput](w.World, w.Root(), "ListParts", &shape.ListPartsRequest{Bucket: bucket, Key: "k", UploadId: *made.UploadId, MaxParts: new(int32(2))})
	if len(list.Parts) != 2 || !*list.IsTruncated || *list.NextPartNumberMarker != 2 {
		t.Errorf("%+v", list)
	}
	w.refused("DeleteBucket", &shape.DeleteBucketRequest{Bucket: bucket}, 409, "BucketNotEmpty", "The bucket you tried to delete is not empty")
	out := optest.Must[shape.CompleteMultipartUploadOutput](w.World, w.Root(), "CompleteMultipartUpload", complete(p(1, one), p(2, two)))
	if !strings.HasSuffix(*out.ETag, `-2"`) {
		t.Errorf("%+v", out)
	}
	second, got := w.get(&shape.GetObjectRequest{Key: "k", PartNumber: new(int32(2))})
	if got != "end" || *second.PartsCount != 2 || *second.ContentRange != "bytes 5242880-5242882/5242883" {
		t.Errorf("%q, %+v", got, second)
	}
	w.refused("AbortMultipartUpload", &shape.AbortMultipartUploadRequest{Bucket: bucket, Key: "k", UploadId: *made.UploadId}, 404, "NoSuchUpload", gone)
}

func TestBucketPolicy(t *testing.T) {
	w := newWorld(t)
	put := func(policy string) *shape.PutBucketPolicyRequest {
		return &shape.PutBucketPolicyRequest{Bucket: bucket, Policy: policy}
	}
	const public = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}]}`
	w.refused("GetBucketPolicy", &shape.GetBucketPolicyRequest{Bucket: bucket}, 404, "NoSuchBucketPolicy", "The bucket policy does not exist")
	w.refused("PutBucketPolicy", put(public), 403, "AccessDenied", "User: arn:aws:iam::123456789012:root is not authorized to perform: s3:PutBucketPolicy on "+
		`resource: "arn:aws:s3:::bucket" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`)
	optest.Must[op.None](w.World, w.Root(), "DeletePublicAccessBlock", &shape.DeletePublicAccessBlockRequest{Bucket: bucket})
	optest.Must[op.None](w.World, w.Root(), "PutBucketPolicy", put(public))
	if out := optest.Must[shape.GetBucketPolicyOutput](w.World, w.Root(), "GetBucketPolicy", &shape.GetBucketPolicyRequest{Bucket: bucket}); *out.Policy != public {
		t.Errorf("%s", *out.Policy)
	}
	if out := optest.Must[shape.GetBucketPolicyStatusOutput](w.World, w.Root(), "GetBucketPolicyStatus", &shape.GetBucketPolicyStatusRequest{Bucket: bucket}); !*out.PolicyStatus.IsPublic {
		t.Error("it is not public")
	}
	// Only the server's own machine is as good as TLS.
	for _, local := range []bool{true, false} {
		w.Client.Local = local
		_, needs, err := w.Do(w.Root(), "HeadBucket", &shape.HeadBucketRequest{Bucket: bucket})
		if err != nil || len(needs) != 1 || (needs[0].Context["aws:securetransport"] != nil) != local {
			t.Errorf("local %v: %+v, %v", local, needs, err)
		}
	}
}
