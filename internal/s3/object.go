package s3

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/checksum"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/objects"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/s3"
)

func (s *service) objectOperations() []op.Operation {
	return []op.Operation{
		op.Write("PutObject", needPutObject, s.putObject),
		op.Write("CopyObject", needCopyObject, s.copyObject),
		op.Read("GetObject", needGetObject, s.getObject),
		op.Read("HeadObject", needHeadObject, headObject),
	}
}

// keptHeaders are what clients say of an object and get back.
var keptHeaders = []string{
	"cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires",
	encryptionHeader, kmsKeyHeader, bucketKeyHeader, "x-amz-storage-class", "x-amz-website-redirect-location",
}

const (
	encryptionHeader = "x-amz-server-side-encryption"
	kmsKeyHeader     = "x-amz-server-side-encryption-aws-kms-key-id"
	bucketKeyHeader  = "x-amz-server-side-encryption-bucket-key-enabled"
)

// notBuilt are headers that ask for what is not built.
var notBuilt = []string{
	"x-amz-server-side-encryption-customer-algorithm", "x-amz-object-lock-mode", "x-amz-object-lock-legal-hold", "x-amz-tagging",
	"x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp", "x-amz-grant-write-acp", "x-amz-write-offset-bytes",
}

// about is what a request says of the object that it makes.
func about(b *directory.Bucket, in any, acl *string, metadata map[string]string) (directory.About, error) {
	if err := onlyPrivate(acl); err != nil {
		return directory.About{}, err
	}
	for name := range headersOf(in, notBuilt) {
		return directory.About{}, awserr.Refuse(awserr.NotBuilt, "iamd does not support the header %s.", name)
	}
	size := 0
	for name, value := range metadata {
		size += len(name) + len(value)
	}
	if size > mostMetadata {
		return directory.About{}, refuse(400, "MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size",
			member("Size", itoa(size)), member("MaxSizeAllowed", itoa(mostMetadata)))
	}
	a := directory.About{Headers: headersOf(in, keptHeaders), Metadata: metadata}
	if encoding := withoutChunked(a.Headers["content-encoding"]); encoding != "" {
		a.Headers["content-encoding"] = encoding
	} else {
		delete(a.Headers, "content-encoding")
	}
	if a.Headers["content-type"] == "" {
		a.Headers["content-type"] = "binary/octet-stream"
	}
	if a.Headers["x-amz-storage-class"] == "STANDARD" { // which S3 does not say
		delete(a.Headers, "x-amz-storage-class")
	}
	return a, encrypted(b, a.Headers)
}

// mostMetadata is the most bytes of a client's own metadata.
const mostMetadata = 2 << 10

// withoutChunked takes away the encoding that is of the request and not of the object.
func withoutChunked(encoding string) string {
	var left []string
	for part := range strings.SplitSeq(encoding, ",") {
		if part = strings.TrimSpace(part); part != "" && part != "aws-chunked" {
			left = append(left, part)
		}
	}
	return strings.Join(left, ",")
}

// encrypted adds the bucket's default encryption where a request says nothing. All objects
// are sealed with a key of iamd's, whatever it is called.
func encrypted(b *directory.Bucket, headers map[string]string) error {
	switch headers[encryptionHeader] {
	case "AES256", "aws:kms", "aws:kms:dsse":
		return nil
	case "":
	default:
		return invalidArgument(encryptionHeader, headers[encryptionHeader], "The encryption method specified is not supported")
	}
	conf, err := encryption(b)
	if err != nil {
		return err
	}
	rule := conf.Rules[0]
	headers[encryptionHeader] = rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm
	if key := rule.ApplyServerSideEncryptionByDefault.KMSMasterKeyID; key != nil {
		headers[kmsKeyHeader] = *key
	}
	if isTrue(rule.BucketKeyEnabled) {
		headers[bucketKeyHeader] = "true"
	}
	return nil
}

func needPutObject(c *op.Call, in *shape.PutObjectRequest) ([]op.Need, error) {
	return needObject(c, "PutObject", in.Bucket, in.Key, in.ExpectedBucketOwner, putKeys(in.ACL, in.ServerSideEncryption, in.SSEKMSKeyId, in.StorageClass))
}

