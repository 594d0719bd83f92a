package s3

import (
	"context"
	"errors"
	"slices"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/s3"
	kv "github.com/iamd-project/iamd/internal/store"
)

func (s *service) deleteOperations() []op.Operation {
	return []op.Operation{
		op.Write("DeleteObject", needDeleteObject, deleteObject),
		op.Write("DeleteObjects", needDeleteObjects, s.deleteObjects),
	}
}

func needDeleteObject(c *op.Call, in *shape.DeleteObjectRequest) ([]op.Need, error) {
	return needObject(c, "DeleteObject", in.Bucket, in.Key, in.ExpectedBucketOwner, nil)
}

// deleteObject does not mind an object that is not there.
func deleteObject(_ context.Context, c *op.Call, in *shape.DeleteObjectRequest) (*shape.DeleteObjectOutput, error) {
	if v := value(in.VersionId); v != "" && v != "null" {
		return nil, invalidArgument("versionId", v, "Invalid version id specified")
	}
	if in.IfMatch != nil {
		if err := mayReplace(c, in.Bucket, in.Key, in.IfMatch, nil); err != nil {
			return nil, err
		}
	}
	return &shape.DeleteObjectOutput{}, directory.DeleteObjects(c.Tx, in.Bucket, []string{in.Key}, directory.At(c.Now))
}

// needDeleteObjects is asked object by object, in Run: one that is denied denies no other.
func needDeleteObjects(c *op.Call, in *shape.DeleteObjectsRequest) ([]op.Need, error) {
	b, err := bucketOf(c, in.Bucket, in.ExpectedBucketOwner)
	c.Found = b
	return nil, err
}

// mostDeleted is how many objects one request names.
const mostDeleted = 1000

// emptied is the key of a deletion in more than one transaction.
type emptied struct{ bucket, request string }

// deleteObjects deletes, in transactions of their own, what is more than fits into the
// call's.
func (s *service) deleteObjects(_ context.Context, c *op.Call, in *shape.DeleteObjectsRequest) (*shape.DeleteObjectsOutput, error) {
	b := found(c)
	if n := len(in.Delete.Objects); n == 0 || n > mostDeleted {
		return nil, &awserr.Refusal{Kind: awserr.Malformed}
	}
	out := &shape.DeleteObjectsOutput{}
	var keys []string
	for i := range in.Delete.Objects {
		o := &in.Delete.Objects[i]
		refused, err := s.mayDelete(c, b, o)
		if err != nil {
			return nil, err
		}
		if refused != nil {
			out.Errors = append(out.Errors, shape.Error{Key: &o.Key, Code: &refused.Code, Message: &refused.Message, VersionId: o.VersionId})
			continue
		}
		keys = append(keys, o.Key)
		if !isTrue(in.Delete.Quiet) {
			out.Deleted = append(out.Deleted, shape.DeletedObject{Key: &o.Key})
		}
	}
	now := directory.At(c.Now)
	if len(keys) <= directory.MostDeleted {
		return out, directory.DeleteObjects(c.Tx, b.Name, keys, now)
	}
	return op.Outside(c, emptied{b.Name, c.RequestID}, func(ctx context.Context) (*shape.DeleteObjectsOutput, error) {
		for some := range slices.Chunk(keys, directory.MostDeleted) {
			err := s.Store.Update(ctx, func(tx kv.Tx) error { return directory.DeleteObjects(tx, b.Name, some, now) })
			if err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

// mayDelete is why an object may not be deleted; nil if it may.
func (s *service) mayDelete(c *op.Call, b *directory.Bucket, o *shape.ObjectIdentifier) (*awserr.Error, error) {
	if v := value(o.VersionId); v != "" && v != "null" {
		return refuse(400, "InvalidArgument", "Invalid version id specified"), nil
	}
	needs, err := needOn(c, b, "DeleteObject", b.ARN()+"/"+o.Key, nil)
	if err == nil {
		err = c.May(needs[0])
	}
	if err == nil && o.ETag != nil {
		err = mayReplace(c, b.Name, o.Key, o.ETag, nil)
	}
	if err == nil {
		return nil, nil
	}
	if _, ok := errors.AsType[*awserr.Refusal](err); !ok {
		if _, ok := errors.AsType[*awserr.Error](err); !ok {
			return nil, err
		}
	}
	e, _ := awserr.Public(err, awserr.S3)
	return e, nil
}
