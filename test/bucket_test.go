package test

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// s3 is AWS's own client. It tries everything once.
func (s *server) s3(k key) *s3.Client {
	return s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: &s.url, HTTPClient: s.http, Retryer: aws.NopRetryer{}, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(k.ID, k.Secret, k.Token),
	})
}

// refusedWith fails the test if err has not the code.
func refusedWith(t *testing.T, what string, err error, code string) {
	t.Helper()
	if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != code {
		t.Errorf("%s: got %v, want %s", what, err, code)
	}
}

// What AWS's SDK sends differs by scheme: a signed hash over HTTP, chunks with a checksum
// behind them over TLS.
func TestBucket(t *testing.T) {
	t.Parallel()
	cert, certFile, keyFile := makeCertificate(t)
	trusted := x509.NewCertPool()
	trusted.AddCert(cert)
	for scheme, options := range map[string][]option{
		"http": nil,
		"https": {
			withFlags("--tls-cert", certFile, "--tls-key", keyFile),
			withTransport(&http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}),
		},
	} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			s := start(t, options...)
			bucketStory(t, s.s3(s.root(t)))
			mustRun(t, iamd(t, "doctor", "--data", s.data))
		})
	}
}

func bucketStory(t *testing.T, c *s3.Client) {
	ctx, b := t.Context(), aws.String("some-bucket")
	must[*s3.CreateBucketOutput](t)(c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: b}))
	text := strings.Repeat("0123456789", 100_000)
	etag := fmt.Sprintf(`"%x"`, md5.Sum([]byte(text)))
	for _, key := range []string{"a/1", "a/2 ü&+", "b", "c/d/e"} {
		put := must[*s3.PutObjectOutput](t)(c.PutObject(ctx, &s3.PutObjectInput{
			Bucket: b, Key: &key, Body: strings.NewReader(text), ContentType: aws.String("text/plain"), Metadata: map[string]string{"who": "me"},
		}))
		if *put.ETag != etag || put.ServerSideEncryption != types.ServerSideEncryptionAes256 {
			t.Errorf("%s: %s, %s", key, *put.ETag, put.ServerSideEncryption)
		}
	}
	got := must[*s3.GetObjectOutput](t)(c.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("a/2 ü&+")}))
	if body := must[[]byte](t)(io.ReadAll(got.Body)); string(body) != text || *got.ContentType != "text/plain" || got.Metadata["who"] != "me" {
		t.Errorf("%d bytes, %s, %v", len(body), *got.ContentType, got.Metadata)
	}
	for span, want := range map[string]string{"bytes=0-3": "0123", "bytes=999998-": "89", "bytes=-2": "89", "bytes=65535-65537": "567"} {
		part := must[*s3.GetObjectOutput](t)(c.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("b"), Range: &span}))
		if body := must[[]byte](t)(io.ReadAll(part.Body)); string(body) != want || part.ContentRange == nil {
			t.Errorf("%s: %q", span, body)
		}
	}
	_, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("b"), Range: aws.String("bytes=1000000-")})
	refusedWith(t, "a range behind the end", err, "InvalidRange")
	_, err = c.PutObject(ctx, &s3.PutObjectInput{Bucket: b, Key: aws.String("b"), Body: strings.NewReader("x"), IfNoneMatch: aws.String("*")})
	refusedWith(t, "a key that is taken", err, "PreconditionFailed")
	_, err = c.PutObject(ctx, &s3.PutObjectInput{Bucket: b, Key: aws.String("b"), Body: strings.NewReader("x"), ContentMD5: aws.String("rL0Y20zC+Fzt72VPzMSk2A==")})
	refusedWith(t, "another MD5", err, "BadDigest")
	_, err = c.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("none")})
	refusedWith(t, "no such key", err, "NoSuchKey")
	_, err = c.GetBucketAcl(ctx, &s3.GetBucketAclInput{Bucket: b})
	refusedWith(t, "what is not built", err, "NotImplemented")

	var names []string
	pages := s3.NewListObjectsV2Paginator(c, &s3.ListObjectsV2Input{Bucket: b, Delimiter: aws.String("/"), MaxKeys: aws.Int32(1)})
	for pages.HasMorePages() {
		page := must[*s3.ListObjectsV2Output](t)(pages.NextPage(ctx))
		for _, o := range page.Contents {
			names = append(names, *o.Key)
		}
		for _, p := range page.CommonPrefixes {
			names = append(names, *p.Prefix)
		}
	}
	if got := strings.Join(names, " "); got != "a/ b c/" {
		t.Errorf("listed %s", got)
	}

	partsStory(t, c, b)
	_, err = c.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: b})
	refusedWith(t, "a bucket with something in it", err, "BucketNotEmpty")
	emptyStory(t, c, b)
}

