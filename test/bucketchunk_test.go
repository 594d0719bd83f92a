package test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/iamd-project/iamd/sigv4"
)

// chunkSigner signs an upload chunk by chunk, as older SDKs do over plain HTTP.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
type chunkSigner struct {
	key         []byte
	scope, last string
}

func hmacOf(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hashOf(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

// newChunkSigner goes on behind a request that has been signed.
func newChunkSigner(r *http.Request, secret string) *chunkSigner {
	_, seed, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
	timestamp := r.Header.Get("X-Amz-Date")
	key := []byte("AWS4" + secret)
	for _, part := range []string{timestamp[:8], "us-east-1", "s3", "aws4_request"} {
		key = hmacOf(key, part)
	}
	return &chunkSigner{key, timestamp + "\n" + timestamp[:8] + "/us-east-1/s3/aws4_request\n", seed}
}

func (c *chunkSigner) sign(kind, what string) string {
	c.last = hex.EncodeToString(hmacOf(c.key, "AWS4-HMAC-SHA256-"+kind+"\n"+c.scope+c.last+"\n"+what))
	return c.last
}

func (c *chunkSigner) chunk(data string) string {
	return strconv.FormatInt(int64(len(data)), 16) + ";chunk-signature=" + c.sign("PAYLOAD", hashOf("")+"\n"+hashOf(data)) + "\r\n" + data
}

// upload is one that is sent in signed chunks.
type upload struct {
	key, text string
	trailer   string              // a checksum in base64; "" for none
	length    int                 // that is said
	spoil     func(string) string // what is sent, changed on its way
}

// put sends it, and returns the status and the body of the answer.
func (s *server) put(t *testing.T, k key, u upload) (int, string) {
	t.Helper()
	payload := sigv4.StreamingPayload
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.url+"/chunked/"+u.key, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Encoding", "aws-chunked")
	r.Header.Set("X-Amz-Decoded-Content-Length", strconv.Itoa(u.length))
	if u.trailer != "" {
		payload = sigv4.StreamingPayloadTrailer
		r.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32")
	}
	signer := sigv4.Signer{Credentials: sigv4.Credentials{AccessKeyID: k.ID, SecretAccessKey: k.Secret}, Region: "us-east-1", Service: "s3", S3: true}
	if err := signer.Sign(r, payload, time.Now()); err != nil {
		t.Fatal(err)
	}
	chain, body := newChunkSigner(r, k.Secret), &strings.Builder{}
	for text := u.text; text != ""; text = text[min(len(text), 64<<10):] {
		body.WriteString(chain.chunk(text[:min(len(text), 64<<10)]) + "\r\n")
	}
	body.WriteString(chain.chunk(""))
	if u.trailer != "" {
		field := "x-amz-checksum-crc32:" + u.trailer
		body.WriteString(field + "\r\nx-amz-trailer-signature:" + chain.sign("TRAILER", hashOf(field+"\n")) + "\r\n")
	}
	sent := body.String() + "\r\n"
	if u.spoil != nil {
		sent = u.spoil(sent)
	}
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(sent)), int64(len(sent))
	resp, err := s.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode, string(must[[]byte](t)(io.ReadAll(resp.Body)))
}

// Uploads whose chunks are signed are kept as they were signed, or not at all.
func TestSignedChunks(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx, b, root := t.Context(), aws.String("chunked"), s.root(t)
	must[*s3.CreateBucketOutput](t)(s.s3(root).CreateBucket(ctx, &s3.CreateBucketInput{Bucket: b}))
	text := strings.Repeat("0123456789", 20_000)
	h := crc32.NewIEEE()
	_, _ = io.WriteString(h, text)
	sum := base64.StdEncoding.EncodeToString(h.Sum(nil))
	other := func(old, with string) func(string) string {
		return func(sent string) string { return strings.Replace(sent, old, with, 1) }
	}
	for name, c := range map[string]struct {
		upload
		status int
		says   string
	}{
		"plain":      {upload{text: text, length: len(text)}, 200, ""},
		"trailed":    {upload{text: text, length: len(text), trailer: sum}, 200, ""},
		"empty":      {upload{}, 200, ""},
		"byte":       {upload{text: text, length: len(text), spoil: other("789012", "789112")}, 403, "<Code>SignatureDoesNotMatch</Code>"},
		"trailer":    {upload{text: text, length: len(text), trailer: sum, spoil: other(sum, "AAAAAA==")}, 403, "<Code>SignatureDoesNotMatch</Code>"},
		"checksum":   {upload{text: text, length: len(text), trailer: "AAAAAA=="}, 400, "<Code>BadDigest</Code>"},
		"cut":        {upload{text: text, length: len(text), spoil: func(sent string) string { return sent[:100_000] }}, 400, "<Code>IncompleteBody</Code>"},
		"longer":     {upload{text: text, length: len(text) - 1}, 400, "<Code>IncompleteBody</Code>"},
		"shorter":    {upload{text: text, length: len(text) + 1}, 400, "<Code>IncompleteBody</Code>"},
		"no-length":  {upload{text: text, length: -1}, 411, "<Code>MissingContentLength</Code>"},
		"left-out":   {upload{text: text, length: len(text), spoil: func(sent string) string { return sent[strings.LastIndex(sent, "\r\n0;")+2:] }}, 400, "<Code>IncompleteBody</Code>"},
		"no-sigs":    {upload{text: text, length: len(text), spoil: other(";chunk-signature=", ";x=")}, 403, "<Code>SignatureDoesNotMatch</Code>"},
		"wrong-case": {upload{text: text, length: len(text), spoil: other("0;chunk-signature=", "0;Chunk-Signature=")}, 403, "<Code>SignatureDoesNotMatch</Code>"},
	} {
		c.key = name
		status, body := s.put(t, root, c.upload)
		if status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d, %s", name, status, body)
		}
		got, err := s.s3(root).GetObject(ctx, &s3.GetObjectInput{Bucket: b, Key: &name})
		if c.status != 200 {
			refusedWith(t, name+", which was refused", err, "NoSuchKey")
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if kept := must[[]byte](t)(io.ReadAll(got.Body)); string(kept) != c.text || got.ContentEncoding != nil {
			t.Errorf("%s: %d bytes kept, encoding %v", name, len(kept), got.ContentEncoding)
		}
	}
	mustRun(t, iamd(t, "doctor", "--data", s.data))
}
