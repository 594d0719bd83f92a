package s3

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/s3"
)

// The configurations of a bucket, by their names in its record. All are kept and shown; of
// what they say, the public access block and the default encryption are obeyed.
const (
	encryptionConfig = "encryption"
	versioningConfig = "versioning"
	lifecycleConfig  = "lifecycle"
	blockConfig      = "publicAccessBlock"
	ownershipConfig  = "ownershipControls"
)

func configOperations() []op.Operation {
	return []op.Operation{
		op.Write("PutBucketEncryption", needPutBucketEncryption, putBucketEncryption),
		op.Read("GetBucketEncryption", needGetBucketEncryption, getBucketEncryption),
		op.Write("DeleteBucketEncryption", needDeleteBucketEncryption, deleteBucketEncryption),
		op.Write("PutBucketVersioning", needPutBucketVersioning, putBucketVersioning),
		op.Read("GetBucketVersioning", needGetBucketVersioning, getBucketVersioning),
		op.Write("PutBucketLifecycleConfiguration", needPutLifecycle, putLifecycle),
		op.Read("GetBucketLifecycleConfiguration", needGetLifecycle, getLifecycle),
		op.Write("DeleteBucketLifecycle", needDeleteLifecycle, deleteLifecycle),
		op.Write("PutPublicAccessBlock", needPutPublicAccessBlock, putPublicAccessBlock),
		op.Read("GetPublicAccessBlock", needGetPublicAccessBlock, getPublicAccessBlock),
		op.Write("DeletePublicAccessBlock", needDeletePublicAccessBlock, deletePublicAccessBlock),
		op.Write("PutBucketOwnershipControls", needPutOwnership, putOwnership),
		op.Read("GetBucketOwnershipControls", needGetOwnership, getOwnership),
		op.Write("DeleteBucketOwnershipControls", needDeleteOwnership, deleteOwnership),
		op.Write("PutBucketTagging", needPutBucketTagging, putBucketTagging),
		op.Read("GetBucketTagging", needGetBucketTagging, getBucketTagging),
		op.Write("DeleteBucketTagging", needDeleteBucketTagging, deleteBucketTagging),
	}
}

// config is a configuration of a bucket; nil for none.
func config[T any](b *directory.Bucket, name string) (*T, error) {
	text, ok := b.Configs[name]
	if !ok {
		return nil, nil
	}
	conf := new(T)
	return conf, json.Unmarshal([]byte(text), conf)
}

// setConfig puts a configuration into b, which must be the caller's own.
func setConfig(b *directory.Bucket, name string, conf any) error {
	text, err := json.Marshal(conf)
	if err != nil {
		return err
	}
	b.Configs = maps.Clone(b.Configs)
	if b.Configs == nil {
		b.Configs = map[string]string{}
	}
	b.Configs[name] = string(text)
	return nil
}

// put stores a configuration of the bucket that was found.
func put(c *op.Call, name string, conf any) (*op.None, error) {
	b := *found(c)
	if err := setConfig(&b, name, conf); err != nil {
		return nil, err
	}
	return nil, directory.PutBucket(c.Tx, &b)
}

// drop removes one.
func drop(c *op.Call, name string) (*op.None, error) {
	b := *found(c)
	b.Configs = maps.Clone(b.Configs)
	delete(b.Configs, name)
	return nil, directory.PutBucket(c.Tx, &b)
}

// member is a part of an error.
func member(name, value string) awserr.Member { return awserr.Member{Name: name, Value: value} }

func needPutBucketEncryption(c *op.Call, in *shape.PutBucketEncryptionRequest) ([]op.Need, error) {
	return needBucket(c, "PutEncryptionConfiguration", in.Bucket, in.ExpectedBucketOwner, nil)
}

func putBucketEncryption(_ context.Context, c *op.Call, in *shape.PutBucketEncryptionRequest) (*op.None, error) {
	rules := in.ServerSideEncryptionConfiguration.Rules
	if len(rules) != 1 || rules[0].ApplyServerSideEncryptionByDefault == nil {
		return nil, &awserr.Refusal{Kind: awserr.Malformed}
	}
	if d := rules[0].ApplyServerSideEncryptionByDefault; d.KMSMasterKeyID != nil && !strings.HasPrefix(d.SSEAlgorithm, "aws:kms") {
		return nil, refuse(400, "InvalidArgument", "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse")
	}
	return put(c, encryptionConfig, in.ServerSideEncryptionConfiguration)
}

