package kind

import (
	"cmp"
	"context"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/iamd-project/iamd/internal/shapes/s3"
)

// bucketProperties are those that this server's S3 keeps. The rest is refused.
type bucketProperties struct {
	BucketName                     string                             `json:",omitempty"`
	AccessControl                  string                             `json:",omitempty"`
	BucketEncryption               *bucketEncryption                  `json:",omitempty"`
	LifecycleConfiguration         *bucketLifecycle                   `json:",omitempty"`
	OwnershipControls              *bucketOwnership                   `json:",omitempty"`
	PublicAccessBlockConfiguration *s3.PublicAccessBlockConfiguration `json:",omitempty"`
	Tags                           []Tag                              `json:",omitempty"`
	VersioningConfiguration        *bucketVersioning                  `json:",omitempty"`

	bucketRest
}

// bucketRest are properties of what this server's S3 does not do.
type bucketRest struct {
	AbacStatus, AccelerateConfiguration, AnalyticsConfigurations, BucketNamePrefix, BucketNamespace, CorsConfiguration,
	IntelligentTieringConfigurations, InventoryConfigurations, LoggingConfiguration, MetadataConfiguration, MetadataTableConfiguration,
	MetricsConfigurations, NotificationConfiguration, ObjectLockConfiguration, ObjectLockEnabled, ReplicationConfiguration,
	WebsiteConfiguration json.RawMessage `json:",omitempty"`
}

type bucketEncryption struct {
	ServerSideEncryptionConfiguration []encryptionRule
}

type encryptionRule struct {
	BucketKeyEnabled              *bool                             `json:",omitempty"`
	ServerSideEncryptionByDefault *s3.ServerSideEncryptionByDefault `json:",omitempty"`
}

type bucketOwnership struct{ Rules []s3.OwnershipControlsRule }

type bucketVersioning struct{ Status string }

type bucketLifecycle struct{ Rules []lifecycleRule }

type lifecycleRule struct {
	Id                                string `json:",omitempty"`
	Status                            string
	Prefix                            *string                            `json:",omitempty"`
	ExpirationInDays                  *int32                             `json:",omitempty"`
	NoncurrentVersionExpirationInDays *int32                             `json:",omitempty"`
	NoncurrentVersionExpiration       *s3.NoncurrentVersionExpiration    `json:",omitempty"`
	AbortIncompleteMultipartUpload    *s3.AbortIncompleteMultipartUpload `json:",omitempty"`

	lifecycleRest
}

type lifecycleRest struct {
	ExpirationDate, ExpiredObjectDeleteMarker, NoncurrentVersionTransition, NoncurrentVersionTransitions, ObjectSizeGreaterThan,
	ObjectSizeLessThan, TagFilters, Transition, Transitions json.RawMessage `json:",omitempty"`
}

// firstSet is the name of the first property that is set; "" for none.
func firstSet(rest any) string {
	v := reflect.ValueOf(rest)
	for i := range v.NumField() {
		if v.Field(i).Len() > 0 {
			return v.Type().Field(i).Name
		}
	}
	return ""
}

var bucket = Kind[bucketProperties]{
	Type: "AWS::S3::Bucket",
	Check: func(_, want *bucketProperties) error {
		if name := firstSet(want.bucketRest); name != "" {
			return Invalid("#/" + name + ": iamd does not support this property of a bucket")
		}
		if want.LifecycleConfiguration != nil {
			for _, r := range want.LifecycleConfiguration.Rules {
				if name := firstSet(r.lifecycleRest); name != "" {
					return Invalid("#/LifecycleConfiguration/Rules/" + name + ": iamd does not support this property of a bucket")
				}
			}
		}
		if want.AccessControl != "" && want.AccessControl != "Private" && want.AccessControl != "BucketOwnerFullControl" {
			return Invalid("#/AccessControl: iamd's buckets have no access control lists")
		}
		return nil
	},
	Create: func(ctx context.Context, api API, r Resource, want *bucketProperties) (Result, error) {
		name := cmp.Or(want.BucketName, strings.ToLower(r.Name(63)))
		if _, err := api.Call(ctx, &s3.CreateBucketRequest{Bucket: name}); err != nil {
			return Result{}, err
		}
		made := bucketResult(name, r.Region)
		r.Physical, r.WasTags = name, nil
		return made, configure(ctx, api, &r, &bucketProperties{}, want)
	},
	Update: func(ctx context.Context, api API, r Resource, was, want *bucketProperties) (Result, error) {
		return bucketResult(r.Physical, r.Region), configure(ctx, api, &r, was, want)
	},
	Delete: func(ctx context.Context, api API, r Resource, _ *bucketProperties) error {
		_, err := api.Call(ctx, &s3.DeleteBucketRequest{Bucket: r.Physical})
		return ignore(err, "NoSuchBucket")
	},
	Read: readBucket,
}

