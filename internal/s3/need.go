package s3

import (
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/policy"
)

// keys are the condition keys of a request. What a request leaves out is not there.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
type keys map[string][]string

func (k keys) text(key string, v *string) keys {
	if v != nil {
		k[key] = []string{*v}
	}
	return k
}

// bucketOf finds the bucket that a request names, which everybody may know to exist.
func bucketOf(c *op.Call, name string, owner *string) (*directory.Bucket, error) {
	b, err := directory.GetBucket(c.Snap, name)
	switch {
	case err != nil:
		return nil, err
	case b == nil:
		return nil, noSuchBucket(name)
	case owner != nil && *owner != string(b.Account):
		return nil, &awserr.Refusal{Kind: awserr.AccessDenied}
	}
	return b, nil
}

// needBucket is the permission to do something to a bucket, which it leaves for Run to find.
func needBucket(c *op.Call, action, name string, owner *string, k keys) ([]op.Need, error) {
	b, err := bucketOf(c, name, owner)
	if err != nil {
		return nil, err
	}
	c.Found = b
	return needOn(c, b, action, b.ARN(), k)
}

// needObject is the permission to do something to an object of a bucket, which it leaves
// for Run to find.
func needObject(c *op.Call, action, bucket, key string, owner *string, k keys) ([]op.Need, error) {
	b, err := bucketOf(c, bucket, owner)
	if err != nil {
		return nil, err
	}
	if len(key) > mostKey {
		return nil, refuse(400, "KeyTooLongError", "Your key is too long")
	}
	c.Found = b
	return needOn(c, b, action, b.ARN()+"/"+key, k)
}

// mostKey is the most bytes of an object's key. AWS has 1,024; ours goes into a key of the
// store.
const mostKey = 900

func needOn(c *op.Call, b *directory.Bucket, action, resource string, k keys) ([]op.Need, error) {
	if k == nil {
		k = keys{}
	}
	if c.Client.Local {
		// There is no wire to be tapped, and the CDK's staging bucket denies all that is not
		// TLS: "cdk deploy" to http://127.0.0.1 would not work. On AWS it is false.
		k["aws:securetransport"] = []string{"true"}
	}
	if err := barred(c, b); err != nil {
		return nil, err
	}
	return []op.Need{{
		Action: "s3:" + action, Resource: resource, Owner: b.Account, Context: k,
		Policy: b.Policy, PolicyKind: policy.Resource,
	}}, nil
}

// barred refuses strangers where the policy is public and the bucket is not to be.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
func barred(c *op.Call, b *directory.Bucket) error {
	if c.Caller.Account == b.Account || b.Policy == "" {
		return nil
	}
	block, err := publicAccess(b)
	if err != nil || !isTrue(block.RestrictPublicBuckets) {
		return err
	}
	doc, err := policy.Parse(string(b.Policy), policy.Resource)
	if err != nil {
		return err
	}
	if doc.Public() {
		return &awserr.Refusal{Kind: awserr.AccessDenied}
	}
	return nil
}

func isTrue(b *bool) bool { return b != nil && *b }

// found is the bucket that Needs has found.
func found(c *op.Call) *directory.Bucket { return c.Found.(*directory.Bucket) }