func needGetBucketEncryption(c *op.Call, in *shape.GetBucketEncryptionRequest) ([]op.Need, error) {
	return needBucket(c, "GetEncryptionConfiguration", in.Bucket, in.ExpectedBucketOwner, nil)
}

func getBucketEncryption(_ context.Context, c *op.Call, _ *shape.GetBucketEncryptionRequest) (*shape.GetBucketEncryptionOutput, error) {
	conf, err := encryption(found(c))
	return &shape.GetBucketEncryptionOutput{ServerSideEncryptionConfiguration: conf}, err
}

// encryption is what objects get by default: SSE-S3 where nobody said otherwise.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
func encryption(b *directory.Bucket) (*shape.ServerSideEncryptionConfiguration, error) {
	conf, err := config[shape.ServerSideEncryptionConfiguration](b, encryptionConfig)
	if err == nil && conf == nil {
		conf = &shape.ServerSideEncryptionConfiguration{Rules: []shape.ServerSideEncryptionRule{{
			ApplyServerSideEncryptionByDefault: &shape.ServerSideEncryptionByDefault{SSEAlgorithm: "AES256"}, BucketKeyEnabled: new(false),
		}}}
	}
	return conf, err
}

func needDeleteBucketEncryption(c *op.Call, in *shape.DeleteBucketEncryptionRequest) ([]op.Need, error) {
	return needBucket(c, "PutEncryptionConfiguration", in.Bucket, in.ExpectedBucketOwner, nil)
}

func deleteBucketEncryption(_ context.Context, c *op.Call, _ *shape.DeleteBucketEncryptionRequest) (*op.None, error) {
	return drop(c, encryptionConfig)
}

func needPutBucketVersioning(c *op.Call, in *shape.PutBucketVersioningRequest) ([]op.Need, error) {
	return needBucket(c, "PutBucketVersioning", in.Bucket, in.ExpectedBucketOwner, nil)
}

func putBucketVersioning(_ context.Context, c *op.Call, in *shape.PutBucketVersioningRequest) (*op.None, error) {
	if in.VersioningConfiguration.Status == nil {
		return nil, refuse(400, "IllegalVersioningConfigurationException", "The Versioning element must be specified")
	}
	if value(in.VersioningConfiguration.MFADelete) == "Enabled" {
		return nil, awserr.Refuse(awserr.NotBuilt, "iamd does not support MFA delete.")
	}
	return put(c, versioningConfig, in.VersioningConfiguration)
}

func needGetBucketVersioning(c *op.Call, in *shape.GetBucketVersioningRequest) ([]op.Need, error) {
	return needBucket(c, "GetBucketVersioning", in.Bucket, in.ExpectedBucketOwner, nil)
}

func getBucketVersioning(_ context.Context, c *op.Call, _ *shape.GetBucketVersioningRequest) (*shape.GetBucketVersioningOutput, error) {
	conf, err := config[shape.VersioningConfiguration](found(c), versioningConfig)
	if err != nil || conf == nil {
		return &shape.GetBucketVersioningOutput{}, err
	}
	return &shape.GetBucketVersioningOutput{Status: conf.Status, MFADelete: conf.MFADelete}, nil
}

func needPutLifecycle(c *op.Call, in *shape.PutBucketLifecycleConfigurationRequest) ([]op.Need, error) {
	return needBucket(c, "PutLifecycleConfiguration", in.Bucket, in.ExpectedBucketOwner, nil)
}

func putLifecycle(_ context.Context, c *op.Call, in *shape.PutBucketLifecycleConfigurationRequest) (*shape.PutBucketLifecycleConfigurationOutput, error) {
	if in.LifecycleConfiguration == nil || len(in.LifecycleConfiguration.Rules) == 0 {
		return nil, &awserr.Refusal{Kind: awserr.Malformed}
	}
	_, err := put(c, lifecycleConfig, in.LifecycleConfiguration)
	return &shape.PutBucketLifecycleConfigurationOutput{}, err
}

