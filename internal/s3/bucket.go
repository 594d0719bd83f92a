package s3

import (
	"context"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/s3"
)

func bucketOperations() []op.Operation {
	return []op.Operation{
		op.Read("ListBuckets", needListBuckets, listBuckets),
		op.Write("CreateBucket", needCreateBucket, createBucket),
		op.Read("HeadBucket", needHeadBucket, headBucket),
		op.Write("DeleteBucket", needDeleteBucket, deleteBucket),
		op.Read("GetBucketLocation", needGetBucketLocation, getBucketLocation),
	}
}

func needListBuckets(*op.Call, *shape.ListBucketsRequest) ([]op.Need, error) {
	return []op.Need{{Action: "s3:ListAllMyBuckets", Resource: "arn:aws:s3:::*"}}, nil
}

func listBuckets(_ context.Context, c *op.Call, in *shape.ListBucketsRequest) (*shape.ListBucketsOutput, error) {
	after, ok := op.Cursor(in.ContinuationToken)
	if !ok {
		return nil, invalidArgument("continuation-token", *in.ContinuationToken, "The continuation token provided is incorrect")
	}
	limit := 10_000
	if in.MaxBuckets != nil {
		limit = int(*in.MaxBuckets)
	}
	page, err := op.PageOf(directory.ListBuckets(c.Snap, c.Caller.Account, after), limit,
		func(b *directory.Bucket) string { return b.Name },
		func(b *directory.Bucket) bool {
			return strings.HasPrefix(b.Name, value(in.Prefix)) && (in.BucketRegion == nil || b.Region == *in.BucketRegion)
		})
	if err != nil {
		return nil, err
	}
	out := &shape.ListBucketsOutput{
		Buckets: make([]shape.Bucket, len(page.Items)), ContinuationToken: page.Next, Prefix: in.Prefix,
		Owner: owner(string(c.Caller.Account)),
	}
	for i, b := range page.Items {
		out.Buckets[i] = shape.Bucket{
			Name: &b.Name, BucketRegion: &b.Region, CreationDate: new(b.Created.Time()),
		}
	}
	return out, nil
}

// owner is an account as S3 names it, by a canonical ID. Ours says the account's own.
func owner(account string) *shape.Owner { return &shape.Owner{ID: new(canonicalID(account))} }

// canonicalID has the 64 digits that clients expect.
func canonicalID(account string) string {
	return strings.Repeat("0", 64-len(account)) + account
}

// bucketName is the rule for names, of which addresses and some beginnings are excepted.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// takenNames are paths that the server answers itself.
var takenNames = []string{"healthz", "readyz", "version", "signals"}

func validName(name string) bool {
	if !bucketName.MatchString(name) || strings.Contains(name, "..") || slices.Contains(takenNames, name) {
		return false
	}
	_, err := netip.ParseAddr(name)
	return err != nil && !strings.HasPrefix(name, "xn--") && !strings.HasSuffix(name, "-s3alias")
}

func needCreateBucket(c *op.Call, in *shape.CreateBucketRequest) ([]op.Need, error) {
	k := keys{}.text("s3:x-amz-acl", in.ACL)
	if in.CreateBucketConfiguration != nil {
		k.text("s3:locationconstraint", in.CreateBucketConfiguration.LocationConstraint)
	}
	return []op.Need{{Action: "s3:CreateBucket", Resource: directory.BucketARN(in.Bucket), Context: k}}, nil
}

