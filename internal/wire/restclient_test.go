package wire_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/shapes/s3"
	"github.com/iamd-project/iamd/internal/wire"
)

func s3Operation(t *testing.T, name string) *shapes.Operation {
	t.Helper()
	for i := range s3.Service.Operations {
		if op := &s3.Service.Operations[i]; op.Name == name {
			return op
		}
	}
	t.Fatalf("no operation %s", name)
	return nil
}

// What a client asks, S3 hears.
func TestRESTClientAsks(t *testing.T) {
	router, client := wire.NewRouter(&s3.Service), wire.ClientOf(&s3.Service)
	at := time.Date(2026, 3, 9, 18, 39, 23, 0, time.UTC)
	for name, in := range map[string]any{
		"ListBuckets":   &s3.ListBucketsRequest{Prefix: new("a&b")},
		"CreateBucket":  &s3.CreateBucketRequest{Bucket: "b", CreateBucketConfiguration: &s3.CreateBucketConfiguration{LocationConstraint: new("eu-west-1")}},
		"ListObjectsV2": &s3.ListObjectsV2Request{Bucket: "b", MaxKeys: new(int32(3)), FetchOwner: new(true), Delimiter: new("/")},
		"GetObject":     &s3.GetObjectRequest{Bucket: "b", Key: "a b/ü+%/../c?d", IfModifiedSince: &at, ResponseExpires: &at, Range: new("bytes=0-1")},
		"GetObjectAttributes": &s3.GetObjectAttributesRequest{
			Bucket: "b", Key: "k", ObjectAttributes: []string{"ETag", "ObjectSize"},
		},
		"PutBucketPolicy": &s3.PutBucketPolicyRequest{Bucket: "b", Policy: "{}", ContentMD5: new("mZFLkyvTelC5g8XnyQrpOw==")},
		"DeleteObjects": &s3.DeleteObjectsRequest{
			Bucket: "b", Delete: &s3.Delete{Objects: []s3.ObjectIdentifier{{Key: "a<&"}, {Key: "b"}}, Quiet: new(true)},
		},
		"PutBucketAcl": &s3.PutBucketAclRequest{Bucket: "b", AccessControlPolicy: &s3.AccessControlPolicy{
			Grants: []s3.Grant{{Grantee: &s3.Grantee{Type: "CanonicalUser", ID: new("x")}, Permission: new("READ")}},
		}},
	} {
		op := s3Operation(t, name)
		q, err := client.Ask(op, in)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), q.Method, "http://127.0.0.1"+q.Path+"?"+q.Query, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = q.Header
		asked, err := router.OpenREST(r, "", io.NopCloser(bytes.NewReader(q.Body)))
		if err != nil || asked.Operation != name {
			t.Errorf("%s: heard as %q, %v", name, asked.Operation, err)
			continue
		}
		got := op.Input()
		if _, err := asked.Decode(got); err != nil {
			t.Errorf("%s: %v in %s", name, err, q.Body)
		}
		if md5 := reflect.ValueOf(got).Elem().FieldByName("ContentMD5"); md5.IsValid() && name != "PutBucketPolicy" {
			if len(q.Body) > 0 && md5.IsNil() {
				t.Errorf("%s has no MD5", name)
			}
			md5.SetZero()
		}
		if !reflect.DeepEqual(got, in) {
			t.Errorf("%s: got %+v\nwant %+v\nfrom %s %s", name, got, in, r.URL, q.Body)
		}
	}
	if _, err := client.Ask(s3Operation(t, "GetObject"), &s3.GetObjectRequest{Bucket: "b"}); err == nil || err.Error() != "Key must not be empty" {
		t.Errorf("an empty key: %v", err)
	}
	held := wire.Hold([]byte("hello"))
	for range 2 { // it may be asked again
		q, err := client.Ask(s3Operation(t, "PutObject"), &s3.PutObjectRequest{Bucket: "b", Key: "k", Body: held, Metadata: map[string]string{"a": "b"}})
		if err != nil || string(q.Body) != "hello" || q.Path != "/b/k" || q.Method != http.MethodPut || q.Header.Get("X-Amz-Meta-A") != "b" {
			t.Errorf("%+v, %v", q, err)
		}
	}
}

