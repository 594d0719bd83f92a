package kind

import (
	"context"
	"strings"

	"github.com/iamd-project/iamd/internal/shapes/kms"
)

type kmsAliasProperties struct {
	AliasName   string
	TargetKeyId string
}

var kmsAlias = Kind[kmsAliasProperties]{
	Type: "AWS::KMS::Alias",
	Check: func(_, want *kmsAliasProperties) error {
		if strings.HasPrefix(want.AliasName, "alias/aws/") {
			return Invalid("#/AliasName: failed validation constraint for keyword [pattern]")
		}
		return nil
	},
	Create: func(ctx context.Context, api API, _ Resource, want *kmsAliasProperties) (Result, error) {
		_, err := api.Call(ctx, &kms.CreateAliasRequest{AliasName: want.AliasName, TargetKeyId: want.TargetKeyId})
		if err != nil {
			return Result{}, err
		}
		return Result{Physical: want.AliasName}, nil
	},
	Update: func(ctx context.Context, api API, r Resource, _, want *kmsAliasProperties) (Result, error) {
		_, err := api.Call(ctx, &kms.UpdateAliasRequest{AliasName: r.Physical, TargetKeyId: want.TargetKeyId})
		return Result{Physical: r.Physical}, err
	},
	Delete: func(ctx context.Context, api API, r Resource, _ *kmsAliasProperties) error {
		_, err := api.Call(ctx, &kms.DeleteAliasRequest{AliasName: r.Physical})
		return ignore(err, "NotFoundException")
	},
	Read: func(ctx context.Context, api API, r Resource, was *kmsAliasProperties) (*kmsAliasProperties, Result, error) {
		reply, err := Do[kms.DescribeKeyResponse](ctx, api, &kms.DescribeKeyRequest{KeyId: r.Physical})
		if err != nil {
			return nil, Result{}, ignore(err, "NotFoundException")
		}
		is := &kmsAliasProperties{AliasName: r.Physical, TargetKeyId: reply.KeyMetadata.KeyId}
		if was.TargetKeyId == orNone(reply.KeyMetadata.Arn) { // a template may say either
			is.TargetKeyId = was.TargetKeyId
		}
		return is, Result{Physical: r.Physical}, nil
	},
}
