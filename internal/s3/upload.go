package s3

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/checksum"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/objects"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/s3"
)

func (s *service) uploadOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateMultipartUpload", needCreateMultipartUpload, createMultipartUpload),
		op.Write("UploadPart", needUploadPart, s.uploadPart),
		op.Write("CompleteMultipartUpload", needCompleteMultipartUpload, completeMultipartUpload),
		op.Write("AbortMultipartUpload", needAbortMultipartUpload, abortMultipartUpload),
		op.Read("ListParts", needListParts, listParts),
		op.Read("ListMultipartUploads", needListMultipartUploads, listMultipartUploads),
	}
}

func noSuchUpload(id string) error {
	return refuse(404, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "+
		"completed.", member("UploadId", id))
}

func getUpload(c *op.Call, bucket, key, id string) (*directory.Upload, error) {
	if strings.ContainsAny(id, "\x00/") || len(id) > 64 {
		return nil, noSuchUpload(id)
	}
	u, err := directory.GetUpload(c.Snap, bucket, key, id)
	if err == nil && u == nil {
		err = noSuchUpload(id)
	}
	return u, err
}

func needCreateMultipartUpload(c *op.Call, in *shape.CreateMultipartUploadRequest) ([]op.Need, error) {
	return needObject(c, "PutObject", in.Bucket, in.Key, in.ExpectedBucketOwner, putKeys(in.ACL, in.ServerSideEncryption, in.SSEKMSKeyId, in.StorageClass))
}

func createMultipartUpload(_ context.Context, c *op.Call, in *shape.CreateMultipartUploadRequest) (*shape.CreateMultipartUploadOutput, error) {
	a, err := about(found(c), in, in.ACL, in.Metadata)
	if err != nil {
		return nil, err
	}
	u := &directory.Upload{
		ID: strings.ReplaceAll(c.IDs.UUID(), "-", ""), Bucket: in.Bucket, Key: in.Key, Begun: directory.At(c.Now),
		About: a, Algorithm: string(checksum.Default),
	}
	if in.ChecksumAlgorithm != nil {
		u.Algorithm = *in.ChecksumAlgorithm
	}
	algorithm := checksum.Algorithm(u.Algorithm)
	if !algorithm.Known() {
		return nil, awserr.Refuse(awserr.NotBuilt, "iamd does not compute checksums with %.32s.", u.Algorithm)
	}
	u.OfParts = algorithm != checksum.Default
	if in.ChecksumType != nil {
		u.OfParts = *in.ChecksumType == shape.ChecksumTypeComposite
	}
	if u.OfParts == (algorithm == checksum.Default) && u.OfParts || !u.OfParts && !algorithm.Linear() {
		return nil, refuse(400, "InvalidRequest", fmt.Sprintf("The %s checksum type cannot be used with the %s checksum algorithm.",
			sumType(directory.Sum{OfParts: u.OfParts}), strings.ToLower(u.Algorithm)))
	}
	if err := u.SealKey(c.Keyring, objects.NewKey()); err != nil {
		return nil, err
	}
	out := &shape.CreateMultipartUploadOutput{Bucket: &in.Bucket, Key: &in.Key, UploadId: &u.ID}
	if in.ChecksumAlgorithm != nil {
		out.ChecksumAlgorithm, out.ChecksumType = &u.Algorithm, new(sumType(directory.Sum{OfParts: u.OfParts}))
	}
	fill(out, a.Headers)
	return out, directory.PutUpload(c.Tx, u)
}

func needUploadPart(c *op.Call, in *shape.UploadPartRequest) ([]op.Need, error) {
	return needObject(c, "PutObject", in.Bucket, in.Key, in.ExpectedBucketOwner, nil)
}

// mostNumber is the highest number that a part has.
const mostNumber = 10_000

