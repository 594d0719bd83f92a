package ssm

import (
	"context"
	"iter"
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

func listOperations() []op.Operation {
	return []op.Operation{
		op.Read("DescribeParameters", needDescribeParameters, describeParameters),
		op.Read("GetParametersByPath", needGetParametersByPath, getParametersByPath),
	}
}

// item is a parameter in a listing, with the version that is listed.
type item struct {
	*directory.Parameter
	version *directory.ParameterVersion
}

// cursor is where a listing has got to with i.
func (i item) cursor() string { return strings.TrimPrefix(i.Name, "/") }

// needDescribeParameters is about no parameter in particular: only a Resource of "*"
// will do, or one that ends so early.
func needDescribeParameters(c *op.Call, _ *shape.DescribeParametersRequest) ([]op.Need, error) {
	return []op.Need{{Action: "ssm:DescribeParameters", Resource: "arn:aws:ssm:" + c.Region + ":" + string(c.Caller.Account) + ":*"}}, nil
}

func describeParameters(_ context.Context, c *op.Call, in *shape.DescribeParametersRequest) (*shape.DescribeParametersResult, error) {
	filters, err := describeFilters(in)
	if err != nil {
		return nil, err
	}
	prefix := filters.prefix()
	cursor, err := cursorOf(in.NextToken, prefix)
	if err != nil {
		return nil, err
	}
	out := &shape.DescribeParametersResult{Parameters: []shape.ParameterMetadata{}}
	if isTrue(in.Shared) {
		return out, nil // nothing shares parameters
	}
	found, err := page(items(c, prefix, cursor, ""), in.MaxResults, mostPage, item.cursor, filters.match)
	if err != nil {
		return nil, err
	}
	out.NextToken = found.Next
	for _, i := range found.Items {
		out.Parameters = append(out.Parameters, metadata(i.Parameter, i.version))
	}
	return out, nil
}

// items yields the parameters whose names begin with prefix, behind the cursor after.
// With a label, it yields the versions that have it, and otherwise the newest.
func items(c *op.Call, prefix, after, label string) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		for p, err := range directory.ListParameters(c.Snap, c.Caller.Account, c.Region, prefix, after) {
			i := item{Parameter: p}
			if err == nil {
				i.version, err = listed(c, p, label)
			}
			if !yield(i, err) || err != nil {
				return
			}
		}
	}
}

// listed is the version of p that a listing is about; nil for none.
func listed(c *op.Call, p *directory.Parameter, label string) (*directory.ParameterVersion, error) {
	if expired(c, p) {
		return nil, nil
	}
	if label == "" {
		return p.Version(c.Snap, p.Last)
	}
	labels, err := p.Labels(c.Snap)
	if err != nil {
		return nil, err
	}
	return p.Version(c.Snap, labels.Version(label))
}

func metadata(p *directory.Parameter, v *directory.ParameterVersion) shape.ParameterMetadata {
	return shape.ParameterMetadata{
		ARN:              new(p.ARN()),
		AllowedPattern:   present(v.AllowedPattern),
		DataType:         &v.DataType,
		Description:      present(v.Description),
		KeyId:            present(v.KeyID),
		LastModifiedDate: new(v.Modified.Time()),
		LastModifiedUser: &v.ModifiedBy,
		Name:             &p.Name,
		Policies:         describePolicies(v.Policies),
		Tier:             &v.Tier,
		Type:             &v.Type,
		Version:          &v.Number,
	}
}

// present is s, or nil for an empty one.
func present(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// needGetParametersByPath asks on the path, and not on what is below it.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
func needGetParametersByPath(c *op.Call, in *shape.GetParametersByPathRequest) ([]op.Need, error) {
	path, err := pathOf(in.Path)
	if err != nil {
		return nil, err
	}
	ref := reference{account: c.Caller.Account, region: c.Region, name: strings.TrimSuffix(path, "/")}
	n, err := ref.need(c, "GetParametersByPath")
	n.Context = map[string][]string{"ssm:recursive": {strconv.FormatBool(isTrue(in.Recursive))}}
	return []op.Need{n}, err
}

// pathOf is a path that ends in a slash.
func pathOf(path string) (string, error) {
	path = strings.TrimSuffix(strings.Trim(path, " "), "/")
	if path != "" && (path[0] != '/' || !wellFormed.MatchString(path) || reserved(path, "ssm")) {
		return "", errPath
	}
	return path + "/", nil
}

func getParametersByPath(_ context.Context, c *op.Call, in *shape.GetParametersByPathRequest) (*shape.GetParametersByPathResult, error) {
	path, err := pathOf(in.Path)
	if err != nil {
		return nil, err
	}
	filters, err := pathFilters(in.ParameterFilters)
	if err != nil {
		return nil, err
	}
	prefix := strings.TrimPrefix(path, "/")
	cursor, err := cursorOf(in.NextToken, prefix)
	if err != nil {
		return nil, err
	}
	wanted := func(i item) bool { return below(path, i.Name, isTrue(in.Recursive)) && filters.match(i) }
	found, err := page(items(c, prefix, cursor, filters.label()), in.MaxResults, mostByPath, item.cursor, wanted)
	if err != nil {
		return nil, err
	}
	out := &shape.GetParametersByPathResult{NextToken: found.Next, Parameters: []shape.Parameter{}}
	for _, i := range found.Items {
		p, err := describe(c, i.Parameter, i.version, isTrue(in.WithDecryption))
		if err != nil {
			return nil, err
		}
		out.Parameters = append(out.Parameters, *p)
	}
	return out, nil
}

// below reports whether a parameter is below a path, which ends in a slash; directly
// below it, unless recursive.
func below(path, name string, recursive bool) bool {
	rest, ok := strings.CutPrefix("/"+strings.TrimPrefix(name, "/"), path)
	return ok && (recursive || !strings.Contains(rest, "/"))
}
