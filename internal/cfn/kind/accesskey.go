package kind

import (
	"context"
	"fmt"

	"github.com/iamd-project/iamd/internal/shapes/iam"
)

type accessKeyProperties struct {
	UserName string
	Serial   *int64 `json:",omitempty"`
	Status   string `json:",omitempty"`
}

// active is the Status of a key whose template does not give one.
const active = "Active"

func (p *accessKeyProperties) status() string {
	if p.Status == "" {
		return active
	}
	return p.Status
}

var accessKey = Kind[accessKeyProperties]{
	Type: "AWS::IAM::AccessKey",
	// A Serial "can only be incremented":
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-accesskey.html
	Check: func(was, want *accessKeyProperties) error {
		if was == nil || was.UserName != want.UserName || was.Serial == nil || want.Serial == nil || *want.Serial >= *was.Serial {
			return nil
		}
		return Invalid(fmt.Sprintf("#/Serial: the value can only be incremented (it is %d, and %d was asked for)", *was.Serial, *want.Serial))
	},
	Create: func(ctx context.Context, api API, r Resource, want *accessKeyProperties) (Result, error) {
		reply, err := Do[iam.CreateAccessKeyResponse](ctx, api, &iam.CreateAccessKeyRequest{UserName: &want.UserName})
		if err != nil {
			return Result{}, err
		}
		key := reply.AccessKey
		if want.status() != active {
			if err := setKeyStatus(ctx, api, want, key.AccessKeyId); err != nil {
				return Result{Physical: key.AccessKeyId}, err
			}
		}
		return Result{Physical: key.AccessKeyId, Attrs: map[string]string{"Id": key.AccessKeyId, "SecretAccessKey": key.SecretAccessKey}}, nil
	},
	Update: func(ctx context.Context, api API, r Resource, was, want *accessKeyProperties) (Result, error) {
		return Result{Physical: r.Physical}, setKeyStatus(ctx, api, want, r.Physical)
	},
	Delete: func(ctx context.Context, api API, r Resource, was *accessKeyProperties) error {
		_, err := api.Call(ctx, &iam.DeleteAccessKeyRequest{UserName: &was.UserName, AccessKeyId: r.Physical})
		return ignore(err, "NoSuchEntity")
	},
	Read: func(ctx context.Context, api API, r Resource, was *accessKeyProperties) (*accessKeyProperties, Result, error) {
		in := &iam.ListAccessKeysRequest{UserName: &was.UserName}
		for {
			page, err := Do[iam.ListAccessKeysResponse](ctx, api, in)
			if err != nil {
				return nil, Result{}, ignore(err, "NoSuchEntity")
			}
			for i := range page.AccessKeyMetadata {
				if k := &page.AccessKeyMetadata[i]; *k.AccessKeyId == r.Physical {
					is := &accessKeyProperties{UserName: was.UserName, Serial: was.Serial, Status: *k.Status}
					return is, Result{Physical: r.Physical}, nil
				}
			}
			if in.Marker = page.Marker; in.Marker == nil {
				return nil, Result{}, nil
			}
		}
	},
}

func setKeyStatus(ctx context.Context, api API, want *accessKeyProperties, id string) error {
	_, err := api.Call(ctx, &iam.UpdateAccessKeyRequest{UserName: &want.UserName, AccessKeyId: id, Status: want.status()})
	return err
}
