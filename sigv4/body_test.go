package sigv4_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/iamd-project/iamd/sigv4"
)

func TestBody(t *testing.T) {
	hash := sigv4.HashPayload([]byte("hello"))
	for name, c := range map[string]struct {
		payload       sigv4.PayloadHash
		sent          string
		want, trailer string
		err           error
	}{
		"signed":            {hash, "hello", "hello", "", nil},
		"another body":      {hash, "hallo", "hallo", "", sigv4.ErrPayload},
		"a longer body":     {hash, "hello!", "hello!", "", sigv4.ErrPayload},
		"unsigned":          {sigv4.UnsignedPayload, "hello", "hello", "", nil},
		"chunks":            {sigv4.StreamingUnsignedTrailer, "3\r\nhel\r\n2\r\nlo\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", "hello", "NhCmhg==", nil},
		"no trailer":        {sigv4.StreamingUnsignedTrailer, "5\r\nhello\r\n0\r\n\r\n", "hello", "", nil},
		"no last line":      {sigv4.StreamingUnsignedTrailer, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n", "hello", "NhCmhg==", nil},
		"nothing in chunks": {sigv4.StreamingUnsignedTrailer, "0\r\n\r\n", "", "", nil},
		"an extension":      {sigv4.StreamingUnsignedTrailer, "5;a=b\r\nhello\r\n0\r\n\r\n", "hello", "", nil},
		"ends in a chunk":   {sigv4.StreamingUnsignedTrailer, "5\r\nhel", "hel", "", sigv4.ErrChunks},
		"ends behind one":   {sigv4.StreamingUnsignedTrailer, "5\r\nhello\r\n", "hello", "", sigv4.ErrChunks},
		"no chunks":         {sigv4.StreamingUnsignedTrailer, "", "", "", sigv4.ErrChunks},
		"longer than said":  {sigv4.StreamingUnsignedTrailer, "3\r\nhello\r\n0\r\n\r\n", "hel", "", sigv4.ErrChunks},
		"no length":         {sigv4.StreamingUnsignedTrailer, "x\r\nhello", "", "", sigv4.ErrChunks},
		"an empty length":   {sigv4.StreamingUnsignedTrailer, "\r\nhello", "", "", sigv4.ErrChunks},
		"a signed length":   {sigv4.StreamingUnsignedTrailer, "+5\r\nhello\r\n0\r\n\r\n", "", "", sigv4.ErrChunks},
		"a huge length":     {sigv4.StreamingUnsignedTrailer, "fffffffffffffffff\r\n", "", "", sigv4.ErrChunks},
		"more behind":       {sigv4.StreamingUnsignedTrailer, "0\r\n\r\nGET /", "", "", sigv4.ErrChunks},
		"a bare newline":    {sigv4.StreamingUnsignedTrailer, "5\nhello\n0\n\n", "", "", sigv4.ErrChunks},
	} {
		for way, r := range map[string]io.Reader{
			"at once": strings.NewReader(c.sent), "byte by byte": iotest.OneByteReader(strings.NewReader(c.sent)),
		} {
			b := sigv4.NewBody(r, c.payload)
			got, err := io.ReadAll(b)
			if string(got) != c.want || !errors.Is(err, c.err) || b.Trailer("x-amz-checksum-crc32") != c.trailer {
				t.Errorf("%s, %s: %q, %v, trailer %q", name, way, got, err, b.Trailer("x-amz-checksum-crc32"))
			}
		}
	}
}

// Whatever is sent, a body is read to an end, and never longer than what was sent.
func FuzzBody(f *testing.F) {
	f.Add("3\r\nhel\r\n2\r\nlo\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n")
	f.Add("5;chunk-signature=0\r\nhello\r\n0\r\n")
	f.Fuzz(func(t *testing.T, sent string) {
		b := sigv4.NewBody(strings.NewReader(sent), sigv4.StreamingUnsignedTrailer)
		got, err := io.ReadAll(b)
		if len(got) > len(sent) || err != nil && !errors.Is(err, sigv4.ErrChunks) {
			t.Errorf("%q: %d bytes, %v", sent, len(got), err)
		}
		again := sigv4.NewBody(iotest.OneByteReader(strings.NewReader(sent)), sigv4.StreamingUnsignedTrailer)
		if slow, err2 := io.ReadAll(again); string(slow) != string(got) || (err == nil) != (err2 == nil) {
			t.Errorf("%q: %q and %v at once, %q and %v byte by byte", sent, got, err, slow, err2)
		}
	})
}
