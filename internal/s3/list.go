package s3

import (
	"context"
	"net/url"
	"strings"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/s3"
	kv "github.com/iamd-project/iamd/internal/store"
)

func listOperations() []op.Operation {
	return []op.Operation{
		op.Read("ListObjectsV2", needListObjectsV2, listObjectsV2),
		op.Read("ListObjects", needListObjects, listObjects),
	}
}

// mostListed is the most objects in one page.
const mostListed = 1000

// listing is one page of a bucket's objects.
type listing struct {
	bucket, prefix, delimiter string
	from                      string // the first key that may be in it
	limit                     int
	encode                    func(string) *string // as the request wants names

	objects  []*directory.Object
	prefixes []string // common ones
	last     string   // the last key or common prefix in it
	next     string   // where the next page begins; "" on the last
}

// newListing reads what both forms of a request ask alike.
func newListing(bucket string, prefix, delimiter, encoding *string, most *int32) (*listing, error) {
	l := &listing{bucket: bucket, prefix: value(prefix), delimiter: value(delimiter)}
	var err error
	if l.limit, err = limitOf(most, "max-keys"); err != nil {
		return nil, err
	}
	l.encode, err = encoder(encoding)
	return l, err
}

// run fills the page. What begins with a common prefix is not looked at.
func (l *listing) run(c *op.Call) error {
	for again := true; again; {
		again = false
		for o, err := range directory.ListObjects(c.Snap, l.bucket, l.prefix, l.from) {
			if err != nil {
				return err
			}
			if len(l.objects)+len(l.prefixes) == l.limit {
				l.next = o.Key
				return nil
			}
			if common := l.common(o.Key); common != "" {
				l.prefixes, l.last = append(l.prefixes, common), common
				l.from, again = kv.PrefixEnd(common), true
				break
			}
			l.objects, l.last = append(l.objects, o), o.Key
		}
	}
	return nil
}

// common is the key up to the delimiter behind the prefix; "" without one.
func (l *listing) common(key string) string {
	if l.delimiter == "" {
		return ""
	}
	at := strings.Index(key[len(l.prefix):], l.delimiter)
	if at < 0 {
		return ""
	}
	return key[:len(l.prefix)+at+len(l.delimiter)]
}

// limitOf is how many a request wants, at most as many as there may be.
func limitOf(want *int32, name string) (int, error) {
	if want == nil {
		return mostListed, nil
	}
	if *want < 0 {
		return 0, invalidArgument(name, itoa(int(*want)), "Argument "+name+" must be an integer between 0 and 2147483647")
	}
	return min(int(*want), mostListed), nil
}

// encoder writes names as a request wants them: so that XML can hold any.
func encoder(kind *string) (func(string) *string, error) {
	switch value(kind) {
	case "":
		return func(s string) *string { return &s }, nil
	case "url":
		return func(s string) *string { return new(strings.ReplaceAll(url.PathEscape(s), "%2F", "/")) }, nil
	}
	return nil, invalidArgument("encoding-type", *kind, "Invalid Encoding Method specified in Request")
}

// encodedOr is nil for nil.
func encodedOr(encode func(string) *string, s *string) *string {
	if s == nil {
		return nil
	}
	return encode(*s)
}

// more reports whether there is another page.
func (l *listing) more() bool { return l.next != "" && l.limit > 0 }

func (l *listing) contents(who *shape.Owner) (list []shape.Object, common []shape.CommonPrefix) {
	for _, o := range l.objects {
		class := o.About.Headers["x-amz-storage-class"]
		if class == "" {
			class = shape.ObjectStorageClassStandard
		}
		list = append(list, shape.Object{
			Key: l.encode(o.Key), Size: &o.Size, ETag: new(quoted(o.ETag)), LastModified: new(o.Modified.Time()), StorageClass: &class,
			ChecksumAlgorithm: []string{o.Sum.Algorithm}, ChecksumType: new(sumType(o.Sum)), Owner: who,
		})
	}
	for _, p := range l.prefixes {
		common = append(common, shape.CommonPrefix{Prefix: l.encode(p)})
	}
	return list, common
}

