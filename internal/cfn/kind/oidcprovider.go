package kind

import (
	"context"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/shapes/iam"
)

type oidcProviderProperties struct {
	Url            string   `json:",omitempty"`
	ClientIdList   []string `json:",omitempty"`
	ThumbprintList []string `json:",omitempty"`
	Tags           []Tag    `json:",omitempty"`
}

var oidcProvider = Kind[oidcProviderProperties]{
	Type: "AWS::IAM::OIDCProvider",
	Check: func(_, want *oidcProviderProperties) error {
		if want.Url == "" {
			return missingKey("Url")
		}
		return nil
	},
	Create: func(ctx context.Context, api API, r Resource, want *oidcProviderProperties) (Result, error) {
		reply, err := Do[iam.CreateOpenIDConnectProviderResponse](ctx, api, &iam.CreateOpenIDConnectProviderRequest{
			Url:            want.Url,
			ClientIDList:   want.ClientIdList,
			ThumbprintList: want.ThumbprintList,
			Tags:           iamTags(r.tags(want.Tags, foldedKey)),
		})
		if err != nil {
			return Result{}, err
		}
		return arnResult(*reply.OpenIDConnectProviderArn), nil
	},
	Update: func(ctx context.Context, api API, r Resource, was, want *oidcProviderProperties) (Result, error) {
		arn := r.Physical
		if err := changeClients(ctx, api, arn, was.ClientIdList, want.ClientIdList); err != nil {
			return Result{}, err
		}
		if !slices.Equal(was.ThumbprintList, want.ThumbprintList) {
			in := &iam.UpdateOpenIDConnectProviderThumbprintRequest{
				OpenIDConnectProviderArn: arn,
				ThumbprintList:           append([]string{}, want.ThumbprintList...),
			}
			if _, err := api.Call(ctx, in); err != nil {
				return Result{}, err
			}
		}
		return Result{Physical: arn}, r.retag(ctx, api, was.Tags, want.Tags, retagging{
			same: foldedKey,
			untag: func(keys []string) any {
				return &iam.UntagOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn, TagKeys: keys}
			},
			tag: func(tags []Tag) any {
				return &iam.TagOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn, Tags: iamTags(tags)}
			},
		})
	},
	Delete: func(ctx context.Context, api API, r Resource, _ *oidcProviderProperties) error {
		_, err := api.Call(ctx, &iam.DeleteOpenIDConnectProviderRequest{OpenIDConnectProviderArn: r.Physical})
		return ignore(err, "NoSuchEntity")
	},
	Read: func(ctx context.Context, api API, r Resource, was *oidcProviderProperties) (*oidcProviderProperties, Result, error) {
		reply, err := Do[iam.GetOpenIDConnectProviderResponse](ctx, api, &iam.GetOpenIDConnectProviderRequest{OpenIDConnectProviderArn: r.Physical})
		if err != nil {
			return nil, Result{}, ignore(err, "NoSuchEntity")
		}
		is := &oidcProviderProperties{
			Url:            orNone(reply.Url),
			ClientIdList:   orderedNames(reply.ClientIDList, was.ClientIdList),
			ThumbprintList: ordered(reply.ThumbprintList, was.ThumbprintList, strings.EqualFold),
			Tags:           r.shown(fromIAM(reply.Tags), was.Tags, foldedKey),
		}
		if was.Url == "https://"+is.Url { // which the API leaves out
			is.Url = was.Url
		}
		if slices.EqualFunc(is.ThumbprintList, was.ThumbprintList, strings.EqualFold) { // it shows them in lower case
			is.ThumbprintList = was.ThumbprintList
		}
		return is, arnResult(r.Physical), nil
	},
}

// arnResult is that of a resource whose Ref is its ARN.
func arnResult(arn string) Result {
	return Result{Physical: arn, Attrs: map[string]string{"Arn": arn}}
}

func changeClients(ctx context.Context, api API, arn string, was, want []string) error {
	for _, id := range missing(want, was) {
		in := &iam.AddClientIDToOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn, ClientID: id}
		if _, err := api.Call(ctx, in); err != nil {
			return err
		}
	}
	for _, id := range missing(was, want) {
		in := &iam.RemoveClientIDFromOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn, ClientID: id}
		if _, err := api.Call(ctx, in); absent(err) != nil {
			return err
		}
	}
	return nil
}
