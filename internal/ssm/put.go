package ssm

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

func writingOperations() []op.Operation {
	return []op.Operation{op.Write("PutParameter", needPutParameter, putParameter)}
}

const (
	mostVersions = 100
	// defaultKey is the KMS key of a SecureString for which none is asked.
	defaultKey = "alias/aws/ssm"
)

// needPutParameter: with tags, it takes the permission to tag, too.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-policy-conditions.html
func needPutParameter(c *op.Call, in *shape.PutParameterRequest) ([]op.Need, error) {
	name, err := newName(c, in.Name)
	if err != nil {
		return nil, err
	}
	ref := reference{account: c.Caller.Account, region: c.Region, name: name}
	n, err := ref.need(c, "PutParameter")
	if err != nil {
		return nil, err
	}
	n.NewTags = tagsOf(in.Tags)
	n.Context = map[string][]string{
		"ssm:overwrite": {strconv.FormatBool(isTrue(in.Overwrite))},
		"ssm:policies":  {strconv.FormatBool(in.Policies != nil)},
	}
	needs := []op.Need{n}
	if len(in.Tags) > 0 {
		needs = append(needs, op.Need{Action: "ssm:AddTagsToResource", Resource: n.Resource, Owner: n.Owner, Tags: n.Tags, NewTags: n.NewTags})
	}
	return needs, nil
}

func putParameter(_ context.Context, c *op.Call, in *shape.PutParameterRequest) (*shape.PutParameterResult, error) {
	name, err := newName(c, in.Name)
	if err != nil {
		return nil, err
	}
	was, last, err := current(c, name)
	if err != nil {
		return nil, err
	}
	if err := checkOverwrite(in, was); err != nil {
		return nil, err
	}
	p := &directory.Parameter{ID: c.IDs.UUID(), Account: c.Caller.Account, Region: c.Region, Name: name, First: 1}
	if was != nil {
		*p = *was
	} else if p.Tags, err = addTags(c, nil, in.Tags); err != nil {
		return nil, err
	}
	v, err := newVersion(c, in, p, last)
	if err != nil {
		return nil, err
	}
	if v.Tier, err = tierOf(c, in, was, v); err != nil {
		return nil, err
	}
	p.Last, p.Tier, p.Expires = v.Number, v.Tier, expiration(v.Policies)
	if err := dropOldest(c, p); err != nil {
		return nil, err
	}
	if err := store(c, was, p, v, in.Value); err != nil {
		return nil, err
	}
	return &shape.PutParameterResult{Tier: &v.Tier, Version: &v.Number}, nil
}

// current is the parameter of that name and its newest version; nil for none. What has
// expired makes way.
func current(c *op.Call, name string) (*directory.Parameter, *directory.ParameterVersion, error) {
	p, err := directory.GetParameter(c.Snap, c.Caller.Account, c.Region, name)
	if err != nil || p == nil {
		return nil, nil, err
	}
	if expired(c, p) {
		return nil, nil, directory.DeleteParameter(c.Tx, p)
	}
	v, err := p.Version(c.Snap, p.Last)
	return p, v, err
}

func checkOverwrite(in *shape.PutParameterRequest, was *directory.Parameter) error {
	switch {
	case isTrue(in.Overwrite) && len(in.Tags) > 0:
		return invalid("Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. " +
			"To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.")
	case was != nil && !isTrue(in.Overwrite):
		return awserr.New(400, "ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
	}
	return nil
}

// newVersion is the version that a request makes of a parameter, still without its value
// and its tier. What the request leaves out is as it was in the last version, which is
// nil for a new parameter.
func newVersion(c *op.Call, in *shape.PutParameterRequest, p *directory.Parameter, last *directory.ParameterVersion) (*directory.ParameterVersion, error) {
	if last == nil {
		last = &directory.ParameterVersion{DataType: textData}
	}
	v := &directory.ParameterVersion{
		Number:         p.Last + 1,
		Region:         p.Region,
		Name:           p.Name,
		Type:           or(in.Type, last.Type),
		KeyID:          or(in.KeyId, last.KeyID),
		Modified:       directory.At(c.Now),
		ModifiedBy:     c.Caller.ARN,
		Description:    or(in.Description, last.Description),
		AllowedPattern: or(in.AllowedPattern, last.AllowedPattern),
		DataType:       or(in.DataType, last.DataType),
		Policies:       last.Policies,
	}
	if err := checkType(in, v, last); err != nil {
		return nil, err
	}
	if err := checkValue(in.Value, v); err != nil {
		return nil, err
	}
	if in.Policies != nil {
		var err error
		if v.Policies, err = parsePolicies(*in.Policies, c.Now); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func or(s *string, otherwise string) string {
	if s == nil {
		return otherwise
	}
	return *s
}

// checkType makes sure that a version has a type that its parameter can have, and puts
// in the key that goes with it.
func checkType(in *shape.PutParameterRequest, v, last *directory.ParameterVersion) error {
	hierarchical := strings.Contains(strings.TrimPrefix(v.Name, "/"), "/")
	switch {
	case v.Type == "":
		return invalid("A parameter type is required when you create a parameter.")
	case hierarchical && last.Type != "" && v.Type != last.Type:
		return awserr.New(400, "HierarchyTypeMismatchException",
			"Parameter Store doesn't support changing a parameter type in a hierarchy. You must create a new, unique parameter.")
	case v.Type == secureType:
		v.KeyID = cmp.Or(v.KeyID, defaultKey)
	case in.KeyId != nil:
		return invalid("KeyId is required for SecureString type parameter only.")
	default:
		v.KeyID = ""
	}
	return nil
}

// dropOldest makes room for another version.
func dropOldest(c *op.Call, p *directory.Parameter) error {
	if p.Last-p.First < mostVersions {
		return nil
	}
	labels, err := p.Labels(c.Snap)
	if err != nil {
		return err
	}
	if len(labels.Of(p.First)) > 0 {
		return awserr.New(400, "ParameterMaxVersionLimitExceeded", "You attempted to create a new version of %s by calling the PutParameter API with the overwrite flag. "+
			"Version %d, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.",
			p.Name, p.First)
	}
	if err := p.DeleteVersion(c.Tx, p.First); err != nil {
		return err
	}
	p.First++
	return nil
}

// store stores a parameter with a new version.
func store(c *op.Call, was, p *directory.Parameter, v *directory.ParameterVersion, value string) error {
	v.Value = value
	if v.Type == secureType {
		v.Value = ""
		if err := p.Seal(c.Keyring, v, value); err != nil {
			return err
		}
	}
	if err := p.PutVersion(c.Tx, v); err != nil {
		return err
	}
	if err := directory.PutParameter(c.Tx, was, p); err != nil {
		return err
	}
	return sweep(c)
}
