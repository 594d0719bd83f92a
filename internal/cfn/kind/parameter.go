package kind

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/shapes/ssm"
)

type parameterProperties struct {
	Name           string `json:",omitempty"`
	Type           string // String or StringList
	Value          string
	AllowedPattern string            `json:",omitempty"`
	DataType       string            `json:",omitempty"`
	Description    string            `json:",omitempty"`
	Policies       string            `json:",omitempty"`
	Tier           string            `json:",omitempty"`
	Tags           map[string]string `json:",omitempty"`
}

func (p *parameterProperties) dataType() string { return cmp.Or(p.DataType, "text") }

// tags are those of the template, in the order of their keys.
func (p *parameterProperties) tags() []Tag {
	var tags []Tag
	for _, key := range slices.Sorted(maps.Keys(p.Tags)) {
		tags = append(tags, Tag{key, p.Tags[key]})
	}
	return tags
}

var parameter = Kind[parameterProperties]{
	Type: "AWS::SSM::Parameter",
	Create: func(ctx context.Context, api API, r Resource, want *parameterProperties) (Result, error) {
		in := &ssm.PutParameterRequest{
			Name:           cmp.Or(want.Name, r.MixedName("CFN-")),
			Type:           &want.Type,
			Value:          want.Value,
			AllowedPattern: orNil(want.AllowedPattern),
			DataType:       new(want.dataType()),
			Description:    orNil(want.Description),
			Policies:       orNil(want.Policies),
			Tier:           orNil(want.Tier),
			Tags:           parameterTags(r.tags(want.tags(), exactKey)),
		}
		if _, err := api.Call(ctx, in); err != nil {
			return Result{}, err
		}
		return want.result(in.Name), nil
	},
	Update: func(ctx context.Context, api API, r Resource, was, want *parameterProperties) (Result, error) {
		if !was.sameValue(want) {
			if _, err := api.Call(ctx, want.overwrite(r.Physical, was)); err != nil {
				return Result{}, err
			}
		}
		return want.result(r.Physical), r.retag(ctx, api, was.tags(), want.tags(), retagging{
			same: exactKey,
			untag: func(keys []string) any {
				return &ssm.RemoveTagsFromResourceRequest{ResourceType: ssm.ResourceTypeForTaggingParameter, ResourceId: r.Physical, TagKeys: keys}
			},
			tag: func(tags []Tag) any {
				return &ssm.AddTagsToResourceRequest{ResourceType: ssm.ResourceTypeForTaggingParameter, ResourceId: r.Physical, Tags: parameterTags(tags)}
			},
		})
	},
	Delete: func(ctx context.Context, api API, r Resource, _ *parameterProperties) error {
		_, err := api.Call(ctx, &ssm.DeleteParameterRequest{Name: r.Physical})
		return ignore(err, "ParameterNotFound")
	},
	Read: readParameter,
}

// sameValue reports whether p and other differ in tags at most, which make no version.
func (p *parameterProperties) sameValue(other *parameterProperties) bool {
	return p.Type == other.Type && p.Value == other.Value && p.AllowedPattern == other.AllowedPattern && p.dataType() == other.dataType() &&
		p.Description == other.Description && p.Policies == other.Policies && p.Tier == other.Tier
}

// noPolicies takes away the policies that there are.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-policies.html
const noPolicies = "[{}]"

// overwrite makes a new version. What such a request leaves out stays as it was, and so
// it says everything but a tier that the template leaves to the service.
func (p *parameterProperties) overwrite(name string, was *parameterProperties) *ssm.PutParameterRequest {
	in := &ssm.PutParameterRequest{
		Name:           name,
		Overwrite:      new(true),
		Type:           &p.Type,
		Value:          p.Value,
		AllowedPattern: &p.AllowedPattern,
		DataType:       new(p.dataType()),
		Description:    &p.Description,
		Policies:       orNil(p.Policies),
		Tier:           orNil(p.Tier),
	}
	if p.Policies == "" && was.Policies != "" {
		in.Policies = new(noPolicies)
	}
	return in
}

func (p *parameterProperties) result(name string) Result {
	attrs := map[string]string{"Name": name, "Type": p.Type, "Value": p.Value, "DataType": p.dataType()}
	for key, value := range map[string]string{
		"AllowedPattern": p.AllowedPattern, "Description": p.Description, "Policies": p.Policies, "Tier": p.Tier,
	} {
		if value != "" {
			attrs[key] = value
		}
	}
	return Result{Physical: name, Attrs: attrs}
}

func readParameter(ctx context.Context, api API, r Resource, was *parameterProperties) (*parameterProperties, Result, error) {
	reply, err := Do[ssm.GetParameterResult](ctx, api, &ssm.GetParameterRequest{Name: r.Physical})
	if err != nil {
		return nil, Result{}, ignore(err, "ParameterNotFound")
	}
	is := &parameterProperties{
		Name:     orNone(reply.Parameter.Name),
		Type:     orNone(reply.Parameter.Type),
		Value:    orNone(reply.Parameter.Value),
		DataType: orNone(reply.Parameter.DataType),
	}
	described, err := Do[ssm.DescribeParametersResult](ctx, api, &ssm.DescribeParametersRequest{
		ParameterFilters: []ssm.ParameterStringFilter{{Key: "Name", Option: new("Equals"), Values: []string{is.Name}}},
	})
	if err != nil {
		return nil, Result{}, err
	}
	for _, p := range described.Parameters {
		is.AllowedPattern, is.Description, is.Tier = orNone(p.AllowedPattern), orNone(p.Description), orNone(p.Tier)
		is.Policies = policiesNow(p.Policies, was.Policies)
	}
	tags, err := Do[ssm.ListTagsForResourceResult](ctx, api,
		&ssm.ListTagsForResourceRequest{ResourceType: ssm.ResourceTypeForTaggingParameter, ResourceId: r.Physical})
	if err != nil {
		return nil, Result{}, err
	}
	all := make([]Tag, len(tags.TagList))
	for i, t := range tags.TagList {
		all[i] = Tag(t)
	}
	for _, t := range r.shown(all, was.tags(), exactKey) {
		if is.Tags == nil {
			is.Tags = map[string]string{}
		}
		is.Tags[t.Key] = t.Value
	}
	return is, is.result(r.Physical), nil
}

// policiesNow are the policies as a template has them.
func policiesNow(is []ssm.ParameterInlinePolicy, was string) string {
	if len(is) == 0 {
		return ""
	}
	texts := make([]string, len(is))
	for i := range is {
		texts[i] = orNone(is[i].PolicyText)
	}
	return document{text: was, asText: true}.now("[" + strings.Join(texts, ",") + "]").text
}

func parameterTags(tags []Tag) []ssm.Tag {
	var out []ssm.Tag
	for _, t := range tags {
		out = append(out, ssm.Tag(t))
	}
	return out
}