// partsStory uploads an object in parts, of which one is sent twice.
func partsStory(t *testing.T, c *s3.Client, b *string) {
	ctx, key := t.Context(), aws.String("big")
	made := must[*s3.CreateMultipartUploadOutput](t)(c.CreateMultipartUpload(ctx,
		&s3.CreateMultipartUploadInput{Bucket: b, Key: key, ChecksumAlgorithm: types.ChecksumAlgorithmCrc32}))
	first, last := bytes.Repeat([]byte("x"), 5<<20), []byte("the end")
	var parts []types.CompletedPart
	for i, body := range [][]byte{first, first, last} {
		number := aws.Int32(int32(max(i, 1)))
		part := must[*s3.UploadPartOutput](t)(c.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: b, Key: key, UploadId: made.UploadId, PartNumber: number, Body: bytes.NewReader(body), ChecksumAlgorithm: types.ChecksumAlgorithmCrc32,
		}))
		if i > 0 {
			parts = append(parts, types.CompletedPart{PartNumber: number, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32})
		}
	}
	done := must[*s3.CompleteMultipartUploadOutput](t)(c.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: b, Key: key, UploadId: made.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	}))
	if !strings.HasSuffix(*done.ETag, `-2"`) || !strings.HasSuffix(*done.ChecksumCRC32, "-2") {
		t.Errorf("%s, %s", *done.ETag, *done.ChecksumCRC32)
	}
	copied := must[*s3.CopyObjectOutput](t)(c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: b, Key: aws.String("copy"), CopySource: aws.String(*b + "/big")}))
	got := must[*s3.GetObjectOutput](t)(c.GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("copy"), Range: aws.String("bytes=5242879-")}))
	if body := must[[]byte](t)(io.ReadAll(got.Body)); string(body) != "xthe end" || copied.CopyObjectResult.ETag == nil {
		t.Errorf("the end of the copy: %q", body)
	}
}

// emptyStory deletes more objects than fit into a transaction, and the bucket.
func emptyStory(t *testing.T, c *s3.Client, b *string) {
	ctx := t.Context()
	for i := range 120 {
		must[*s3.PutObjectOutput](t)(c.PutObject(ctx, &s3.PutObjectInput{Bucket: b, Key: aws.String(fmt.Sprint("n/", i)), Body: strings.NewReader("x")}))
	}
	all := must[*s3.ListObjectsV2Output](t)(c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: b}))
	var objects []types.ObjectIdentifier
	for _, o := range all.Contents {
		objects = append(objects, types.ObjectIdentifier{Key: o.Key})
	}
	gone := must[*s3.DeleteObjectsOutput](t)(c.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: b, Delete: &types.Delete{Objects: objects}}))
	if len(gone.Deleted) != len(objects) || len(gone.Errors) > 0 || len(objects) != 126 {
		t.Errorf("deleted %d of %d: %v", len(gone.Deleted), len(objects), gone.Errors)
	}
	must[*s3.DeleteBucketOutput](t)(c.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: b}))
}

