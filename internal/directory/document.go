package directory

import (
	"bytes"
	"compress/flate"
	"io"

	"github.com/fxamacker/cbor/v2"
)

// Document is a policy document, exactly as it was given.
//
// A long one is stored compressed, as bytes and not as text. It is nearly all
// white space, since what counts against AWS's quotas is at most 10,240 characters,
// and would otherwise be too large for a value of the store.
type Document string

// Size is the number of characters that count against a quota: all but white space.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func (d Document) Size() int {
	n := 0
	for _, c := range string(d) {
		switch c {
		case ' ', '\t', '\n', '\r': // the white space that a document may have
		default:
			n++
		}
	}
	return n
}

const longDocument = 16 << 10

// MarshalCBOR is for package cbor.
func (d Document) MarshalCBOR() ([]byte, error) {
	if len(d) < longDocument {
		return encoding.Marshal(string(d))
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, string(d)); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return encoding.Marshal(packed.Bytes())
}

// UnmarshalCBOR is for package cbor.
func (d *Document) UnmarshalCBOR(raw []byte) error {
	const text = 3 // a major type of CBOR, in the first three bits
	if raw[0]>>5 == text {
		return cbor.Unmarshal(raw, (*string)(d))
	}
	var packed []byte
	if err := cbor.Unmarshal(raw, &packed); err != nil {
		return err
	}
	plain, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	*d = Document(plain)
	return err
}
