package sigv4_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/iamd-project/iamd/sigv4"
)

// The examples that AWS publishes: 66,560 bytes in chunks of 64 KiB.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
const exampleSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

var exampleTime = time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)

type example struct {
	payload       sigv4.PayloadHash
	signed, seed  string // headers, signature
	first, second string // signatures of chunks
	last          string
	trailer       string // the trailer as it is sent
}

var (
	plainExample = example{
		payload: sigv4.StreamingPayload,
		signed:  "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
		seed:    "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
		first:   "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
		second:  "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
		last:    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
		trailer: "\r\n",
	}
	trailedExample = example{
		payload: sigv4.StreamingPayloadTrailer,
		signed:  "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer",
		seed:    "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
		first:   "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
		second:  "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
		last:    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
		trailer: "x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n",
	}
)

// sent is the body as the example sends it.
func (e *example) sent() string {
	a := strings.Repeat("a", 66560)
	return "10000;chunk-signature=" + e.first + "\r\n" + a[:65536] + "\r\n" +
		"400;chunk-signature=" + e.second + "\r\n" + a[65536:] + "\r\n" +
		"0;chunk-signature=" + e.last + "\r\n" + e.trailer
}

// body is a reader of a body behind the example's headers, whose signature is verified.
func (e *example) body(t testing.TB, sent io.Reader) *sigv4.Body {
	t.Helper()
	r, err := http.NewRequest(http.MethodPut, "https://s3.amazonaws.com/examplebucket/chunkObject.txt", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{
		"X-Amz-Date": {"20130524T000000Z"}, "X-Amz-Storage-Class": {"REDUCED_REDUNDANCY"}, "Content-Encoding": {"aws-chunked"},
		"X-Amz-Decoded-Content-Length": {"66560"}, "X-Amz-Content-Sha256": {string(e.payload)},
		"Authorization": {"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=" + e.signed + ",Signature=" + e.seed},
	}
	r.ContentLength = 66824
	if e.payload == sigv4.StreamingPayloadTrailer {
		r.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32c")
	}
	claim, err := sigv4.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	rules := sigv4.Verifier{Service: "s3", S3: true, Payloads: sigv4.AllowStreaming | sigv4.AllowStreamingTrailer}
	key := sigv4.DeriveKey(exampleSecret, claim.Scope)
	if err := rules.Verify(&claim, key, claim.Payload, exampleTime); err != nil {
		t.Fatal(err)
	}
	b := sigv4.NewBody(sent, e.payload)
	b.SignedBy(&claim, key)
	b.Expect(66560)
	return b
}

func TestSignedChunks(t *testing.T) {
	for _, e := range []example{plainExample, trailedExample} {
		for way, r := range map[string]io.Reader{
			"at once": strings.NewReader(e.sent()), "byte by byte": iotest.OneByteReader(strings.NewReader(e.sent())),
		} {
			b := e.body(t, r)
			got, err := io.ReadAll(b)
			if err != nil || string(got) != strings.Repeat("a", 66560) {
				t.Errorf("%s, %s: %d bytes, %v", e.payload, way, len(got), err)
			}
			if sum := b.Trailer("x-amz-checksum-crc32c"); sum != "" != (e.payload == sigv4.StreamingPayloadTrailer) {
				t.Errorf("%s: trailer %q", e.payload, sum)
			}
		}
	}
}

// What is not as it was signed has an error at its end, whatever it is.
func TestSignedChunksRefused(t *testing.T) {
	plain, trailed := plainExample.sent(), trailedExample.sent()
	for name, c := range map[string]struct {
		e    example
		sent string
		err  error
	}{
		"another byte":          {plainExample, strings.Replace(plain, "aaaa", "aaba", 1), sigv4.ErrChunkSignature},
		"another signature":     {plainExample, strings.Replace(plain, plainExample.first, plainExample.second, 1), sigv4.ErrChunkSignature},
		"in capitals":           {plainExample, strings.Replace(plain, plainExample.first, strings.ToUpper(plainExample.first), 1), sigv4.ErrChunkSignature},
		"another last chunk's":  {plainExample, strings.Replace(plain, plainExample.last, plainExample.second, 1), sigv4.ErrChunkSignature},
		"no signature":          {plainExample, strings.Replace(plain, ";chunk-signature="+plainExample.first, "", 1), sigv4.ErrChunkSignature},
		"no last chunk":         {plainExample, plain[:strings.LastIndex(plain, "0;")], sigv4.ErrChunks},
		"a chunk left out":      {plainExample, plain[:strings.Index(plain, "400;")] + "0;chunk-signature=" + plainExample.last + "\r\n\r\n", sigv4.ErrChunks},
		"another trailer":       {trailedExample, strings.Replace(trailed, "sOO8/Q==", "sOO8/g==", 1), sigv4.ErrChunkSignature},
		"a field more":          {trailedExample, strings.Replace(trailed, "x-amz-checksum", "x-amz-b:c\r\nx-amz-checksum", 1), sigv4.ErrChunkSignature},
		"no trailer":            {trailedExample, trailed[:strings.Index(trailed, "x-amz-checksum")] + "\r\n", sigv4.ErrChunkSignature},
		"an unsigned trailer":   {trailedExample, trailed[:strings.Index(trailed, "x-amz-trailer-signature")] + "\r\n", sigv4.ErrChunkSignature},
		"the other kind's":      {trailedExample, plain, sigv4.ErrChunkSignature},
		"more behind the end":   {plainExample, plain + "x", sigv4.ErrChunks},
		"longer than was said":  {plainExample, strings.Replace(plain, "10000;", "fffff;", 1), sigv4.ErrChunks},
		"shorter than was said": {plainExample, "0;chunk-signature=" + plainExample.last + "\r\n\r\n", sigv4.ErrChunks},
	} {
		b := c.e.body(t, strings.NewReader(c.sent))
		got, err := io.ReadAll(b)
		if !errors.Is(err, c.err) || len(got) > 66560 {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
		if n, again := b.Read(make([]byte, 1)); n != 0 || again == nil || errors.Is(again, io.EOF) {
			t.Errorf("%s: read again: %d, %v", name, n, again)
		}
	}
}

// Chunks that are signed are not read for who has not verified anything.
func TestSignedChunksUnverified(t *testing.T) {
	b := sigv4.NewBody(strings.NewReader(plainExample.sent()), sigv4.StreamingPayload)
	if got, err := io.ReadAll(b); len(got) > 0 || !errors.Is(err, sigv4.ErrChunkSignature) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// Nothing but what was signed is ever read to an end without an error.
func FuzzSignedChunks(f *testing.F) {
	for _, e := range []example{plainExample, trailedExample} {
		f.Add(e.sent(), e.payload == sigv4.StreamingPayloadTrailer)
	}
	f.Fuzz(func(t *testing.T, sent string, trailer bool) {
		e := plainExample
		if trailer {
			e = trailedExample
		}
		got, err := io.ReadAll(e.body(t, strings.NewReader(sent)))
		if len(got) > len(sent) || err == nil && string(got) != strings.Repeat("a", 66560) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
}
