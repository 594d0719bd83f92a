package directory

import (
	"iter"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// Bucket is a bucket of S3. Its name is nobody else's, in any account.
type Bucket struct {
	Name    string      `cbor:"1,keyasint"`
	Account ids.Account `cbor:"2,keyasint"`
	Region  string      `cbor:"3,keyasint"`
	Created Millis      `cbor:"4,keyasint"`
	Policy  Document    `cbor:"5,keyasint,omitempty"`
	// Configs are what the service has been told of it, by the operations' names for it.
	Configs map[string]string `cbor:"6,keyasint,omitempty"`
	Tags    []Tag             `cbor:"7,keyasint,omitempty"`
}

// ARN names the bucket.
func (b *Bucket) ARN() string { return BucketARN(b.Name) }

// BucketARN names a bucket; an object's goes on with a slash and its key.
func BucketARN(name string) string { return "arn:aws:s3:::" + name }

func bucketKey(name string) string { return buckets + name }

func (b *Bucket) ofKey() string { return bucketsOf + string(b.Account) + "/" + b.Name }

// GetBucket returns the bucket of that name, or nil.
func GetBucket(r store.Reader, name string) (*Bucket, error) { return get[Bucket](r, bucketKey(name)) }

// CreateBucket stores a new bucket.
func CreateBucket(tx store.Tx, b *Bucket) error {
	if err := tx.Put(b.ofKey(), []byte(b.Name)); err != nil {
		return err
	}
	if err := addCount(tx, b.Account, Buckets, 1); err != nil {
		return err
	}
	return PutBucket(tx, b)
}

// PutBucket stores a bucket that there is already.
func PutBucket(tx store.Tx, b *Bucket) error { return put(tx, bucketKey(b.Name), b) }

// DeleteBucket removes a bucket, which must be empty.
func DeleteBucket(tx store.Tx, b *Bucket) error {
	for _, key := range []string{bucketKey(b.Name), b.ofKey()} {
		if err := tx.Delete(key); err != nil {
			return err
		}
	}
	return addCount(tx, b.Account, Buckets, -1)
}

// BucketEmpty reports whether there is neither an object nor an upload in the bucket.
func BucketEmpty(r store.Reader, name string) (bool, error) {
	for _, space := range []string{objects, uploads} {
		from := space + name + "/"
		for _, err := range r.Scan(from, store.PrefixEnd(from)) {
			return false, err
		}
	}
	return true, nil
}

// ListBuckets yields the account's buckets by name, from the first behind after.
func ListBuckets(r store.Reader, a ids.Account, after string) iter.Seq2[*Bucket, error] {
	from := bucketsOf + string(a) + "/"
	to := store.PrefixEnd(from)
	if after != "" {
		from += after + "\x00"
	}
	return func(yield func(*Bucket, error) bool) {
		for pair, err := range r.Scan(from, to) {
			var b *Bucket
			if err == nil {
				b, err = GetBucket(r, string(pair.Value))
			}
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}