// createBucket: public access is blocked from the start.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
func createBucket(_ context.Context, c *op.Call, in *shape.CreateBucketRequest) (*shape.CreateBucketOutput, error) {
	if !validName(in.Bucket) {
		return nil, refuse(400, "InvalidBucketName", "The specified bucket is not valid.", member("BucketName", in.Bucket))
	}
	if err := onlyPrivate(in.ACL); err != nil {
		return nil, err
	}
	b := &directory.Bucket{Name: in.Bucket, Account: c.Caller.Account, Region: c.Region, Created: directory.At(c.Now)}
	if conf := in.CreateBucketConfiguration; conf != nil {
		if region := value(conf.LocationConstraint); region != "" {
			b.Region = region
		}
		if b.Region == "EU" {
			b.Region = "eu-west-1"
		}
		b.Tags = tagsOf(conf.Tags)
	}
	out := &shape.CreateBucketOutput{Location: new("/" + b.Name), BucketArn: new(b.ARN())}
	was, err := directory.GetBucket(c.Tx, b.Name)
	switch {
	case err != nil:
		return nil, err
	case was != nil && was.Account != c.Caller.Account:
		return nil, refuse(409, "BucketAlreadyExists", "The requested bucket name is not available. The bucket namespace is shared by all users of "+
			"the system. Please select a different name and try again.", member("BucketName", b.Name))
	case was != nil && was.Region == "us-east-1" && b.Region == was.Region && len(c.Client.Via) == 0: // as AWS has it there
		return out, nil
	case was != nil:
		return nil, refuse(409, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.",
			member("BucketName", b.Name))
	}
	counts, err := directory.CountsOf(c.Tx, b.Account)
	if err != nil {
		return nil, err
	}
	if counts[directory.Buckets] >= c.Quota(bucketsPerAccount) {
		return nil, refuse(400, "TooManyBuckets", "You have attempted to create more buckets than allowed")
	}
	blocked := &shape.PublicAccessBlockConfiguration{
		BlockPublicAcls: new(true), IgnorePublicAcls: new(true), BlockPublicPolicy: new(true), RestrictPublicBuckets: new(true),
	}
	ownership := &shape.OwnershipControls{Rules: []shape.OwnershipControlsRule{{ObjectOwnership: shape.ObjectOwnershipBucketOwnerEnforced}}}
	if in.ObjectOwnership != nil {
		ownership.Rules[0].ObjectOwnership = *in.ObjectOwnership
	}
	if err := setConfig(b, blockConfig, blocked); err != nil {
		return nil, err
	}
	if err := setConfig(b, ownershipConfig, ownership); err != nil {
		return nil, err
	}
	return out, directory.CreateBucket(c.Tx, b)
}

// onlyPrivate refuses the canned ACLs that mean something: there are no ACLs.
func onlyPrivate(acl *string) error {
	if acl == nil || *acl == "private" || *acl == "bucket-owner-full-control" {
		return nil
	}
	return refuse(400, "AccessControlListNotSupported", "The bucket does not allow ACLs")
}

func needHeadBucket(c *op.Call, in *shape.HeadBucketRequest) ([]op.Need, error) {
	return needBucket(c, "ListBucket", in.Bucket, in.ExpectedBucketOwner, nil)
}

func headBucket(_ context.Context, c *op.Call, _ *shape.HeadBucketRequest) (*shape.HeadBucketOutput, error) {
	b := found(c)
	return &shape.HeadBucketOutput{BucketRegion: &b.Region, BucketArn: new(b.ARN()), AccessPointAlias: new(false)}, nil
}

func needDeleteBucket(c *op.Call, in *shape.DeleteBucketRequest) ([]op.Need, error) {
	return needBucket(c, "DeleteBucket", in.Bucket, in.ExpectedBucketOwner, nil)
}

func deleteBucket(_ context.Context, c *op.Call, _ *shape.DeleteBucketRequest) (*op.None, error) {
	b := found(c)
	empty, err := directory.BucketEmpty(c.Tx, b.Name)
	if err != nil {
		return nil, err
	}
	if !empty {
		return nil, refuse(409, "BucketNotEmpty", "The bucket you tried to delete is not empty", member("BucketName", b.Name))
	}
	return nil, directory.DeleteBucket(c.Tx, b)
}

func needGetBucketLocation(c *op.Call, in *shape.GetBucketLocationRequest) ([]op.Need, error) {
	return needBucket(c, "GetBucketLocation", in.Bucket, in.ExpectedBucketOwner, nil)
}

// getBucketLocation: us-east-1 is said by nothing at all.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
func getBucketLocation(_ context.Context, c *op.Call, _ *shape.GetBucketLocationRequest) (*shape.GetBucketLocationOutput, error) {
	region := found(c).Region
	if region == "us-east-1" {
		region = ""
	}
	return &shape.GetBucketLocationOutput{LocationConstraint: orNil(region)}, nil
}
