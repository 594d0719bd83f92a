package s3

import (
	"context"
	"errors"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/s3"
	"github.com/iamd-project/iamd/policy"
)

func policyOperations() []op.Operation {
	return []op.Operation{
		op.Write("PutBucketPolicy", needPutBucketPolicy, putBucketPolicy),
		op.Read("GetBucketPolicy", needGetBucketPolicy, getBucketPolicy),
		op.Read("GetBucketPolicyStatus", needGetBucketPolicyStatus, getBucketPolicyStatus),
		op.Write("DeleteBucketPolicy", needDeleteBucketPolicy, deleteBucketPolicy),
	}
}

// mostPolicy is the most bytes that a policy has.
const mostPolicy = 20 << 10

func needPutBucketPolicy(c *op.Call, in *shape.PutBucketPolicyRequest) ([]op.Need, error) {
	return needBucket(c, "PutBucketPolicy", in.Bucket, in.ExpectedBucketOwner, nil)
}

func putBucketPolicy(_ context.Context, c *op.Call, in *shape.PutBucketPolicyRequest) (*op.None, error) {
	b := *found(c)
	if len(in.Policy) > mostPolicy {
		return nil, refuse(400, "PolicyTooLarge", "The policy is larger than the maximum allowed size.")
	}
	doc, err := policy.Parse(in.Policy, policy.Resource)
	if bad, ok := errors.AsType[*policy.Error](err); ok {
		return nil, refuse(400, "MalformedPolicy", bad.Message)
	}
	if err != nil {
		return nil, err
	}
	block, err := publicAccess(&b)
	if err != nil {
		return nil, err
	}
	if isTrue(block.BlockPublicPolicy) && doc.Public() {
		return nil, awserr.Refuse(awserr.AccessDenied, "User: %s is not authorized to perform: s3:PutBucketPolicy on resource: \"%s\" because public "+
			"policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.", c.Caller.ARN, b.ARN())
	}
	b.Policy = directory.Document(in.Policy)
	return nil, directory.PutBucket(c.Tx, &b)
}

func needGetBucketPolicy(c *op.Call, in *shape.GetBucketPolicyRequest) ([]op.Need, error) {
	return needBucket(c, "GetBucketPolicy", in.Bucket, in.ExpectedBucketOwner, nil)
}

func getBucketPolicy(_ context.Context, c *op.Call, in *shape.GetBucketPolicyRequest) (*shape.GetBucketPolicyOutput, error) {
	text, err := policyText(c, in.Bucket)
	return &shape.GetBucketPolicyOutput{Policy: &text}, err
}

func policyText(c *op.Call, bucket string) (string, error) {
	text := string(found(c).Policy)
	if text == "" {
		return "", refuse(404, "NoSuchBucketPolicy", "The bucket policy does not exist", member("BucketName", bucket))
	}
	return text, nil
}

func needGetBucketPolicyStatus(c *op.Call, in *shape.GetBucketPolicyStatusRequest) ([]op.Need, error) {
	return needBucket(c, "GetBucketPolicyStatus", in.Bucket, in.ExpectedBucketOwner, nil)
}

func getBucketPolicyStatus(_ context.Context, c *op.Call, in *shape.GetBucketPolicyStatusRequest) (*shape.GetBucketPolicyStatusOutput, error) {
	text, err := policyText(c, in.Bucket)
	if err != nil {
		return nil, err
	}
	doc, err := policy.Parse(text, policy.Resource)
	if err != nil {
		return nil, err
	}
	return &shape.GetBucketPolicyStatusOutput{PolicyStatus: &shape.PolicyStatus{IsPublic: new(doc.Public())}}, nil
}

func needDeleteBucketPolicy(c *op.Call, in *shape.DeleteBucketPolicyRequest) ([]op.Need, error) {
	return needBucket(c, "DeleteBucketPolicy", in.Bucket, in.ExpectedBucketOwner, nil)
}

// deleteBucketPolicy does not mind a bucket that has none.
func deleteBucketPolicy(_ context.Context, c *op.Call, _ *shape.DeleteBucketPolicyRequest) (*op.None, error) {
	b := *found(c)
	b.Policy = ""
	return nil, directory.PutBucket(c.Tx, &b)
}