func putKeys(acl, encryption, key, class *string) keys {
	return keys{}.text("s3:x-amz-acl", acl).text("s3:"+encryptionHeader, encryption).text("s3:"+kmsKeyHeader, key).text("s3:x-amz-storage-class", class)
}

// received is a body that has been written to a file.
type received struct {
	file string
	key  []byte
	sums checksum.Sums
}

// receive writes the body of the call's request to a file, outside of the transaction. A
// file whose transaction fails is swept away.
func (s *service) receive(c *op.Call, owner objects.Owner, key []byte, body io.Reader, sums func() checksum.Sums) (*received, error) {
	most, err := room(c)
	if err != nil {
		return nil, err
	}
	return op.Outside(c, owner, func(context.Context) (*received, error) {
		r := &received{file: c.IDs.UUID(), key: key}
		if r.key == nil {
			r.key = objects.NewKey()
		}
		_, err := s.Files.Write(r.file, owner, r.key, body, most)
		if errors.Is(err, objects.ErrTooLarge) {
			return nil, tooLarge(most)
		}
		r.sums = sums()
		return r, err
	})
}

func tooLarge(most int64) error {
	return refuse(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", member("MaxSizeAllowed", itoa(int(most))))
}

// room is how many bytes a new object may have.
func room(c *op.Call) (int64, error) {
	stored, err := directory.StoredBytes(c.Snap)
	if err != nil {
		return 0, err
	}
	left := int64(c.Quota(storage))*mebi - stored
	if left <= 0 {
		return 0, refuse(400, "QuotaExceeded", "The storage of this server is full: see --quota StorageMiB.")
	}
	return min(left, int64(c.Quota(objectSize))*mebi), nil
}

// bodyOf is a request's body, as the gateway makes it.
func bodyOf(body io.ReadCloser) (op.Body, error) {
	if b, ok := body.(op.Body); ok {
		return b, nil
	}
	return nil, errors.New("s3: a request without a body to read")
}

func (s *service) putObject(_ context.Context, c *op.Call, in *shape.PutObjectRequest) (*shape.PutObjectOutput, error) {
	b := found(c)
	a, err := about(b, in, in.ACL, in.Metadata)
	if err != nil {
		return nil, err
	}
	if err := mayReplace(c, in.Bucket, in.Key, in.IfMatch, in.IfNoneMatch); err != nil {
		return nil, err
	}
	body, err := bodyOf(in.Body)
	if err != nil {
		return nil, err
	}
	r, err := s.receive(c, objects.Owner{Bucket: in.Bucket, Key: in.Key}, nil, body, body.Sums)
	if err != nil {
		return nil, err
	}
	o := r.object(c, in.Bucket, in.Key, a)
	if err := save(c, o, r.key); err != nil {
		return nil, err
	}
	out := &shape.PutObjectOutput{ETag: new(quoted(o.ETag))}
	fill(out, o.About.Headers)
	showSum(out, o.Sum)
	return out, nil
}

// object is what a body makes.
func (r *received) object(c *op.Call, bucket, key string, a directory.About) *directory.Object {
	return &directory.Object{
		Bucket: bucket, Key: key, Size: r.sums.Size, ETag: hex.EncodeToString(r.sums.MD5), Modified: directory.At(c.Now),
		Pieces: []directory.Piece{{File: r.file, Size: r.sums.Size}}, About: a,
		Sum: directory.Sum{Algorithm: string(r.sums.Algorithm), Value: base64.StdEncoding.EncodeToString(r.sums.Sum)},
	}
}

// save puts a new object into the store.
func save(c *op.Call, o *directory.Object, key []byte) error {
	if err := o.SealKey(c.Keyring, key); err != nil {
		return err
	}
	return directory.PutObject(c.Tx, o, directory.At(c.Now))
}

func quoted(etag string) string { return `"` + etag + `"` }

func needGetObject(c *op.Call, in *shape.GetObjectRequest) ([]op.Need, error) {
	return needObject(c, "GetObject", in.Bucket, in.Key, in.ExpectedBucketOwner, nil)
}

// lookUp finds an object. That it is not there is told only to who may list the bucket.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
func lookUp(c *op.Call, bucket, key string, version *string) (*directory.Object, error) {
	if v := value(version); v != "" && v != "null" {
		return nil, refuse(400, "InvalidArgument", "Invalid version id specified", member("ArgumentName", "versionId"), member("ArgumentValue", v))
	}
	o, err := directory.GetObject(c.Snap, bucket, key)
	if err != nil || o != nil {
		return o, err
	}
	needs, err := needBucket(c, "ListBucket", bucket, nil, keys{"s3:prefix": {key}})
	if err != nil {
		return nil, err
	}
	if err := c.May(needs[0]); err != nil {
		return nil, err
	}
	return nil, noSuchKey(key)
}

func (s *service) getObject(_ context.Context, c *op.Call, in *shape.GetObjectRequest) (*shape.GetObjectOutput, error) {
	out := &shape.GetObjectOutput{}
	o, part, err := show(c, in, out)
	if err != nil {
		return nil, err
	}
	out.Metadata, out.LastModified = o.About.Metadata, new(o.Modified.Time())
	key, err := o.FileKey(c.Keyring)
	if err != nil {
		return nil, err
	}
	out.Body = &content{files: s.Files, key: key, pieces: o.Pieces, skip: part.from, left: part.size()}
	return out, nil
}

func needHeadObject(c *op.Call, in *shape.HeadObjectRequest) ([]op.Need, error) {
	return needGetObject(c, (*shape.GetObjectRequest)(in))
}

func headObject(_ context.Context, c *op.Call, in *shape.HeadObjectRequest) (*shape.HeadObjectOutput, error) {
	out := &shape.HeadObjectOutput{}
	o, _, err := show(c, (*shape.GetObjectRequest)(in), out)
	if err != nil {
		return nil, err
	}
	out.Metadata, out.LastModified = o.About.Metadata, new(o.Modified.Time())
	return out, nil
}

// show finds the object that a request is for, checks its conditions, and says which part is
// wanted. It sets what of the reply is in headers, but for those that are not texts or numbers.
func show(c *op.Call, in *shape.GetObjectRequest, out any) (*directory.Object, part, error) {
	o, err := lookUp(c, in.Bucket, in.Key, in.VersionId)
	if err != nil {
		return nil, part{}, err
	}
	conditions := &request{ifMatch: in.IfMatch, ifNoneMatch: in.IfNoneMatch, ifModified: in.IfModifiedSince, ifUnmodified: in.IfUnmodifiedSince}
	if err := conditions.check(o); err != nil {
		return nil, part{}, err
	}
	p, err := partOf(o, in.Range, in.PartNumber)
	if err != nil {
		return nil, part{}, err
	}
	headers := maps.Clone(o.About.Headers)
	override(headers, in)
	p.describe(headers, o)
	headers["etag"], headers["accept-ranges"] = quoted(o.ETag), "bytes"
	fill(out, headers)
	if in.ChecksumMode != nil && p.whole(o) {
		showSum(out, o.Sum)
	}
	return o, p, nil
}

// override puts the headers that a request wants in the place of the object's.
func override(headers map[string]string, in *shape.GetObjectRequest) {
	for name, v := range map[string]*string{
		"cache-control": in.ResponseCacheControl, "content-disposition": in.ResponseContentDisposition, "content-encoding": in.ResponseContentEncoding,
		"content-language": in.ResponseContentLanguage, "content-type": in.ResponseContentType,
	} {
		if value(v) != "" {
			headers[name] = *v
		}
	}
	if in.ResponseExpires != nil {
		headers["expires"] = in.ResponseExpires.UTC().Format(http.TimeFormat)
	}
}

func needCopyObject(c *op.Call, in *shape.CopyObjectRequest) ([]op.Need, error) {
	bucket, key, err := copySource(in.CopySource)
	if err != nil {
		return nil, err
	}
	from, err := needObject(c, "GetObject", bucket, key, in.ExpectedSourceBucketOwner, nil)
	if err != nil {
		return nil, err
	}
	k := putKeys(in.ACL, in.ServerSideEncryption, in.SSEKMSKeyId, in.StorageClass).text("s3:x-amz-copy-source", &in.CopySource).
		text("s3:x-amz-metadata-directive", in.MetadataDirective)
	to, err := needObject(c, "PutObject", in.Bucket, in.Key, in.ExpectedBucketOwner, k)
	return append(from, to...), err
}

// copied is the key of an object's bytes, read again.
type copied struct{ etag, file, bucket, key string }

func (s *service) copyObject(_ context.Context, c *op.Call, in *shape.CopyObjectRequest) (*shape.CopyObjectOutput, error) {
	b := found(c)
	bucket, key, err := copySource(in.CopySource)
	if err != nil {
		return nil, err
	}
	from, err := lookUp(c, bucket, key, nil)
	if err != nil {
		return nil, err
	}
	conditions := &request{
		copying: true, ifMatch: in.CopySourceIfMatch, ifNoneMatch: in.CopySourceIfNoneMatch,
		ifModified: in.CopySourceIfModifiedSince, ifUnmodified: in.CopySourceIfUnmodifiedSince,
	}
	if err := conditions.check(from); err != nil {
		return nil, err
	}
	if err := mayReplace(c, in.Bucket, in.Key, in.IfMatch, in.IfNoneMatch); err != nil {
		return nil, err
	}
	a, err := copiedAbout(b, in, from)
	if err != nil {
		return nil, err
	}
	fileKey, err := from.FileKey(c.Keyring)
	if err != nil {
		return nil, err
	}
	r, err := s.copyOf(c, in, from, fileKey)
	if err != nil {
		return nil, err
	}
	o := r.object(c, in.Bucket, in.Key, a)
	if err := save(c, o, r.key); err != nil {
		return nil, err
	}
	result := &shape.CopyObjectResult{ETag: new(quoted(o.ETag)), LastModified: new(o.Modified.Time())}
	showSum(result, o.Sum)
	out := &shape.CopyObjectOutput{CopyObjectResult: result}
	fill(out, o.About.Headers)
	return out, nil
}

// copyOf writes the bytes of an object to a new file.
func (s *service) copyOf(c *op.Call, in *shape.CopyObjectRequest, from *directory.Object, key []byte) (*received, error) {
	most, err := room(c)
	if err != nil {
		return nil, err
	}
	if from.Size > most {
		return nil, tooLarge(most)
	}
	algorithm := cmp.Or(checksum.Algorithm(value(in.ChecksumAlgorithm)), checksum.Algorithm(from.Sum.Algorithm))
	if !algorithm.Known() {
		return nil, awserr.Refuse(awserr.NotBuilt, "iamd does not compute checksums with %.32s.", algorithm)
	}
	return op.Outside(c, copied{from.ETag, from.Pieces[0].File, in.Bucket, in.Key}, func(context.Context) (*received, error) {
		src := &content{files: s.Files, key: key, pieces: from.Pieces, left: from.Size}
		body := checksum.Of(src, algorithm)
		defer func() { _ = body.Close() }() // of files that were read
		r := &received{file: c.IDs.UUID(), key: objects.NewKey()}
		_, err := s.Files.Write(r.file, objects.Owner{Bucket: in.Bucket, Key: in.Key}, r.key, body, most)
		r.sums = body.Sums()
		return r, err
	})
}

// copiedAbout is what is said of a copy: what was said of the source, or what the request
// says instead.
func copiedAbout(b *directory.Bucket, in *shape.CopyObjectRequest, from *directory.Object) (directory.About, error) {
	replace := value(in.MetadataDirective) == shape.MetadataDirectiveReplace
	a, err := about(b, in, in.ACL, in.Metadata)
	if err != nil {
		return a, err
	}
	if !replace && in.Bucket == from.Bucket && in.Key == from.Key && in.StorageClass == nil && in.ServerSideEncryption == nil {
		return a, refuse(400, "InvalidRequest", "This copy request is illegal because it is trying to copy an object to itself without changing the "+
			"object's metadata, storage class, website redirect location or encryption attributes.")
	}
	if replace {
		return a, nil
	}
	headers := maps.Clone(from.About.Headers)
	for _, name := range []string{encryptionHeader, kmsKeyHeader, bucketKeyHeader, "x-amz-storage-class"} { // which are the copy's own
		delete(headers, name)
		if v, ok := a.Headers[name]; ok {
			headers[name] = v
		}
	}
	return directory.About{Headers: headers, Metadata: from.About.Metadata}, nil
}