func (s *service) uploadPart(_ context.Context, c *op.Call, in *shape.UploadPartRequest) (*shape.UploadPartOutput, error) {
	if in.PartNumber < 1 || in.PartNumber > mostNumber {
		return nil, invalidArgument("partNumber", itoa(int(in.PartNumber)), "Part number must be an integer between 1 and 10000, inclusive")
	}
	u, err := getUpload(c, in.Bucket, in.Key, in.UploadId)
	if err != nil {
		return nil, err
	}
	if len(u.Parts) >= directory.MostParts && !slices.ContainsFunc(u.Parts, func(p directory.UploadPart) bool { return p.Number == int(in.PartNumber) }) {
		return nil, refuse(400, "TooManyParts", fmt.Sprintf("iamd takes at most %d parts of an object.", directory.MostParts))
	}
	body, err := bodyOf(in.Body)
	if err != nil {
		return nil, err
	}
	if sums := body.Sums(); sums.Given && string(sums.Algorithm) != u.Algorithm {
		return nil, refuse(400, "InvalidRequest", fmt.Sprintf("Checksum Type mismatch occurred, expected checksum Type: %s, actual checksum Type: %s",
			strings.ToLower(u.Algorithm), strings.ToLower(string(sums.Algorithm))))
	}
	key, err := u.FileKey(c.Keyring)
	if err != nil {
		return nil, err
	}
	r, err := s.receive(c, objects.Owner{Bucket: in.Bucket, Key: in.Key, Upload: u.ID}, key, body, body.Sums)
	if err != nil {
		return nil, err
	}
	p := directory.UploadPart{
		Number: int(in.PartNumber), File: r.file, Size: r.sums.Size, MD5: r.sums.MD5, Modified: directory.At(c.Now),
	}
	if string(r.sums.Algorithm) == u.Algorithm {
		p.Sum = r.sums.Sum
	}
	out := &shape.UploadPartOutput{ETag: new(quoted(hex.EncodeToString(p.MD5)))}
	showSum(out, partSum(u, &p))
	fill(out, u.About.Headers)
	return out, u.PutPart(c.Tx, p, p.Modified)
}

// partSum is the checksum of a part.
func partSum(u *directory.Upload, p *directory.UploadPart) directory.Sum {
	if p.Sum == nil {
		return directory.Sum{}
	}
	return directory.Sum{Algorithm: u.Algorithm, Value: base64.StdEncoding.EncodeToString(p.Sum)}
}

func needCompleteMultipartUpload(c *op.Call, in *shape.CompleteMultipartUploadRequest) ([]op.Need, error) {
	return needObject(c, "PutObject", in.Bucket, in.Key, in.ExpectedBucketOwner, nil)
}

// leastPart is the fewest bytes that a part has which is not the last.
const leastPart = 5 * mebi

func completeMultipartUpload(_ context.Context, c *op.Call, in *shape.CompleteMultipartUploadRequest) (*shape.CompleteMultipartUploadOutput, error) {
	u, err := getUpload(c, in.Bucket, in.Key, in.UploadId)
	if err != nil {
		return nil, err
	}
	if err := mayReplace(c, in.Bucket, in.Key, in.IfMatch, in.IfNoneMatch); err != nil {
		return nil, err
	}
	if in.MultipartUpload == nil || len(in.MultipartUpload.Parts) == 0 {
		return nil, &awserr.Refusal{Kind: awserr.Malformed}
	}
	parts, err := chosen(u, in.MultipartUpload.Parts)
	if err != nil {
		return nil, err
	}
	o := assemble(c, u, parts)
	if o.Size > int64(c.Quota(objectSize))*mebi {
		return nil, tooLarge(int64(c.Quota(objectSize)) * mebi)
	}
	if in.MpuObjectSize != nil && *in.MpuObjectSize != o.Size {
		return nil, refuse(400, "InvalidRequest", fmt.Sprintf("The provided 'x-amz-mp-object-size' header value %d does not match what was computed: %d",
			*in.MpuObjectSize, o.Size))
	}
	if want := textMember(in, "Checksum"+u.Algorithm); want != "" && want != o.Sum.Value {
		return nil, &awserr.Refusal{Kind: awserr.BadChecksum}
	}
	key, err := u.FileKey(c.Keyring)
	if err != nil {
		return nil, err
	}
	if err := directory.DeleteUpload(c.Tx, u, o.Pieces, directory.At(c.Now)); err != nil {
		return nil, err
	}
	out := &shape.CompleteMultipartUploadOutput{
		Bucket: &in.Bucket, Key: &in.Key, ETag: new(quoted(o.ETag)), Location: new("/" + in.Bucket + "/" + in.Key),
	}
	fill(out, o.About.Headers)
	showSum(out, o.Sum)
	return out, save(c, o, key)
}

