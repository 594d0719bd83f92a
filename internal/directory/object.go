package directory

import (
	"iter"

	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// Object is an object of S3. Its bytes are in files beside the store (package objects),
// sealed with a key of its own.
type Object struct {
	Bucket   string  `cbor:"1,keyasint"`
	Key      string  `cbor:"2,keyasint"`
	Size     int64   `cbor:"3,keyasint"`
	ETag     string  `cbor:"4,keyasint"` // without quotes
	Modified Millis  `cbor:"5,keyasint"`
	Sealed   []byte  `cbor:"6,keyasint"` // the key of its files
	Pieces   []Piece `cbor:"7,keyasint"` // which make it up, in order
	About    About   `cbor:"8,keyasint"`
	Sum      Sum     `cbor:"9,keyasint"`
	Parts    int     `cbor:"10,keyasint,omitempty"` // that it was uploaded in; 0 for none
}

// Piece is a file with some of an object's bytes.
type Piece struct {
	File string `cbor:"1,keyasint"` // its ID
	Size int64  `cbor:"2,keyasint"`
}

// About is what clients say of an object when they make it.
type About struct {
	Headers  map[string]string `cbor:"1,keyasint,omitempty"` // of HTTP, and of S3
	Metadata map[string]string `cbor:"2,keyasint,omitempty"` // their own
}

// Sum is a checksum of an object, as S3 has it.
type Sum struct {
	Algorithm string `cbor:"1,keyasint"`
	Value     string `cbor:"2,keyasint"` // in base64, with the number of parts behind it if it is theirs
	OfParts   bool   `cbor:"3,keyasint,omitempty"`
}

// ARN names the object.
func (o *Object) ARN() string { return BucketARN(o.Bucket) + "/" + o.Key }

func objectKey(bucket, key string) string { return objects + bucket + "/" + key }

// GetObject returns an object, or nil.
func GetObject(r store.Reader, bucket, key string) (*Object, error) {
	return get[Object](r, objectKey(bucket, key))
}

// SealKey seals the key of the object's files.
func (o *Object) SealKey(ring *seal.Keyring, key []byte) (err error) {
	o.Sealed, err = ring.Seal(key, objectKey(o.Bucket, o.Key))
	return err
}

// FileKey is the key of the object's files.
func (o *Object) FileKey(ring *seal.Keyring) ([]byte, error) {
	return ring.Open(o.Sealed, objectKey(o.Bucket, o.Key))
}

// PutObject stores an object in the place of the one that was there, whose files are to go.
func PutObject(tx store.Tx, o *Object, now Millis) error {
	was, err := GetObject(tx, o.Bucket, o.Key)
	if err != nil {
		return err
	}
	change := o.Size
	if was != nil {
		change -= was.Size
		if err := retireFiles(tx, was.Pieces, now); err != nil {
			return err
		}
	}
	if err := addBytes(tx, change); err != nil {
		return err
	}
	return put(tx, objectKey(o.Bucket, o.Key), o)
}

// DeleteObjects removes objects of one bucket, at most MostDeleted at a time; those that
// there are not are no error.
func DeleteObjects(tx store.Tx, bucket string, keys []string, now Millis) error {
	var pieces []Piece
	var size int64
	for _, key := range keys {
		o, err := GetObject(tx, bucket, key)
		if err != nil {
			return err
		}
		if o == nil {
			continue
		}
		pieces, size = append(pieces, o.Pieces...), size+o.Size
		if err := tx.Delete(objectKey(bucket, key)); err != nil {
			return err
		}
	}
	if pieces == nil {
		return nil
	}
	if err := addBytes(tx, -size); err != nil {
		return err
	}
	return retireFiles(tx, pieces, now)
}

// MostDeleted is how many objects one transaction deletes: see store.MaxWrites.
const MostDeleted = 50

// ListObjects yields the objects of a bucket by key, from the first that is not before
// from, of those whose keys begin with prefix.
func ListObjects(r store.Reader, bucket, prefix, from string) iter.Seq2[*Object, error] {
	begin, end := objectKey(bucket, prefix), store.PrefixEnd(objectKey(bucket, prefix))
	if from > prefix {
		begin = objectKey(bucket, from)
	}
	return func(yield func(*Object, error) bool) {
		if begin >= end {
			return
		}
		for pair, err := range r.Scan(begin, end) {
			var o *Object
			if err == nil {
				o, err = decode[Object](pair.Key, pair.Value)
			}
			if !yield(o, err) || err != nil {
				return
			}
		}
	}
}

// StoredBytes is how many bytes objects and parts of uploads have, of all accounts.
func StoredBytes(r store.Reader) (int64, error) {
	n, err := get[int64](r, objectBytes)
	if err != nil || n == nil {
		return 0, err
	}
	return *n, nil
}

func addBytes(tx store.Tx, add int64) error {
	was, err := StoredBytes(tx)
	if err != nil || add == 0 {
		return err
	}
	if was+add == 0 {
		return tx.Delete(objectBytes)
	}
	return put(tx, objectBytes, was+add)
}

// retireFiles leaves files to be removed when nobody can be reading them any more.
func retireFiles(tx store.Tx, pieces []Piece, now Millis) error {
	if len(pieces) == 0 {
		return nil
	}
	names := make([]string, len(pieces))
	for i, p := range pieces {
		names[i] = p.File
	}
	return put(tx, objectsGone+TimeKey(now)+"/"+names[0], names)
}

// RetiredFiles yields the files that were retired before a time, with the key to give to
// ForgetRetired when they are removed.
func RetiredFiles(r store.Reader, before Millis) iter.Seq2[string, []string] {
	return func(yield func(string, []string) bool) {
		for pair, err := range r.Scan(objectsGone, objectsGone+TimeKey(before)) {
			if err != nil {
				return
			}
			names, err := decode[[]string](pair.Key, pair.Value)
			if err != nil || !yield(pair.Key, *names) {
				return
			}
		}
	}
}

// ForgetRetired is told that retired files have been removed.
func ForgetRetired(tx store.Tx, key string) error { return tx.Delete(key) }
