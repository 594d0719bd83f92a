package kind

import (
	"context"
	"encoding/json"

	"github.com/iamd-project/iamd/internal/shapes/kms"
)

// kmsKeyProperties are kept by the stack alone: the key is a record of its ID.
type kmsKeyProperties struct {
	BypassPolicyLockoutSafetyCheck bool            `json:",omitempty"`
	Description                    string          `json:",omitempty"`
	EnableKeyRotation              *bool           `json:",omitempty"`
	Enabled                        *bool           `json:",omitempty"`
	KeyPolicy                      json.RawMessage `json:",omitempty"`
	KeySpec                        string          `json:",omitempty"`
	KeyUsage                       string          `json:",omitempty"`
	MultiRegion                    bool            `json:",omitempty"`
	Origin                         string          `json:",omitempty"`
	PendingWindowInDays            *int32          `json:",omitempty"`
	RotationPeriodInDays           *int            `json:",omitempty"`
	Tags                           []Tag           `json:",omitempty"`
}

var kmsKey = Kind[kmsKeyProperties]{
	Type: "AWS::KMS::Key",
	Create: func(ctx context.Context, api API, _ Resource, _ *kmsKeyProperties) (Result, error) {
		reply, err := Do[kms.CreateKeyResponse](ctx, api, &kms.CreateKeyRequest{})
		if err != nil {
			return Result{}, err
		}
		return kmsKeyResult(reply.KeyMetadata), nil
	},
	Update: updateKMSKey,
	Delete: func(ctx context.Context, api API, r Resource, was *kmsKeyProperties) error {
		_, err := api.Call(ctx, &kms.ScheduleKeyDeletionRequest{KeyId: r.Physical, PendingWindowInDays: was.PendingWindowInDays})
		return ignore(err, "NotFoundException")
	},
	Read: func(ctx context.Context, api API, r Resource, was *kmsKeyProperties) (*kmsKeyProperties, Result, error) {
		reply, err := Do[kms.DescribeKeyResponse](ctx, api, &kms.DescribeKeyRequest{KeyId: r.Physical})
		if err != nil {
			return nil, Result{}, ignore(err, "NotFoundException")
		}
		return was, kmsKeyResult(reply.KeyMetadata), nil
	},
}

func kmsKeyResult(k *kms.KeyMetadata) Result {
	return Result{Physical: k.KeyId, Attrs: map[string]string{"Arn": orNone(k.Arn), "KeyId": k.KeyId}}
}

// updateKMSKey refuses to change what no key changes, whatever its policies of replacement.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html
func updateKMSKey(ctx context.Context, api API, r Resource, was, want *kmsKeyProperties) (Result, error) {
	for _, p := range []struct {
		name string
		same bool
	}{
		{"KeySpec", was.KeySpec == want.KeySpec},
		{"KeyUsage", was.KeyUsage == want.KeyUsage},
		{"MultiRegion", was.MultiRegion == want.MultiRegion},
		{"Origin", was.Origin == want.Origin},
	} {
		if !p.same {
			return Result{}, Failed("You cannot change the " + p.name + " property of a KMS key after it is created.")
		}
	}
	_, err := api.Call(ctx, &kms.DescribeKeyRequest{KeyId: r.Physical})
	return Result{Physical: r.Physical}, err
}
