package kind

import (
	"cmp"
	"context"

	"github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

type secretPolicyProperties struct {
	SecretId          string
	ResourcePolicy    document
	BlockPublicPolicy *bool `json:",omitempty"`
}

var secretPolicy = Kind[secretPolicyProperties]{
	Type: "AWS::SecretsManager::ResourcePolicy",
	Create: func(ctx context.Context, api API, _ Resource, want *secretPolicyProperties) (Result, error) {
		return putSecretPolicy(ctx, api, want.SecretId, want)
	},
	Update: func(ctx context.Context, api API, r Resource, _, want *secretPolicyProperties) (Result, error) {
		return putSecretPolicy(ctx, api, r.Physical, want)
	},
	Delete: func(ctx context.Context, api API, r Resource, _ *secretPolicyProperties) error {
		_, err := api.Call(ctx, &secretsmanager.DeleteResourcePolicyRequest{SecretId: r.Physical})
		return goneSecret(err)
	},
	Read: func(ctx context.Context, api API, r Resource, was *secretPolicyProperties) (*secretPolicyProperties, Result, error) {
		reply, err := Do[secretsmanager.GetResourcePolicyResponse](ctx, api, &secretsmanager.GetResourcePolicyRequest{SecretId: r.Physical})
		if err != nil || reply.ResourcePolicy == nil {
			return nil, Result{}, goneSecret(err)
		}
		is := *was
		is.SecretId = cmp.Or(was.SecretId, r.Physical)
		is.ResourcePolicy = was.ResourcePolicy.now(*reply.ResourcePolicy)
		return &is, idResult(r.Physical), nil
	},
}

func putSecretPolicy(ctx context.Context, api API, id string, want *secretPolicyProperties) (Result, error) {
	reply, err := Do[secretsmanager.PutResourcePolicyResponse](ctx, api, &secretsmanager.PutResourcePolicyRequest{
		SecretId: id, ResourcePolicy: want.ResourcePolicy.text, BlockPublicPolicy: want.BlockPublicPolicy,
	})
	if err != nil {
		return Result{}, err
	}
	return idResult(*reply.ARN), nil
}
