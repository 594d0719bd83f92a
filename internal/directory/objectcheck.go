package directory

import (
	"fmt"
	"strings"

	"github.com/iamd-project/iamd/internal/store"
)

// addObjects adds the checks of buckets and objects. Whether their files are there, package
// objects checks.
func addObjects(c *checker, spaces map[string]spaceCheck) {
	c.counted = append(c.counted, Buckets)
	spaces[buckets], spaces[bucketsOf] = c.bucket, c.bucketOf
	spaces[objects], spaces[uploads] = c.object, c.upload
	spaces[objectBytes[:strings.IndexByte(objectBytes, '/')+1]] = c.objectBytes
	spaces[objectsGone] = func(key string, value []byte) error {
		_, err := decode[[]string](key, value)
		return err
	}
}

func (c *checker) bucket(key string, value []byte) error {
	b, err := decode[Bucket](key, value)
	if err != nil {
		return err
	}
	if bucketKey(b.Name) != key {
		c.problem("%s: holds bucket %s", key, b.Name)
	}
	name, _, err := c.r.Get(b.ofKey())
	if err == nil && string(name) != b.Name {
		c.problem("%s: index %s leads to %q", key, b.ofKey(), name)
	}
	if err != nil {
		return err
	}
	a, err := GetAccount(c.r, b.Account)
	if err == nil && a == nil {
		c.problem("%s: account %s does not exist", key, b.Account)
	}
	return err
}

func (c *checker) bucketOf(key string, value []byte) error {
	b, err := GetBucket(c.r, string(value))
	if err == nil && (b == nil || b.ofKey() != key) {
		c.problem("%s: leads to %q, which is no such bucket", key, value)
	}
	return err
}

func (c *checker) inBucket(key, bucket string) error {
	b, err := GetBucket(c.r, bucket)
	if err == nil && b == nil {
		c.problem("%s: its bucket does not exist", key)
	}
	return err
}

func (c *checker) object(key string, value []byte) error {
	o, err := decode[Object](key, value)
	if err != nil {
		return err
	}
	if objectKey(o.Bucket, o.Key) != key {
		c.problem("%s: holds object %s of %s", key, o.Key, o.Bucket)
	}
	var size int64
	for _, p := range o.Pieces {
		size += p.Size
	}
	if size != o.Size {
		c.problem("%s: has %d bytes in pieces of %d", key, o.Size, size)
	}
	if _, err := o.FileKey(c.ring); err != nil {
		c.problem("%s: the key of its files cannot be opened", key)
	}
	return c.inBucket(key, o.Bucket)
}

func (c *checker) upload(key string, value []byte) error {
	u, err := decode[Upload](key, value)
	if err != nil {
		return err
	}
	if u.key() != key {
		c.problem("%s: holds upload %s of %s in %s", key, u.ID, u.Key, u.Bucket)
	}
	if _, err := u.FileKey(c.ring); err != nil {
		c.problem("%s: the key of its files cannot be opened", key)
	}
	return c.inBucket(key, u.Bucket)
}

// objectBytes counts again.
func (c *checker) objectBytes(key string, _ []byte) error {
	var found int64
	for pair, err := range c.r.Scan(objects, store.PrefixEnd(objects)) {
		if err != nil {
			return err
		}
		o, err := decode[Object](pair.Key, pair.Value)
		if err != nil {
			return nil // a problem of that key
		}
		found += o.Size
	}
	for pair, err := range c.r.Scan(uploads, store.PrefixEnd(uploads)) {
		if err != nil {
			return err
		}
		u, err := decode[Upload](pair.Key, pair.Value)
		if err != nil {
			return nil
		}
		for _, p := range u.Parts {
			found += p.Size
		}
	}
	stored, err := StoredBytes(c.r)
	if err == nil && stored != found {
		err = fmt.Errorf("counts %d bytes where there are %d", stored, found)
	}
	return err
}

// CheckFiles adds to a report the files of objects and uploads that are not there.
func CheckFiles(r store.Reader, report *Report, has func(file string) bool) error {
	c := &checker{r: r, report: report}
	for pair, err := range r.Scan(objects, store.PrefixEnd(objects)) {
		if err != nil {
			return err
		}
		if o, err := decode[Object](pair.Key, pair.Value); err == nil { // or else it is reported already
			for _, p := range o.Pieces {
				if !has(p.File) {
					c.problem("%s: its file %s is missing", pair.Key, p.File)
				}
			}
		}
	}
	for pair, err := range r.Scan(uploads, store.PrefixEnd(uploads)) {
		if err != nil {
			return err
		}
		if u, err := decode[Upload](pair.Key, pair.Value); err == nil {
			for _, p := range u.Parts {
				if !has(p.File) {
					c.problem("%s: its file %s is missing", pair.Key, p.File)
				}
			}
		}
	}
	return nil
}
