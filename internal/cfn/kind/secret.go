package kind

import (
	"cmp"
	"context"
	"slices"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

type secretProperties struct {
	Name                 string          `json:",omitempty"`
	Description          string          `json:",omitempty"`
	KmsKeyId             string          `json:",omitempty"`
	Type                 string          `json:",omitempty"`
	SecretString         *string         `json:",omitempty"`
	GenerateSecretString *generation     `json:",omitempty"`
	ReplicaRegions       []secretReplica `json:",omitempty"`
	Tags                 []Tag           `json:",omitempty"`
}

// defaultSecretKey is what replicas are shown to have that were given no key.
const defaultSecretKey = "alias/aws/secretsmanager"

type secretReplica struct {
	Region   string
	KmsKeyId string `json:",omitempty"`
}

var secret = Kind[secretProperties]{
	Type: "AWS::SecretsManager::Secret",
	Check: func(_, want *secretProperties) error {
		if want.SecretString != nil && want.GenerateSecretString != nil {
			return Invalid("#: SecretString and GenerateSecretString can't both be specified")
		}
		return want.GenerateSecretString.check()
	},
	Create: func(ctx context.Context, api API, r Resource, want *secretProperties) (Result, error) {
		value, err := want.value(ctx, api)
		if err != nil {
			return Result{}, err
		}
		reply, err := Do[secretsmanager.CreateSecretResponse](ctx, api, &secretsmanager.CreateSecretRequest{
			ClientRequestToken: &r.Token,
			Name:               cmp.Or(want.Name, r.MixedName("")),
			Description:        orNil(want.Description),
			KmsKeyId:           orNil(want.KmsKeyId),
			Type:               orNil(want.Type),
			SecretString:       value,
			Tags:               secretTags(r.tags(want.Tags, exactKey)),
		})
		if err != nil {
			return Result{}, err
		}
		return idResult(*reply.ARN), changeReplicas(ctx, api, *reply.ARN, nil, want.ReplicaRegions)
	},
	Update: func(ctx context.Context, api API, r Resource, was, want *secretProperties) (Result, error) {
		if err := updateSecret(ctx, api, r, was, want); err != nil {
			return Result{}, err
		}
		if err := r.retag(ctx, api, was.Tags, want.Tags, retagging{
			same: exactKey,
			untag: func(keys []string) any {
				return &secretsmanager.UntagResourceRequest{SecretId: r.Physical, TagKeys: keys}
			},
			tag: func(tags []Tag) any {
				return &secretsmanager.TagResourceRequest{SecretId: r.Physical, Tags: secretTags(tags)}
			},
		}); err != nil {
			return Result{}, err
		}
		return Result{Physical: r.Physical}, changeReplicas(ctx, api, r.Physical, was.ReplicaRegions, want.ReplicaRegions)
	},
	Delete: func(ctx context.Context, api API, r Resource, was *secretProperties) error {
		if err := changeReplicas(ctx, api, r.Physical, was.ReplicaRegions, nil); goneSecret(err) != nil {
			return err
		}
		in := &secretsmanager.DeleteSecretRequest{SecretId: r.Physical, ForceDeleteWithoutRecovery: new(true)}
		_, err := api.Call(ctx, in)
		return ignore(err, "ResourceNotFoundException")
	},
	Read: readSecret,
}

// idResult is that of a resource whose Ref is its attribute Id.
func idResult(id string) Result {
	return Result{Physical: id, Attrs: map[string]string{"Id": id}}
}

// goneSecret is err, or nil if it says that the secret is not there any more, or about to
// go.
func goneSecret(err error) error {
	return ignore(err, "ResourceNotFoundException", "InvalidRequestException")
}

// value is what a secret is to hold; nil for nothing.
func (p *secretProperties) value(ctx context.Context, api API) (*string, error) {
	if p.GenerateSecretString == nil {
		return p.SecretString, nil
	}
	return p.GenerateSecretString.generate(ctx, api)
}

// updateSecret changes what is the secret's own. A value is made anew only when what it
// is made of has changed, and one that the template does not give any more stays.
func updateSecret(ctx context.Context, api API, r Resource, was, want *secretProperties) error {
	in := &secretsmanager.UpdateSecretRequest{
		SecretId:           r.Physical,
		ClientRequestToken: &r.Token,
		Description:        changed(was.Description, want.Description),
		KmsKeyId:           changed(was.KmsKeyId, want.KmsKeyId),
		Type:               changed(was.Type, want.Type),
	}
	if !same(was.SecretString, want.SecretString) || !want.GenerateSecretString.is(was.GenerateSecretString) {
		var err error
		if in.SecretString, err = want.value(ctx, api); err != nil {
			return err
		}
	}
	if in.Description == nil && in.KmsKeyId == nil && in.Type == nil && in.SecretString == nil {
		return nil
	}
	_, err := api.Call(ctx, in)
	return err
}

// changed is what to ask for; nil for a text that is to stay.
func changed(was, want string) *string {
	if was == want {
		return nil
	}
	return &want
}

func same[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// replicasAtOnce is how many regions a call may name.
const replicasAtOnce = 10

func changeReplicas(ctx context.Context, api API, arn string, was, want []secretReplica) error {
	var gone []string
	for _, w := range was {
		if !slices.ContainsFunc(want, func(r secretReplica) bool { return r.Region == w.Region }) {
			gone = append(gone, w.Region)
		}
	}
	if len(gone) > 0 {
		in := &secretsmanager.RemoveRegionsFromReplicationRequest{SecretId: arn, RemoveReplicaRegions: gone}
		if _, err := api.Call(ctx, in); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(missing(want, was), replicasAtOnce) {
		if err := replicate(ctx, api, arn, some); err != nil {
			return err
		}
	}
	return nil
}

func replicate(ctx context.Context, api API, arn string, to []secretReplica) error {
	in := &secretsmanager.ReplicateSecretToRegionsRequest{SecretId: arn}
	for _, r := range to {
		in.AddReplicaRegions = append(in.AddReplicaRegions, secretsmanager.ReplicaRegionType{Region: new(r.Region), KmsKeyId: orNil(r.KmsKeyId)})
	}
	reply, err := Do[secretsmanager.ReplicateSecretToRegionsResponse](ctx, api, in)
	if err != nil {
		return err
	}
	for _, s := range reply.ReplicationStatus {
		asked := slices.ContainsFunc(to, func(r secretReplica) bool { return r.Region == orNone(s.Region) })
		if asked && orNone(s.Status) == secretsmanager.StatusTypeFailed {
			return awserr.New(400, "InvalidRequestException", "Replication to region %s failed: %s", *s.Region, orNone(s.StatusMessage))
		}
	}
	return nil
}

// readSecret takes the value to be the same: it is not looked at.
func readSecret(ctx context.Context, api API, r Resource, was *secretProperties) (*secretProperties, Result, error) {
	s, err := Do[secretsmanager.DescribeSecretResponse](ctx, api, &secretsmanager.DescribeSecretRequest{SecretId: r.Physical})
	if err != nil || s.DeletedDate != nil {
		return nil, Result{}, ignore(err, "ResourceNotFoundException")
	}
	is := &secretProperties{
		Name:                 orNone(s.Name),
		Description:          orNone(s.Description),
		KmsKeyId:             orNone(s.KmsKeyId),
		Type:                 orNone(s.Type),
		SecretString:         was.SecretString,
		GenerateSecretString: was.GenerateSecretString,
	}
	for _, replica := range s.ReplicationStatus {
		shown := secretReplica{orNone(replica.Region), orNone(replica.KmsKeyId)}
		if shown.KmsKeyId == defaultSecretKey && !slices.Contains(was.ReplicaRegions, shown) {
			shown.KmsKeyId = ""
		}
		is.ReplicaRegions = append(is.ReplicaRegions, shown)
	}
	is.ReplicaRegions = ordered(is.ReplicaRegions, was.ReplicaRegions, func(a, b secretReplica) bool { return a.Region == b.Region })
	for _, t := range s.Tags {
		is.Tags = append(is.Tags, Tag{orNone(t.Key), orNone(t.Value)})
	}
	is.Tags = r.shown(is.Tags, was.Tags, exactKey)
	return is, idResult(*s.ARN), nil
}

func secretTags(tags []Tag) []secretsmanager.Tag {
	var out []secretsmanager.Tag
	for _, t := range tags {
		out = append(out, secretsmanager.Tag{Key: new(t.Key), Value: new(t.Value)})
	}
	return out
}
