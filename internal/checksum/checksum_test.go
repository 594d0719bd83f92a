package checksum_test

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/checksum"
)

// The check values of the catalogue of CRCs, and of the SHA standards.
func TestAlgorithms(t *testing.T) {
	for a, want := range map[checksum.Algorithm]string{
		"CRC32": "cbf43926", "CRC32C": "e3069283", "CRC64NVME": "ae8b14860a799888",
		"SHA1": "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
	} {
		h := a.New()
		io.WriteString(h, "123456789")
		if got := hexOf(h.Sum(nil)); got != want {
			t.Errorf("%s: %s, want %s", a, got, want)
		}
	}
}

func hexOf(b []byte) string {
	const digits = "0123456789abcdef"
	var s strings.Builder
	for _, c := range b {
		s.WriteByte(digits[c>>4])
		s.WriteByte(digits[c&15])
	}
	return s.String()
}

// The checksum of a whole is the one of its parts put together.
func TestWhole(t *testing.T) {
	text := strings.Repeat("the quick brown fox ", 1000)
	for _, a := range []checksum.Algorithm{"CRC32", "CRC32C", "CRC64NVME"} {
		whole := a.New()
		io.WriteString(whole, text)
		var parts []checksum.Part
		for _, cut := range [][2]int{{0, 1}, {1, 4096}, {4096, 4096}, {4096, len(text)}} {
			h := a.New()
			io.WriteString(h, text[cut[0]:cut[1]])
			parts = append(parts, checksum.Part{Sum: h.Sum(nil), Size: int64(cut[1] - cut[0])})
		}
		if got, want := hexOf(a.Whole(parts)), hexOf(whole.Sum(nil)); got != want {
			t.Errorf("%s: %s, want %s", a, got, want)
		}
	}
}

func TestReader(t *testing.T) {
	const crc, md5 = "NhCmhg==", "XUFAKrxLKna5cZ2REBfFkg==" // of hello
	none := base64.StdEncoding.EncodeToString(make([]byte, 4))
	for name, c := range map[string]struct {
		header  http.Header
		trailer string
		made    bool
		err     error
	}{
		"nothing":        {http.Header{}, "", true, nil},
		"both":           {http.Header{"Content-Md5": {md5}, "X-Amz-Checksum-Crc32": {crc}}, "", true, nil},
		"another MD5":    {http.Header{"Content-Md5": {"rL0Y20zC+Fzt72VPzMSk2A=="}}, "", true, checksum.ErrMD5},
		"no MD5":         {http.Header{"Content-Md5": {"hello"}}, "", false, checksum.ErrMD5Invalid},
		"another CRC":    {http.Header{"X-Amz-Checksum-Crc32": {none}}, "", true, checksum.ErrSum},
		"no CRC":         {http.Header{"X-Amz-Checksum-Crc32": {"abc"}}, "", false, checksum.ErrInvalid},
		"two":            {http.Header{"X-Amz-Checksum-Crc32": {crc}, "X-Amz-Checksum-Sha1": {crc}}, "", false, checksum.ErrInvalid},
		"behind":         {http.Header{"X-Amz-Trailer": {"x-amz-checksum-crc32"}}, crc, true, nil},
		"another behind": {http.Header{"X-Amz-Trailer": {"x-amz-checksum-crc32"}}, none, true, checksum.ErrSum},
		"none behind":    {http.Header{"X-Amz-Trailer": {"x-amz-checksum-crc32"}}, "", true, checksum.ErrInvalid},
	} {
		r, err := checksum.NewReader(io.NopCloser(strings.NewReader("hello")), c.header, func(string) string { return c.trailer })
		if (err == nil) != c.made {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			_, err = io.ReadAll(r)
		}
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", name, err, c.err)
		}
	}
	_, err := checksum.NewReader(nil, http.Header{"X-Amz-Checksum-Xxhash64": {"x"}}, nil)
	if u, ok := errors.AsType[*checksum.Unknown](err); !ok || u.Algorithm != "XXHASH64" {
		t.Errorf("an algorithm that is not known: %v", err)
	}
}