func bucketResult(name, region string) Result {
	return Result{Physical: name, Attrs: map[string]string{
		"Arn":                 "arn:aws:s3:::" + name,
		"DomainName":          name + ".s3.amazonaws.com",
		"RegionalDomainName":  name + ".s3." + region + ".amazonaws.com",
		"DualStackDomainName": name + ".s3.dualstack." + region + ".amazonaws.com",
		"WebsiteURL":          "http://" + name + ".s3-website-" + region + ".amazonaws.com",
	}}
}

// configure makes the calls that lead from one set of properties to another.
func configure(ctx context.Context, api API, r *Resource, was, want *bucketProperties) error {
	name := r.Physical
	before, after := stacked(was.Tags, r.WasTags, exactKey), r.tags(want.Tags, exactKey)
	for _, c := range []struct {
		was, want any
		put, drop any
	}{
		{was.BucketEncryption, want.BucketEncryption, want.BucketEncryption.put(name), &s3.DeleteBucketEncryptionRequest{Bucket: name}},
		{was.OwnershipControls, want.OwnershipControls, want.OwnershipControls.put(name), &s3.DeleteBucketOwnershipControlsRequest{Bucket: name}},
		{
			was.PublicAccessBlockConfiguration, want.PublicAccessBlockConfiguration,
			&s3.PutPublicAccessBlockRequest{Bucket: name, PublicAccessBlockConfiguration: want.PublicAccessBlockConfiguration},
			&s3.DeletePublicAccessBlockRequest{Bucket: name},
		},
		{was.LifecycleConfiguration, want.LifecycleConfiguration, want.LifecycleConfiguration.put(name), &s3.DeleteBucketLifecycleRequest{Bucket: name}},
		{was.VersioningConfiguration, want.VersioningConfiguration, want.VersioningConfiguration.put(name), (&bucketVersioning{"Suspended"}).put(name)},
		{before, after, &s3.PutBucketTaggingRequest{Bucket: name, Tagging: &s3.Tagging{TagSet: bucketTags(after)}}, &s3.DeleteBucketTaggingRequest{Bucket: name}},
	} {
		in := c.put
		if v := reflect.ValueOf(c.want); v.IsNil() {
			in = c.drop
		}
		if reflect.DeepEqual(c.was, c.want) {
			continue
		}
		if _, err := api.Call(ctx, in); err != nil {
			return err
		}
	}
	return nil
}

func bucketTags(tags []Tag) []s3.Tag {
	var out []s3.Tag
	for _, t := range tags {
		out = append(out, s3.Tag(t))
	}
	return out
}

func (e *bucketEncryption) put(name string) *s3.PutBucketEncryptionRequest {
	if e == nil {
		return nil
	}
	conf := &s3.ServerSideEncryptionConfiguration{}
	for _, r := range e.ServerSideEncryptionConfiguration {
		conf.Rules = append(conf.Rules, s3.ServerSideEncryptionRule{
			ApplyServerSideEncryptionByDefault: r.ServerSideEncryptionByDefault, BucketKeyEnabled: r.BucketKeyEnabled,
		})
	}
	return &s3.PutBucketEncryptionRequest{Bucket: name, ServerSideEncryptionConfiguration: conf}
}

func (o *bucketOwnership) put(name string) *s3.PutBucketOwnershipControlsRequest {
	if o == nil {
		return nil
	}
	return &s3.PutBucketOwnershipControlsRequest{Bucket: name, OwnershipControls: &s3.OwnershipControls{Rules: o.Rules}}
}

func (v *bucketVersioning) put(name string) *s3.PutBucketVersioningRequest {
	if v == nil {
		return nil
	}
	return &s3.PutBucketVersioningRequest{Bucket: name, VersioningConfiguration: &s3.VersioningConfiguration{Status: &v.Status}}
}

