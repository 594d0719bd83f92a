package directory

import (
	"iter"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// Upload is an object of S3 in the making, in parts.
type Upload struct {
	ID        string       `cbor:"1,keyasint"`
	Bucket    string       `cbor:"2,keyasint"`
	Key       string       `cbor:"3,keyasint"`
	Begun     Millis       `cbor:"4,keyasint"`
	Sealed    []byte       `cbor:"5,keyasint"` // the key of its files
	About     About        `cbor:"6,keyasint"`
	Algorithm string       `cbor:"7,keyasint,omitempty"` // of checksums, as asked for
	OfParts   bool         `cbor:"8,keyasint,omitempty"` // the object's checksum is that of the parts'
	Parts     []UploadPart `cbor:"9,keyasint"`           // by number
}

// UploadPart is one part.
type UploadPart struct {
	Number   int    `cbor:"1,keyasint"`
	File     string `cbor:"2,keyasint"`
	Size     int64  `cbor:"3,keyasint"`
	MD5      []byte `cbor:"4,keyasint"`
	Sum      []byte `cbor:"5,keyasint"`
	Modified Millis `cbor:"6,keyasint"`
}

// MostParts is how many parts an upload has: all of them are in its record.
const MostParts = 1000

func uploadKey(bucket, key, id string) string { return uploads + bucket + "/" + key + "\x00" + id }

// GetUpload returns an upload, or nil.
func GetUpload(r store.Reader, bucket, key, id string) (*Upload, error) {
	return get[Upload](r, uploadKey(bucket, key, id))
}

func (u *Upload) key() string { return uploadKey(u.Bucket, u.Key, u.ID) }

// SealKey seals the key of the upload's files.
func (u *Upload) SealKey(ring *seal.Keyring, key []byte) (err error) {
	u.Sealed, err = ring.Seal(key, u.key())
	return err
}

// FileKey is the key of the upload's files.
func (u *Upload) FileKey(ring *seal.Keyring) ([]byte, error) { return ring.Open(u.Sealed, u.key()) }

// PutUpload stores an upload.
func PutUpload(tx store.Tx, u *Upload) error { return put(tx, u.key(), u) }

// PutPart adds a part to an upload, in the place of the one that has its number.
func (u *Upload) PutPart(tx store.Tx, p UploadPart, now Millis) error {
	changed := *u
	changed.Parts = slices.Clone(u.Parts)
	at, found := slices.BinarySearchFunc(u.Parts, p.Number, func(p UploadPart, n int) int { return p.Number - n })
	change := p.Size
	if found {
		was := u.Parts[at]
		change -= was.Size
		if err := retireFiles(tx, []Piece{{File: was.File}}, now); err != nil {
			return err
		}
		changed.Parts[at] = p
	} else {
		changed.Parts = slices.Insert(changed.Parts, at, p)
	}
	if err := addBytes(tx, change); err != nil {
		return err
	}
	return PutUpload(tx, &changed)
}

// DeleteUpload removes an upload, whose files are to go but for those in kept.
func DeleteUpload(tx store.Tx, u *Upload, kept []Piece, now Millis) error {
	var gone []Piece
	var size int64
	for _, p := range u.Parts {
		size += p.Size
		if !slices.ContainsFunc(kept, func(k Piece) bool { return k.File == p.File }) {
			gone = append(gone, Piece{File: p.File})
		}
	}
	if err := retireFiles(tx, gone, now); err != nil {
		return err
	}
	if err := addBytes(tx, -size); err != nil {
		return err
	}
	return tx.Delete(u.key())
}

// ListUploads yields the uploads of a bucket by key and ID, from the first behind the one
// that UploadCursor stands for, of those whose keys begin with prefix.
func ListUploads(r store.Reader, bucket, prefix, after string) iter.Seq2[*Upload, error] {
	space := uploads + bucket + "/"
	from, to := space+prefix, store.PrefixEnd(space+prefix)
	if after > prefix {
		from = space + after + "\x00"
	}
	return func(yield func(*Upload, error) bool) {
		if from >= to {
			return
		}
		for pair, err := range r.Scan(from, to) {
			var u *Upload
			if err == nil {
				u, err = decode[Upload](pair.Key, pair.Value)
			}
			if !yield(u, err) || err != nil {
				return
			}
		}
	}
}

// UploadCursor is where ListUploads has got to with u.
func UploadCursor(u *Upload) string { return strings.TrimPrefix(u.key(), uploads+u.Bucket+"/") }

// OwnsFile reports whether an object, or the upload of one, has a file. Retired ones belong to nobody.
func OwnsFile(r store.Reader, bucket, key, upload, file string) (bool, error) {
	o, err := GetObject(r, bucket, key)
	if err != nil {
		return false, err
	}
	if o != nil && slices.ContainsFunc(o.Pieces, func(p Piece) bool { return p.File == file }) {
		return true, nil
	}
	if upload == "" {
		return false, nil
	}
	u, err := GetUpload(r, bucket, key, upload)
	if err != nil || u == nil {
		return false, err
	}
	return slices.ContainsFunc(u.Parts, func(p UploadPart) bool { return p.File == file }), nil
}