// chosen are the parts that a request puts together, in its order, which must be theirs.
func chosen(u *directory.Upload, want []shape.CompletedPart) ([]directory.UploadPart, error) {
	for i := range want {
		if want[i].PartNumber == nil || i > 0 && *want[i].PartNumber <= *want[i-1].PartNumber {
			return nil, refuse(400, "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.",
				member("UploadId", u.ID))
		}
	}
	parts := make([]directory.UploadPart, 0, len(want))
	for i := range want {
		w := &want[i]
		at := slices.IndexFunc(u.Parts, func(p directory.UploadPart) bool { return p.Number == int(*w.PartNumber) })
		if at < 0 || strings.Trim(value(w.ETag), `"`) != hex.EncodeToString(u.Parts[at].MD5) || !sameSum(u, w, &u.Parts[at]) {
			return nil, refuse(400, "InvalidPart", "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "+
				"specified entity tag may not match the part's entity tag.", member("UploadId", u.ID), member("PartNumber", itoa(int(*w.PartNumber))))
		}
		p := u.Parts[at]
		if p.Size < leastPart && i < len(want)-1 {
			return nil, refuse(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size",
				member("ProposedSize", itoa(int(p.Size))), member("MinSizeAllowed", itoa(leastPart)), member("PartNumber", itoa(p.Number)))
		}
		parts = append(parts, p)
	}
	return parts, nil
}

func sameSum(u *directory.Upload, want *shape.CompletedPart, is *directory.UploadPart) bool {
	text := textMember(want, "Checksum"+u.Algorithm)
	return text == "" || text == partSum(u, is).Value
}

// assemble makes an object of parts.
func assemble(c *op.Call, u *directory.Upload, parts []directory.UploadPart) *directory.Object {
	o := &directory.Object{Bucket: u.Bucket, Key: u.Key, Modified: directory.At(c.Now), About: u.About, Parts: len(parts)}
	tags, summed := md5.New(), make([]checksum.Part, 0, len(parts))
	for _, p := range parts {
		tags.Write(p.MD5)
		o.Size += p.Size
		o.Pieces = append(o.Pieces, directory.Piece{File: p.File, Size: p.Size})
		if p.Sum != nil {
			summed = append(summed, checksum.Part{Sum: p.Sum, Size: p.Size})
		}
	}
	o.ETag = hex.EncodeToString(tags.Sum(nil)) + "-" + itoa(len(parts))
	if len(summed) < len(parts) {
		return o // some were sent without
	}
	o.Sum = directory.Sum{Algorithm: u.Algorithm, OfParts: u.OfParts}
	if u.OfParts {
		o.Sum.Value = base64.StdEncoding.EncodeToString(checksum.Algorithm(u.Algorithm).OfParts(summed)) + "-" + itoa(len(parts))
	} else {
		o.Sum.Value = base64.StdEncoding.EncodeToString(checksum.Algorithm(u.Algorithm).Whole(summed))
	}
	return o
}

func needAbortMultipartUpload(c *op.Call, in *shape.AbortMultipartUploadRequest) ([]op.Need, error) {
	return needObject(c, "AbortMultipartUpload", in.Bucket, in.Key, in.ExpectedBucketOwner, nil)
}

func abortMultipartUpload(_ context.Context, c *op.Call, in *shape.AbortMultipartUploadRequest) (*shape.AbortMultipartUploadOutput, error) {
	u, err := getUpload(c, in.Bucket, in.Key, in.UploadId)
	if err != nil {
		return nil, err
	}
	return &shape.AbortMultipartUploadOutput{}, directory.DeleteUpload(c.Tx, u, nil, directory.At(c.Now))
}

func needListParts(c *op.Call, in *shape.ListPartsRequest) ([]op.Need, error) {
	return needObject(c, "ListMultipartUploadParts", in.Bucket, in.Key, in.ExpectedBucketOwner, nil)
}