func (l *bucketLifecycle) put(name string) *s3.PutBucketLifecycleConfigurationRequest {
	if l == nil {
		return nil
	}
	conf := &s3.BucketLifecycleConfiguration{}
	for _, r := range l.Rules {
		rule := s3.LifecycleRule{
			ID: orNil(r.Id), Status: r.Status, Filter: &s3.LifecycleRuleFilter{Prefix: new(orNone(r.Prefix))},
			NoncurrentVersionExpiration: r.NoncurrentVersionExpiration, AbortIncompleteMultipartUpload: r.AbortIncompleteMultipartUpload,
		}
		if r.ExpirationInDays != nil {
			rule.Expiration = &s3.LifecycleExpiration{Days: r.ExpirationInDays}
		}
		if r.NoncurrentVersionExpirationInDays != nil {
			rule.NoncurrentVersionExpiration = &s3.NoncurrentVersionExpiration{NoncurrentDays: r.NoncurrentVersionExpirationInDays}
		}
		conf.Rules = append(conf.Rules, rule)
	}
	return &s3.PutBucketLifecycleConfigurationRequest{Bucket: name, LifecycleConfiguration: conf}
}

// readBucket looks at what a bucket has that was asked for, whether it is still so. Its
// lifecycle, which has other forms here than there, is taken for what it was.
func readBucket(ctx context.Context, api API, r Resource, was *bucketProperties) (*bucketProperties, Result, error) {
	name := r.Physical
	if _, err := api.Call(ctx, &s3.HeadBucketRequest{Bucket: name}); err != nil {
		return nil, Result{}, ignore(err, "NoSuchBucket")
	}
	is := &bucketProperties{BucketName: name, AccessControl: was.AccessControl, LifecycleConfiguration: was.LifecycleConfiguration}
	block, err := Do[s3.GetPublicAccessBlockOutput](ctx, api, &s3.GetPublicAccessBlockRequest{Bucket: name})
	if err == nil {
		is.PublicAccessBlockConfiguration = block.PublicAccessBlockConfiguration
	} else if err = ignore(err, "NoSuchPublicAccessBlockConfiguration"); err != nil {
		return nil, Result{}, err
	}
	versions, err := Do[s3.GetBucketVersioningOutput](ctx, api, &s3.GetBucketVersioningRequest{Bucket: name})
	if err != nil {
		return nil, Result{}, err
	}
	if versions.Status != nil {
		is.VersioningConfiguration = &bucketVersioning{*versions.Status}
	}
	encryption, err := Do[s3.GetBucketEncryptionOutput](ctx, api, &s3.GetBucketEncryptionRequest{Bucket: name})
	if err != nil {
		return nil, Result{}, err
	}
	is.BucketEncryption = &bucketEncryption{}
	for _, rule := range encryption.ServerSideEncryptionConfiguration.Rules {
		is.BucketEncryption.ServerSideEncryptionConfiguration = append(is.BucketEncryption.ServerSideEncryptionConfiguration,
			encryptionRule{rule.BucketKeyEnabled, rule.ApplyServerSideEncryptionByDefault})
	}
	owned, err := Do[s3.GetBucketOwnershipControlsOutput](ctx, api, &s3.GetBucketOwnershipControlsRequest{Bucket: name})
	if err == nil {
		is.OwnershipControls = &bucketOwnership{owned.OwnershipControls.Rules}
	} else if err = ignore(err, "OwnershipControlsNotFoundError"); err != nil {
		return nil, Result{}, err
	}
	tags, err := Do[s3.GetBucketTaggingOutput](ctx, api, &s3.GetBucketTaggingRequest{Bucket: name})
	if err == nil {
		var all []Tag
		for _, t := range tags.TagSet {
			all = append(all, Tag(t))
		}
		is.Tags = r.shown(all, was.Tags, exactKey)
	} else if err = ignore(err, "NoSuchTagSet"); err != nil {
		return nil, Result{}, err
	}
	return is.onlyAsked(was), bucketResult(name, r.Region), nil
}

// onlyAsked leaves out what every bucket has and nobody has asked for.
func (p *bucketProperties) onlyAsked(was *bucketProperties) *bucketProperties {
	if was.BucketEncryption == nil {
		p.BucketEncryption = nil
	}
	if was.OwnershipControls == nil {
		p.OwnershipControls = nil
	}
	if was.PublicAccessBlockConfiguration == nil {
		p.PublicAccessBlockConfiguration = nil
	}
	return p
}