func needGetLifecycle(c *op.Call, in *shape.GetBucketLifecycleConfigurationRequest) ([]op.Need, error) {
	return needBucket(c, "GetLifecycleConfiguration", in.Bucket, in.ExpectedBucketOwner, nil)
}

func getLifecycle(_ context.Context, c *op.Call, in *shape.GetBucketLifecycleConfigurationRequest) (*shape.GetBucketLifecycleConfigurationOutput, error) {
	conf, err := config[shape.BucketLifecycleConfiguration](found(c), lifecycleConfig)
	if err == nil && conf == nil {
		err = refuse(404, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist", member("BucketName", in.Bucket))
	}
	if err != nil {
		return nil, err
	}
	return &shape.GetBucketLifecycleConfigurationOutput{Rules: conf.Rules}, nil
}

func needDeleteLifecycle(c *op.Call, in *shape.DeleteBucketLifecycleRequest) ([]op.Need, error) {
	return needBucket(c, "PutLifecycleConfiguration", in.Bucket, in.ExpectedBucketOwner, nil)
}

func deleteLifecycle(_ context.Context, c *op.Call, _ *shape.DeleteBucketLifecycleRequest) (*op.None, error) {
	return drop(c, lifecycleConfig)
}

func needPutPublicAccessBlock(c *op.Call, in *shape.PutPublicAccessBlockRequest) ([]op.Need, error) {
	return needBucket(c, "PutBucketPublicAccessBlock", in.Bucket, in.ExpectedBucketOwner, nil)
}

func putPublicAccessBlock(_ context.Context, c *op.Call, in *shape.PutPublicAccessBlockRequest) (*op.None, error) {
	conf := *in.PublicAccessBlockConfiguration
	for _, set := range []**bool{&conf.BlockPublicAcls, &conf.BlockPublicPolicy, &conf.IgnorePublicAcls, &conf.RestrictPublicBuckets} {
		if *set == nil {
			*set = new(false)
		}
	}
	return put(c, blockConfig, &conf)
}

func needGetPublicAccessBlock(c *op.Call, in *shape.GetPublicAccessBlockRequest) ([]op.Need, error) {
	return needBucket(c, "GetBucketPublicAccessBlock", in.Bucket, in.ExpectedBucketOwner, nil)
}

func getPublicAccessBlock(_ context.Context, c *op.Call, in *shape.GetPublicAccessBlockRequest) (*shape.GetPublicAccessBlockOutput, error) {
	conf, err := config[shape.PublicAccessBlockConfiguration](found(c), blockConfig)
	if err == nil && conf == nil {
		err = refuse(404, "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found", member("BucketName", in.Bucket))
	}
	return &shape.GetPublicAccessBlockOutput{PublicAccessBlockConfiguration: conf}, err
}

// publicAccess is what is blocked.
func publicAccess(b *directory.Bucket) (*shape.PublicAccessBlockConfiguration, error) {
	conf, err := config[shape.PublicAccessBlockConfiguration](b, blockConfig)
	if err == nil && conf == nil {
		conf = &shape.PublicAccessBlockConfiguration{}
	}
	return conf, err
}

func needDeletePublicAccessBlock(c *op.Call, in *shape.DeletePublicAccessBlockRequest) ([]op.Need, error) {
	return needBucket(c, "PutBucketPublicAccessBlock", in.Bucket, in.ExpectedBucketOwner, nil)
}

func deletePublicAccessBlock(_ context.Context, c *op.Call, _ *shape.DeletePublicAccessBlockRequest) (*op.None, error) {
	return drop(c, blockConfig)
}

func needPutOwnership(c *op.Call, in *shape.PutBucketOwnershipControlsRequest) ([]op.Need, error) {
	return needBucket(c, "PutBucketOwnershipControls", in.Bucket, in.ExpectedBucketOwner, nil)
}

func putOwnership(_ context.Context, c *op.Call, in *shape.PutBucketOwnershipControlsRequest) (*op.None, error) {
	if len(in.OwnershipControls.Rules) != 1 {
		return nil, &awserr.Refusal{Kind: awserr.Malformed}
	}
	return put(c, ownershipConfig, in.OwnershipControls)
}

func needGetOwnership(c *op.Call, in *shape.GetBucketOwnershipControlsRequest) ([]op.Need, error) {
	return needBucket(c, "GetBucketOwnershipControls", in.Bucket, in.ExpectedBucketOwner, nil)
}

func getOwnership(_ context.Context, c *op.Call, in *shape.GetBucketOwnershipControlsRequest) (*shape.GetBucketOwnershipControlsOutput, error) {
	conf, err := config[shape.OwnershipControls](found(c), ownershipConfig)
	if err == nil && conf == nil {
		err = refuse(404, "OwnershipControlsNotFoundError", "The bucket ownership controls were not found", member("BucketName", in.Bucket))
	}
	return &shape.GetBucketOwnershipControlsOutput{OwnershipControls: conf}, err
}

func needDeleteOwnership(c *op.Call, in *shape.DeleteBucketOwnershipControlsRequest) ([]op.Need, error) {
	return needBucket(c, "PutBucketOwnershipControls", in.Bucket, in.ExpectedBucketOwner, nil)
}

func deleteOwnership(_ context.Context, c *op.Call, _ *shape.DeleteBucketOwnershipControlsRequest) (*op.None, error) {
	return drop(c, ownershipConfig)
}

func needPutBucketTagging(c *op.Call, in *shape.PutBucketTaggingRequest) ([]op.Need, error) {
	return needBucket(c, "PutBucketTagging", in.Bucket, in.ExpectedBucketOwner, nil)
}

// mostTags is how many tags a bucket has.
const mostTags = 50

func putBucketTagging(_ context.Context, c *op.Call, in *shape.PutBucketTaggingRequest) (*op.None, error) {
	tags := tagsOf(in.Tagging.TagSet)
	if len(tags) > mostTags {
		return nil, refuse(400, "BadRequest", "Bucket tag count cannot be greater than 50")
	}
	for i, t := range tags {
		if strings.HasPrefix(t.Key, "aws:") && len(c.Client.Via) == 0 {
			return nil, refuse(400, "InvalidTag", "System tags cannot be added/updated by requester", member("TagKey", t.Key))
		}
		if slices.ContainsFunc(tags[:i], func(o directory.Tag) bool { return o.Key == t.Key }) {
			return nil, refuse(400, "InvalidTag", "Cannot provide multiple Tags with the same key", member("TagKey", t.Key))
		}
	}
	b := *found(c)
	b.Tags = tags
	return nil, directory.PutBucket(c.Tx, &b)
}

func tagsOf(in []shape.Tag) []directory.Tag {
	var tags []directory.Tag
	for _, t := range in {
		tags = append(tags, directory.Tag{Key: t.Key, Value: t.Value})
	}
	return tags
}

func needGetBucketTagging(c *op.Call, in *shape.GetBucketTaggingRequest) ([]op.Need, error) {
	return needBucket(c, "GetBucketTagging", in.Bucket, in.ExpectedBucketOwner, nil)
}

func getBucketTagging(_ context.Context, c *op.Call, in *shape.GetBucketTaggingRequest) (*shape.GetBucketTaggingOutput, error) {
	b := found(c)
	if len(b.Tags) == 0 {
		return nil, refuse(404, "NoSuchTagSet", "The TagSet does not exist", member("BucketName", in.Bucket))
	}
	out := &shape.GetBucketTaggingOutput{}
	for _, t := range b.Tags {
		out.TagSet = append(out.TagSet, shape.Tag{Key: t.Key, Value: t.Value})
	}
	return out, nil
}

func needDeleteBucketTagging(c *op.Call, in *shape.DeleteBucketTaggingRequest) ([]op.Need, error) {
	return needBucket(c, "PutBucketTagging", in.Bucket, in.ExpectedBucketOwner, nil)
}

func deleteBucketTagging(_ context.Context, c *op.Call, _ *shape.DeleteBucketTaggingRequest) (*op.None, error) {
	b := *found(c)
	b.Tags = nil
	return nil, directory.PutBucket(c.Tx, &b)
}
