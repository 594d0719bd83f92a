package kind

import (
	"cmp"
	"context"

	"github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

type rotationScheduleProperties struct {
	SecretId                       string
	RotationLambdaARN              string         `json:",omitempty"`
	RotationRules                  *rotationRules `json:",omitempty"`
	RotateImmediatelyOnUpdate      *bool          `json:",omitempty"`
	HostedRotationLambda           map[string]any `json:",omitempty"`
	ExternalSecretRotationMetadata []Tag          `json:",omitempty"`
	ExternalSecretRotationRoleArn  string         `json:",omitempty"`
}

type rotationRules struct {
	AutomaticallyAfterDays *int64  `json:",omitempty"`
	Duration               *string `json:",omitempty"`
	ScheduleExpression     *string `json:",omitempty"`
}

var rotationSchedule = Kind[rotationScheduleProperties]{
	Type: "AWS::SecretsManager::RotationSchedule",
	Check: func(_, want *rotationScheduleProperties) error {
		if want.HostedRotationLambda != nil {
			return Invalid("#/HostedRotationLambda: iamd makes no Lambda functions; RotationLambdaARN names one that is there")
		}
		return nil
	},
	Create: func(ctx context.Context, api API, r Resource, want *rotationScheduleProperties) (Result, error) {
		return rotate(ctx, api, r, want.SecretId, want)
	},
	Update: func(ctx context.Context, api API, r Resource, _, want *rotationScheduleProperties) (Result, error) {
		return rotate(ctx, api, r, r.Physical, want)
	},
	Delete: func(ctx context.Context, api API, r Resource, _ *rotationScheduleProperties) error {
		_, err := api.Call(ctx, &secretsmanager.CancelRotateSecretRequest{SecretId: r.Physical})
		return goneSecret(err)
	},
	Read: func(ctx context.Context, api API, r Resource, was *rotationScheduleProperties) (*rotationScheduleProperties, Result, error) {
		s, err := Do[secretsmanager.DescribeSecretResponse](ctx, api, &secretsmanager.DescribeSecretRequest{SecretId: r.Physical})
		if err != nil || s.RotationEnabled == nil || !*s.RotationEnabled {
			return nil, Result{}, ignore(err, "ResourceNotFoundException")
		}
		is := &rotationScheduleProperties{
			SecretId:                      cmp.Or(was.SecretId, r.Physical),
			RotationLambdaARN:             orNone(s.RotationLambdaARN),
			RotateImmediatelyOnUpdate:     was.RotateImmediatelyOnUpdate,
			ExternalSecretRotationRoleArn: orNone(s.ExternalSecretRotationRoleArn),
		}
		if s.RotationRules != nil {
			is.RotationRules = new(rotationRules(*s.RotationRules))
			if is.RotationRules.ScheduleExpression != nil {
				is.RotationRules.AutomaticallyAfterDays = nil // that it comes to
			}
		}
		for _, m := range s.ExternalSecretRotationMetadata {
			is.ExternalSecretRotationMetadata = append(is.ExternalSecretRotationMetadata, Tag{orNone(m.Key), orNone(m.Value)})
		}
		return is, idResult(r.Physical), nil
	},
}

func rotate(ctx context.Context, api API, r Resource, id string, want *rotationScheduleProperties) (Result, error) {
	in := &secretsmanager.RotateSecretRequest{
		SecretId:                      id,
		ClientRequestToken:            &r.Token,
		RotationLambdaARN:             orNil(want.RotationLambdaARN),
		RotateImmediately:             want.RotateImmediatelyOnUpdate,
		ExternalSecretRotationRoleArn: orNil(want.ExternalSecretRotationRoleArn),
	}
	if want.RotationRules != nil {
		in.RotationRules = new(secretsmanager.RotationRulesType(*want.RotationRules))
	}
	for _, m := range want.ExternalSecretRotationMetadata {
		in.ExternalSecretRotationMetadata = append(in.ExternalSecretRotationMetadata,
			secretsmanager.ExternalSecretRotationMetadataItem{Key: new(m.Key), Value: new(m.Value)})
	}
	reply, err := Do[secretsmanager.RotateSecretResponse](ctx, api, in)
	if err != nil {
		return Result{}, err
	}
	return idResult(*reply.ARN), nil
}