func listKeys(prefix, delimiter *string, most *int32) keys {
	k := keys{}.text("s3:prefix", prefix).text("s3:delimiter", delimiter)
	if prefix == nil { // as AWS has it, so that a policy can ask for ""
		k["s3:prefix"] = []string{""}
	}
	if most != nil {
		k["s3:max-keys"] = []string{itoa(int(*most))}
	}
	return k
}

func needListObjectsV2(c *op.Call, in *shape.ListObjectsV2Request) ([]op.Need, error) {
	return needBucket(c, "ListBucket", in.Bucket, in.ExpectedBucketOwner, listKeys(in.Prefix, in.Delimiter, in.MaxKeys))
}

func listObjectsV2(_ context.Context, c *op.Call, in *shape.ListObjectsV2Request) (*shape.ListObjectsV2Output, error) {
	l, err := newListing(in.Bucket, in.Prefix, in.Delimiter, in.EncodingType, in.MaxKeys)
	if err != nil {
		return nil, err
	}
	from, ok := op.Cursor(in.ContinuationToken)
	switch {
	case !ok:
		return nil, invalidArgument("continuation-token", *in.ContinuationToken, "The continuation token provided is incorrect")
	case in.ContinuationToken != nil:
		l.from = from
	case value(in.StartAfter) != "":
		l.from = *in.StartAfter + "\x00"
	}
	if err := l.run(c); err != nil {
		return nil, err
	}
	out := &shape.ListObjectsV2Output{
		Name: &in.Bucket, Prefix: l.encode(l.prefix), Delimiter: encodedOr(l.encode, in.Delimiter), StartAfter: encodedOr(l.encode, in.StartAfter),
		MaxKeys: new(int32(l.limit)), KeyCount: new(int32(len(l.objects) + len(l.prefixes))), IsTruncated: new(l.more()),
		ContinuationToken: in.ContinuationToken, EncodingType: in.EncodingType,
	}
	if l.more() {
		out.NextContinuationToken = op.Token(l.next)
	}
	var who *shape.Owner
	if isTrue(in.FetchOwner) {
		who = owner(string(found(c).Account))
	}
	out.Contents, out.CommonPrefixes = l.contents(who)
	return out, nil
}

func needListObjects(c *op.Call, in *shape.ListObjectsRequest) ([]op.Need, error) {
	return needBucket(c, "ListBucket", in.Bucket, in.ExpectedBucketOwner, listKeys(in.Prefix, in.Delimiter, in.MaxKeys))
}

// listObjects is the older form, which goes on behind a key or a common prefix.
func listObjects(_ context.Context, c *op.Call, in *shape.ListObjectsRequest) (*shape.ListObjectsOutput, error) {
	l, err := newListing(in.Bucket, in.Prefix, in.Delimiter, in.EncodingType, in.MaxKeys)
	if err != nil {
		return nil, err
	}
	if marker := value(in.Marker); marker != "" {
		l.from = marker + "\x00"
		if strings.HasPrefix(marker, l.prefix) && l.common(marker) == marker {
			l.from = kv.PrefixEnd(marker)
		}
	}
	if err := l.run(c); err != nil {
		return nil, err
	}
	out := &shape.ListObjectsOutput{
		Name: &in.Bucket, Prefix: l.encode(l.prefix), Delimiter: encodedOr(l.encode, in.Delimiter), Marker: l.encode(value(in.Marker)),
		MaxKeys: new(int32(l.limit)), IsTruncated: new(l.more()), EncodingType: in.EncodingType,
	}
	if l.more() && l.delimiter != "" {
		out.NextMarker = l.encode(l.last)
	}
	out.Contents, out.CommonPrefixes = l.contents(owner(string(found(c).Account)))
	return out, nil
}