// What S3 says, a client hears.
func TestRESTClientReads(t *testing.T) {
	protocol, client := wire.For(&s3.Service), wire.ClientOf(&s3.Service)
	at := time.Date(2026, 3, 9, 18, 39, 23, 0, time.UTC)
	for name, want := range map[string]any{
		"ListBuckets":         &s3.ListBucketsOutput{Buckets: []s3.Bucket{{Name: new("b"), CreationDate: &at}}, Owner: &s3.Owner{ID: new("1")}},
		"GetBucketLocation":   &s3.GetBucketLocationOutput{LocationConstraint: new("eu-west-1")},
		"HeadObject":          &s3.HeadObjectOutput{ContentLength: new(int64(7)), LastModified: &at, Metadata: map[string]string{"a": "b"}, ETag: new(`"x"`)},
		"GetBucketPolicy":     &s3.GetBucketPolicyOutput{Policy: new(`{"a":"<"}`)},
		"GetBucketEncryption": &s3.GetBucketEncryptionOutput{ServerSideEncryptionConfiguration: &s3.ServerSideEncryptionConfiguration{Rules: []s3.ServerSideEncryptionRule{{BucketKeyEnabled: new(true)}}}},
		"ListObjectsV2": &s3.ListObjectsV2Output{
			Name: new("b"), IsTruncated: new(false), Contents: []s3.Object{{Key: new("a&b"), Size: new(int64(1))}, {Key: new("c")}},
			CommonPrefixes: []s3.CommonPrefix{{Prefix: new("d/")}},
		},
		"CopyObject": &s3.CopyObjectOutput{CopyObjectResult: &s3.CopyObjectResult{ETag: new("x")}, ServerSideEncryption: new("AES256")},
	} {
		op := s3Operation(t, name)
		h := http.Header{}
		protocol.Head(h, op, want)
		body := protocol.Reply(nil, op, "id", want)
		got := op.Output()
		if err := client.Read(h, body, op, got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v\nwant %+v\nfrom %v %s", name, got, err, want, h, body)
		}
	}
	for body, want := range map[string]string{"plain": "plain", "<Error><Code>a</Code></Error>": "<Error><Code>a</Code></Error>", "\xff": "/w=="} {
		out := new(s3.GetObjectOutput)
		if err := client.Read(http.Header{}, []byte(body), s3Operation(t, "GetObject"), out); err != nil || wire.Tree(out)["Body"] != want {
			t.Errorf("%q: %v, %v", body, wire.Tree(out), err)
		}
	}
}

func TestRESTClientReadsErrors(t *testing.T) {
	protocol, client := wire.For(&s3.Service), wire.ClientOf(&s3.Service)
	body := protocol.Error(nil, "some-id", awserr.New(404, "NoSuchKey", "The specified key does not exist."))
	e, id := client.ReadError(404, nil, body)
	if e.Code != "NoSuchKey" || e.Message != "The specified key does not exist." || e.Status != 404 || id != "some-id" {
		t.Errorf("%+v, %s", e, id)
	}
	if e, id := client.ReadError(404, http.Header{"X-Amz-Request-Id": {"x"}}, nil); e.Code != "HTTP404" || id != "x" { // of a HEAD
		t.Errorf("%+v, %s", e, id)
	}
	err := client.Read(nil, body, s3Operation(t, "CopyObject"), new(s3.CopyObjectOutput))
	if late, ok := errors.AsType[*awserr.Error](err); !ok || late.Code != "NoSuchKey" {
		t.Errorf("an error with the status of success: %v", err)
	}
	for _, bad := range []string{"<a", "<ListBucketResult><MaxKeys>x</MaxKeys></ListBucketResult>", strings.Repeat("<Contents>", 100)} {
		if err := client.Read(http.Header{}, []byte(bad), s3Operation(t, "ListObjectsV2"), new(s3.ListObjectsV2Output)); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}