// Policies of users and buckets decide, also about who does not sign.
func TestBucketPolicies(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx, b, name := t.Context(), aws.String("guarded"), aws.String("secret.txt")
	root, ann := s.s3(s.root(t)), s.userKey(t, "ann")
	must[*s3.CreateBucketOutput](t)(root.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: b}))
	must[*s3.PutObjectOutput](t)(root.PutObject(ctx, &s3.PutObjectInput{Bucket: b, Key: name, Body: strings.NewReader("hush")}))
	read := func(ctx context.Context, k key) error {
		return second(s.s3(k).GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: name}))
	}
	refusedWith(t, "ann without a policy", read(ctx, ann), "AccessDenied")
	refusedWith(t, "another key", read(ctx, key{ID: ann.ID, Secret: "wrong"}), "SignatureDoesNotMatch")
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::guarded/*"}]}`
	must[*iam.PutUserPolicyOutput](t)(s.iam(s.root(t)).PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("ann"), PolicyName: name, PolicyDocument: &policy}))
	if err := read(ctx, ann); err != nil {
		t.Error(err)
	}
	_, err := s.s3(ann).GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("none")})
	refusedWith(t, "what is not there, to who may not list", err, "AccessDenied")

	signed, err := s3.NewPresignClient(s.s3(ann)).PresignGetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: name})
	if err != nil {
		t.Fatal(err)
	}
	plain := s.url + "/guarded/secret.txt"
	fetch := func(url string) (int, string) {
		resp, err := s.http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode, string(must[[]byte](t)(io.ReadAll(resp.Body)))
	}
	if status, body := fetch(signed.URL); status != 200 || body != "hush" {
		t.Errorf("presigned: %d, %s", status, body)
	}
	if status, body := fetch(strings.Replace(signed.URL, "secret", "secres", 1)); status != 403 || !strings.Contains(body, "SignatureDoesNotMatch") {
		t.Errorf("presigned for another: %d, %s", status, body)
	}
	if status, body := fetch(plain); status != 403 || !strings.Contains(body, "<Code>AccessDenied</Code>") {
		t.Errorf("not signed: %d, %s", status, body)
	}
	public := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::guarded/*"}]}`
	_, err = root.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: b, Policy: &public})
	refusedWith(t, "a public policy", err, "AccessDenied")
	must[*s3.DeletePublicAccessBlockOutput](t)(root.DeletePublicAccessBlock(ctx, &s3.DeletePublicAccessBlockInput{Bucket: b}))
	must[*s3.PutBucketPolicyOutput](t)(root.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: b, Policy: &public}))
	if status, body := fetch(plain); status != 200 || body != "hush" {
		t.Errorf("public: %d, %s", status, body)
	}
	must[*s3.PutPublicAccessBlockOutput](t)(root.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{
		Bucket: b, PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{RestrictPublicBuckets: aws.Bool(true)},
	}))
	if status, _ := fetch(plain); status != 403 {
		t.Errorf("public and blocked: %d", status)
	}
}

// endless is a body of which a server never sees the end.
type endless struct{ sent chan struct{} }

func (e *endless) Read(p []byte) (int, error) {
	select {
	case e.sent <- struct{}{}:
	default:
	}
	return len(p), nil
}

// A crash in the middle of an upload leaves neither an object nor a file.
func TestCrashInUpload(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx, b := t.Context(), aws.String("crashed")
	must[*s3.CreateBucketOutput](t)(s.s3(s.root(t)).CreateBucket(ctx, &s3.CreateBucketInput{Bucket: b}))
	must[*s3.PutObjectOutput](t)(s.s3(s.root(t)).PutObject(ctx, &s3.PutObjectInput{Bucket: b, Key: aws.String("k"), Body: strings.NewReader("old")}))
	signed, err := s3.NewPresignClient(s.s3(s.root(t))).PresignPutObject(ctx, &s3.PutObjectInput{Bucket: b, Key: aws.String("k")})
	if err != nil {
		t.Fatal(err)
	}
	body := &endless{make(chan struct{})}
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, signed.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := (&http.Client{}).Do(r)
		ended <- err
	}()
	for range 200 { // some megabytes
		<-body.sent
	}
	s.kill(t)
	if err := <-ended; err == nil {
		t.Error("the upload ended well")
	}
	s = start(t, onData(s.data))
	got := must[*s3.GetObjectOutput](t)(s.s3(s.root(t)).GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: aws.String("k")}))
	if text := must[[]byte](t)(io.ReadAll(got.Body)); string(text) != "old" {
		t.Errorf("%d bytes", len(text))
	}
	s.stop(t) // and the sweep with it
	files := must[[]string](t)(filepath.Glob(filepath.Join(s.data, "objects", "*", "*")))
	if len(files) != 1 {
		t.Errorf("files: %q", files)
	}
	mustRun(t, iamd(t, "doctor", "--data", s.data))
}