func listParts(_ context.Context, c *op.Call, in *shape.ListPartsRequest) (*shape.ListPartsOutput, error) {
	u, err := getUpload(c, in.Bucket, in.Key, in.UploadId)
	if err != nil {
		return nil, err
	}
	limit, err := limitOf(in.MaxParts, "max-parts")
	if err != nil {
		return nil, err
	}
	marker := int32(0)
	if in.PartNumberMarker != nil {
		marker = *in.PartNumberMarker
	}
	out := &shape.ListPartsOutput{
		Bucket: &in.Bucket, Key: &in.Key, UploadId: &u.ID, MaxParts: new(int32(limit)), PartNumberMarker: &marker, IsTruncated: new(false),
		NextPartNumberMarker: new(int32(0)), StorageClass: new(shape.StorageClassStandard), Owner: owner(string(found(c).Account)),
		Initiator:         &shape.Initiator{ID: new(canonicalID(string(found(c).Account)))},
		ChecksumAlgorithm: &u.Algorithm, ChecksumType: new(sumType(directory.Sum{OfParts: u.OfParts})),
	}
	for i := range u.Parts {
		p := &u.Parts[i]
		if p.Number <= int(marker) {
			continue
		}
		if len(out.Parts) == limit {
			*out.IsTruncated = true
			break
		}
		is := shape.Part{
			PartNumber: new(int32(p.Number)), Size: &p.Size, ETag: new(quoted(hex.EncodeToString(p.MD5))), LastModified: new(p.Modified.Time()),
		}
		showSum(&is, partSum(u, p))
		out.Parts, out.NextPartNumberMarker = append(out.Parts, is), is.PartNumber
	}
	return out, nil
}

func needListMultipartUploads(c *op.Call, in *shape.ListMultipartUploadsRequest) ([]op.Need, error) {
	return needBucket(c, "ListBucketMultipartUploads", in.Bucket, in.ExpectedBucketOwner, nil)
}

func listMultipartUploads(_ context.Context, c *op.Call, in *shape.ListMultipartUploadsRequest) (*shape.ListMultipartUploadsOutput, error) {
	limit, err := limitOf(in.MaxUploads, "max-uploads")
	if err != nil {
		return nil, err
	}
	if in.Delimiter != nil {
		return nil, awserr.Refuse(awserr.NotBuilt, "iamd does not list uploads by delimiter.")
	}
	encode, err := encoder(in.EncodingType)
	if err != nil {
		return nil, err
	}
	after := ""
	if in.KeyMarker != nil {
		after = *in.KeyMarker + "\x00" + value(in.UploadIdMarker)
		if in.UploadIdMarker == nil { // behind all of that key
			after = *in.KeyMarker + "\x01"
		}
	}
	out := &shape.ListMultipartUploadsOutput{
		Bucket: &in.Bucket, Prefix: encodedOr(encode, in.Prefix), KeyMarker: encode(value(in.KeyMarker)), UploadIdMarker: in.UploadIdMarker,
		MaxUploads: new(int32(limit)), IsTruncated: new(false), EncodingType: in.EncodingType,
	}
	who := owner(string(found(c).Account))
	for u, err := range directory.ListUploads(c.Snap, in.Bucket, value(in.Prefix), after) {
		if err != nil {
			return nil, err
		}
		if len(out.Uploads) == limit {
			*out.IsTruncated = limit > 0
			break
		}
		out.NextKeyMarker, out.NextUploadIdMarker = encode(u.Key), &u.ID
		out.Uploads = append(out.Uploads, shape.MultipartUpload{
			Key: encode(u.Key), UploadId: &u.ID, Initiated: new(u.Begun.Time()), Owner: who, StorageClass: new(shape.StorageClassStandard),
			ChecksumAlgorithm: &u.Algorithm, ChecksumType: new(sumType(directory.Sum{OfParts: u.OfParts})),
		})
	}
	if !*out.IsTruncated {
		out.NextKeyMarker, out.NextUploadIdMarker = nil, nil
	}
	return out, nil
}
