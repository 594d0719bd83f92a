package kind

import (
	"context"

	"github.com/iamd-project/iamd/internal/shapes/s3"
)

type bucketPolicyProperties struct {
	Bucket         string
	PolicyDocument document
}

var bucketPolicy = Kind[bucketPolicyProperties]{
	Type: "AWS::S3::BucketPolicy",
	Create: func(ctx context.Context, api API, _ Resource, want *bucketPolicyProperties) (Result, error) {
		return want.put(ctx, api)
	},
	Update: func(ctx context.Context, api API, _ Resource, _, want *bucketPolicyProperties) (Result, error) {
		return want.put(ctx, api)
	},
	Delete: func(ctx context.Context, api API, r Resource, _ *bucketPolicyProperties) error {
		_, err := api.Call(ctx, &s3.DeleteBucketPolicyRequest{Bucket: r.Physical})
		return ignore(err, "NoSuchBucket")
	},
	Read: func(ctx context.Context, api API, r Resource, was *bucketPolicyProperties) (*bucketPolicyProperties, Result, error) {
		reply, err := Do[s3.GetBucketPolicyOutput](ctx, api, &s3.GetBucketPolicyRequest{Bucket: r.Physical})
		if err != nil {
			return nil, Result{}, ignore(err, "NoSuchBucket", "NoSuchBucketPolicy")
		}
		return &bucketPolicyProperties{r.Physical, was.PolicyDocument.now(orNone(reply.Policy))}, Result{Physical: r.Physical}, nil
	},
}

func (p *bucketPolicyProperties) put(ctx context.Context, api API) (Result, error) {
	_, err := api.Call(ctx, &s3.PutBucketPolicyRequest{Bucket: p.Bucket, Policy: p.PolicyDocument.text})
	return Result{Physical: p.Bucket}, err
}
