package s3_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/checksum"
	"github.com/iamd-project/iamd/internal/objects"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	"github.com/iamd-project/iamd/internal/s3"
	shape "github.com/iamd-project/iamd/internal/shapes/s3"
)

// world is an account with a bucket.
type world struct {
	*optest.World
	t *testing.T
}

const bucket = "bucket"

func newWorld(t *testing.T, quotas ...string) *world {
	service := s3.Service(s3.Config{Files: objects.InMemory(), Hosts: hosts})
	for _, name := range quotas { // which are 1
		service.Quotas[name] = op.Quota{Limit: 1, Most: 1}
	}
	w := &world{optest.New(t, service), t}
	w.create(bucket)
	return w
}

func (w *world) create(name string) {
	w.t.Helper()
	optest.Must[shape.CreateBucketOutput](w.World, w.Root(), "CreateBucket", &shape.CreateBucketRequest{Bucket: name})
}

func (w *world) refused(name string, in any, status int, code, message string) {
	w.t.Helper()
	w.Refused(w.Root(), name, in, status, code, message)
}

// body is a request's, as the gateway makes it.
func body(t *testing.T, text string) op.Body {
	t.Helper()
	r, err := checksum.NewReader(io.NopCloser(strings.NewReader(text)), http.Header{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (w *world) put(key, text string) *shape.PutObjectOutput {
	w.t.Helper()
	return optest.Must[shape.PutObjectOutput](w.World, w.Root(), "PutObject", &shape.PutObjectRequest{Bucket: bucket, Key: key, Body: body(w.t, text)})
}

func (w *world) get(in *shape.GetObjectRequest) (*shape.GetObjectOutput, string) {
	w.t.Helper()
	in.Bucket = bucket
	out := optest.Must[shape.GetObjectOutput](w.World, w.Root(), "GetObject", in)
	text, err := io.ReadAll(out.Body)
	if err = errors.Join(err, out.Body.Close()); err != nil {
		w.t.Error(err)
	}
	return out, string(text)
}

func TestBuckets(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"ab", "Upper", "under_score", "a..b", "10.0.0.1", "-a-b", "xn--abc", "abc-s3alias", "healthz", strings.Repeat("a", 64)} {
		w.refused("CreateBucket", &shape.CreateBucketRequest{Bucket: name}, 400, "InvalidBucketName", "The specified bucket is not valid.")
	}
	w.create(bucket) // again, as in us-east-1
	w.Region = "eu-west-1"
	w.create("european")
	w.refused("CreateBucket", &shape.CreateBucketRequest{Bucket: "european"}, 409, "BucketAlreadyOwnedByYou",
		"Your previous request to create the named bucket succeeded and you already own it.")
	stranger := op.Principal{Kind: op.Root, Account: "210987654321", ARN: "arn:aws:iam::210987654321:root", ID: "210987654321"}
	w.Refused(stranger, "CreateBucket", &shape.CreateBucketRequest{Bucket: bucket}, 409, "BucketAlreadyExists", "The requested bucket name is not "+
		"available. The bucket namespace is shared by all users of the system. Please select a different name and try again.")
	for in, want := range map[string]string{bucket: "", "european": "eu-west-1"} {
		out := optest.Must[shape.GetBucketLocationOutput](w.World, w.Root(), "GetBucketLocation", &shape.GetBucketLocationRequest{Bucket: in})
		if got := text(out.LocationConstraint); got != want {
			t.Errorf("%s is in %q, want %q", in, got, want)
		}
	}
	w.refused("HeadBucket", &shape.HeadBucketRequest{Bucket: "none"}, 404, "NoSuchBucket", "The specified bucket does not exist")
	w.refused("HeadBucket", &shape.HeadBucketRequest{Bucket: bucket, ExpectedBucketOwner: new("210987654321")}, 403, "AccessDenied", "Access Denied")
	w.put("k", "x")
	w.refused("DeleteBucket", &shape.DeleteBucketRequest{Bucket: bucket}, 409, "BucketNotEmpty", "The bucket you tried to delete is not empty")
	optest.Must[shape.DeleteObjectOutput](w.World, w.Root(), "DeleteObject", &shape.DeleteObjectRequest{Bucket: bucket, Key: "k"})
	optest.Must[op.None](w.World, w.Root(), "DeleteBucket", &shape.DeleteBucketRequest{Bucket: bucket})
	w.refused("DeleteBucket", &shape.DeleteBucketRequest{Bucket: bucket}, 404, "NoSuchBucket", "The specified bucket does not exist")
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func TestListBuckets(t *testing.T) {
	w := newWorld(t)
	for i := range 5 {
		w.create(fmt.Sprintf("p-%d", i))
	}
	var pages []string
	in := &shape.ListBucketsRequest{MaxBuckets: new(int32(2)), Prefix: new("p-")}
	for more := true; more; more = in.ContinuationToken != nil {
		out := optest.Must[shape.ListBucketsOutput](w.World, w.Root(), "ListBuckets", in)
		var names []string
		for _, b := range out.Buckets {
			names = append(names, *b.Name)
		}
		pages = append(pages, strings.Join(names, " "))
		in.ContinuationToken = out.ContinuationToken
	}
	if got := strings.Join(pages, "|"); got != "p-0 p-1|p-2 p-3|p-4" {
		t.Errorf("got %s", got)
	}
	w.refused("ListBuckets", &shape.ListBucketsRequest{ContinuationToken: new("?")}, 400, "InvalidArgument", "The continuation token provided is incorrect")
}

// Both listings give everything once, whatever the page, the prefix and the delimiter.
func TestListObjects(t *testing.T) {
	w := newWorld(t)
	for _, key := range []string{"a", "b/1", "b/2", "b/c/3", "b0", "d//e", "é", "z"} {
		w.put(key, key)
	}
	for _, c := range []struct{ prefix, delimiter, after, want string }{
		{"", "", "", "a b/1 b/2 b/c/3 b0 d//e z é"},
		{"", "/", "", "a b/ b0 d/ z é"},
		{"b/", "/", "", "b/1 b/2 b/c/"},
		{"b", "", "", "b/1 b/2 b/c/3 b0"},
		{"", "c/", "", "a b/1 b/2 b/c/ b0 d//e z é"},
		{"", "", "b/2", "b/c/3 b0 d//e z é"},
		{"", "/", "b/2", "b/ b0 d/ z é"},
		{"x", "/", "", ""},
	} {
		for limit := range int32(9) {
			if limit == 0 {
				continue
			}
			if got := w.listed(c.prefix, c.delimiter, c.after, limit); got != c.want {
				t.Errorf("%+v, %d at a time: got %s", c, limit, got)
			}
			if c.after == "" {
				if got := w.listedByMarker(c.prefix, c.delimiter, limit); got != c.want {
					t.Errorf("%+v, %d at a time, by markers: got %s", c, limit, got)
				}
			}
		}
	}
	none := optest.Must[shape.ListObjectsV2Output](w.World, w.Root(), "ListObjectsV2", &shape.ListObjectsV2Request{Bucket: bucket, MaxKeys: new(int32(0))})
	if *none.IsTruncated || *none.KeyCount != 0 || none.NextContinuationToken != nil {
		t.Errorf("none at a time: %+v", none)
	}
	coded := optest.Must[shape.ListObjectsV2Output](w.World, w.Root(), "ListObjectsV2",
		&shape.ListObjectsV2Request{Bucket: bucket, EncodingType: new("url"), Prefix: new("é"), FetchOwner: new(true)})
	if *coded.Contents[0].Key != "%C3%A9" || *coded.Prefix != "%C3%A9" || !strings.HasSuffix(*coded.Contents[0].Owner.ID, "123456789012") {
		t.Errorf("encoded: %+v", coded)
	}
	for in, want := range map[*shape.ListObjectsV2Request]string{
		{Bucket: bucket, ContinuationToken: new("?")}: "The continuation token provided is incorrect",
		{Bucket: bucket, EncodingType: new("x")}:      "Invalid Encoding Method specified in Request",
		{Bucket: bucket, MaxKeys: new(int32(-1))}:     "Argument max-keys must be an integer between 0 and 2147483647",
	} {
		w.refused("ListObjectsV2", in, 400, "InvalidArgument", want)
	}
}

func (w *world) listed(prefix, delimiter, after string, limit int32) string {
	var names []string
	in := &shape.ListObjectsV2Request{Bucket: bucket, Prefix: &prefix, MaxKeys: &limit, StartAfter: &after}
	if delimiter != "" {
		in.Delimiter = &delimiter
	}
	for more := true; more; more = in.ContinuationToken != nil {
		out := optest.Must[shape.ListObjectsV2Output](w.World, w.Root(), "ListObjectsV2", in)
		names = append(names, namesOf(out.Contents, out.CommonPrefixes)...)
		if int(*out.KeyCount) > int(limit) || *out.IsTruncated != (out.NextContinuationToken != nil) {
			w.t.Errorf("a page of %d keys, truncated: %v", *out.KeyCount, *out.IsTruncated)
		}
		in.ContinuationToken = out.NextContinuationToken
	}
	return sorted(names)
}

func (w *world) listedByMarker(prefix, delimiter string, limit int32) string {
	var names []string
	in := &shape.ListObjectsRequest{Bucket: bucket, Prefix: &prefix, MaxKeys: &limit}
	if delimiter != "" {
		in.Delimiter = &delimiter
	}
	for more := true; more; {
		out := optest.Must[shape.ListObjectsOutput](w.World, w.Root(), "ListObjects", in)
		names = append(names, namesOf(out.Contents, out.CommonPrefixes)...)
		in.Marker, more = out.NextMarker, *out.IsTruncated
		if more && in.Marker == nil { // without a delimiter it is the last key
			in.Marker = out.Contents[len(out.Contents)-1].Key
		}
	}
	return sorted(names)
}

func namesOf(list []shape.Object, common []shape.CommonPrefix) (names []string) {
	for _, o := range list {
		names = append(names, *o.Key)
	}
	for _, p := range common {
		names = append(names, *p.Prefix)
	}
	return names
}

func TestObjects(t *testing.T) {
	w := newWorld(t)
	etag := *w.put("k", "0123456789").ETag
	if etag != `"781e5e245d69b566979b86e28d23f2c7"` {
		t.Errorf("ETag %s", etag)
	}
	for span, want := range map[string][2]string{
		"bytes=0-3": {"0123", "bytes 0-3/10"}, "bytes=8-": {"89", "bytes 8-9/10"}, "bytes=-3": {"789", "bytes 7-9/10"},
		"bytes=-99": {"0123456789", "bytes 0-9/10"}, "bytes=8-99": {"89", "bytes 8-9/10"},
		"bytes=3-1": {"0123456789", ""}, "lines=0-1": {"0123456789", ""}, "bytes=a-b": {"0123456789", ""}, "bytes=-": {"0123456789", ""},
	} {
		out, got := w.get(&shape.GetObjectRequest{Key: "k", Range: &span})
		if got != want[0] || text(out.ContentRange) != want[1] || int(*out.ContentLength) != len(got) {
			t.Errorf("%s: %q, %s, length %d", span, got, text(out.ContentRange), *out.ContentLength)
		}
		head := optest.Must[shape.HeadObjectOutput](w.World, w.Root(), "HeadObject", &shape.HeadObjectRequest{Bucket: bucket, Key: "k", Range: &span})
		if *head.ContentLength != *out.ContentLength || text(head.ContentRange) != want[1] || *head.ETag != etag {
			t.Errorf("HEAD of %s: %+v", span, head)
		}
	}
	out, _ := w.get(&shape.GetObjectRequest{Key: "k", PartNumber: new(int32(1)), ResponseContentType: new("a/b"), ResponseExpires: &w.Now, ChecksumMode: new("ENABLED")})
	if *out.ContentType != "a/b" || *out.Expires != "Sun, 22 Nov 2026 10:15:00 GMT" || out.PartsCount != nil || out.ChecksumCRC64NVME == nil {
		t.Errorf("%+v", out)
	}
	get := func(change func(*shape.GetObjectRequest)) *shape.GetObjectRequest {
		in := &shape.GetObjectRequest{Bucket: bucket, Key: "k"}
		change(in)
		return in
	}
	early, late := w.Now.Add(-3600e9), w.Now.Add(3600e9)
	const failed = "At least one of the pre-conditions you specified did not hold"
	for _, c := range []struct {
		in            *shape.GetObjectRequest
		status        int
		code, message string
	}{
		{get(func(in *shape.GetObjectRequest) { in.Key = "none" }), 404, "NoSuchKey", "The specified key does not exist."},
		{get(func(in *shape.GetObjectRequest) { in.Bucket = "none" }), 404, "NoSuchBucket", "The specified bucket does not exist"},
		{get(func(in *shape.GetObjectRequest) { in.VersionId = new("1") }), 400, "InvalidArgument", "Invalid version id specified"},
		{get(func(in *shape.GetObjectRequest) { in.Range = new("bytes=10-") }), 416, "InvalidRange", "The requested range is not satisfiable"},
		{get(func(in *shape.GetObjectRequest) { in.PartNumber = new(int32(2)) }), 416, "InvalidPartNumber", "The requested partnumber is not satisfiable"},
		{get(func(in *shape.GetObjectRequest) { in.IfMatch = new(`"x"`) }), 412, "PreconditionFailed", failed},
		{get(func(in *shape.GetObjectRequest) { in.IfUnmodifiedSince = &early }), 412, "PreconditionFailed", failed},
		{get(func(in *shape.GetObjectRequest) { in.IfNoneMatch = &etag }), 304, "NotModified", "Not Modified"},
		{get(func(in *shape.GetObjectRequest) { in.IfNoneMatch = new("*") }), 304, "NotModified", "Not Modified"},
		{get(func(in *shape.GetObjectRequest) { in.IfModifiedSince = &late }), 304, "NotModified", "Not Modified"},
		{get(func(in *shape.GetObjectRequest) { in.Key = strings.Repeat("k", 901) }), 400, "KeyTooLongError", "Your key is too long"},
	} {
		w.refused("GetObject", c.in, c.status, c.code, c.message)
		w.refused("HeadObject", (*shape.HeadObjectRequest)(c.in), c.status, c.code, c.message)
	}
	// A tag that matches goes before a time that does not.
	w.get(&shape.GetObjectRequest{Key: "k", IfMatch: &etag, IfUnmodifiedSince: &early})
	w.get(&shape.GetObjectRequest{Key: "k", IfNoneMatch: new(`"x"`), IfModifiedSince: &late})
	w.May = func(op.Need) error { return &awserr.Refusal{Kind: awserr.AccessDenied} }
	w.refused("GetObject", get(func(in *shape.GetObjectRequest) { in.Key = "none" }), 403, "AccessDenied", "Access Denied")
}
