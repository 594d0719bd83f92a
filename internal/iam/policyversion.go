package iam

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func needCreatePolicyVersion(c *op.Call, in *shape.CreatePolicyVersionRequest) ([]op.Need, error) {
	return needPolicy(c, "CreatePolicyVersion", in.PolicyArn)
}

func createPolicyVersion(_ context.Context, c *op.Call, in *shape.CreatePolicyVersionRequest) (*shape.CreatePolicyVersionResponse, error) {
	was, err := mustOwnPolicy(c, in.PolicyArn)
	if err != nil {
		return nil, err
	}
	if err := checkManaged(c, in.PolicyDocument); err != nil {
		return nil, err
	}
	if most := c.Quota(versionsPerPolicy); len(was.Versions) >= most {
		return nil, awserr.New(409, "LimitExceeded", "A managed policy can have up to %d versions. "+
			"Before you create a new version, you must delete an existing version.", most)
	}
	asDefault := in.SetAsDefault != nil && *in.SetAsDefault
	p, err := directory.AddPolicyVersion(c.Tx, was, was, directory.Document(in.PolicyDocument), asDefault, c.Now)
	if err != nil {
		return nil, err
	}
	return &shape.CreatePolicyVersionResponse{PolicyVersion: describeVersion(p, p.Versions[len(p.Versions)-1])}, nil
}

func needGetPolicyVersion(c *op.Call, in *shape.GetPolicyVersionRequest) ([]op.Need, error) {
	return needPolicy(c, "GetPolicyVersion", in.PolicyArn)
}

func getPolicyVersion(_ context.Context, c *op.Call, in *shape.GetPolicyVersionRequest) (*shape.GetPolicyVersionResponse, error) {
	p, err := mustPolicy(c, in.PolicyArn)
	if err != nil {
		return nil, err
	}
	v, err := mustVersion(p, in.VersionId)
	if err != nil {
		return nil, err
	}
	text, err := directory.PolicyText(c.Snap, p, v.Number)
	if err != nil {
		return nil, err
	}
	out := describeVersion(p, v)
	out.Document = new(encodeDocument(text))
	return &shape.GetPolicyVersionResponse{PolicyVersion: out}, nil
}

func needListPolicyVersions(c *op.Call, in *shape.ListPolicyVersionsRequest) ([]op.Need, error) {
	return needPolicy(c, "ListPolicyVersions", in.PolicyArn)
}

// listPolicyVersions lists the newest first, as AWS's documentation has them.
func listPolicyVersions(_ context.Context, c *op.Call, in *shape.ListPolicyVersionsRequest) (*shape.ListPolicyVersionsResponse, error) {
	p, err := mustPolicy(c, in.PolicyArn)
	if err != nil {
		return nil, err
	}
	cursor, err := cursorOf(in.Marker)
	if err != nil {
		return nil, err
	}
	newest := slices.Clone(p.Versions)
	slices.Reverse(newest)
	versions, err := paged(op.After(newest, cursor, versionCursor), in.MaxItems, versionCursor)
	if err != nil {
		return nil, err
	}
	out := &shape.ListPolicyVersionsResponse{
		Versions:    make([]shape.PolicyVersion, len(versions.items)),
		IsTruncated: &versions.more,
		Marker:      versions.marker,
	}
	for i, v := range versions.items {
		out.Versions[i] = *describeVersion(p, v)
	}
	return out, nil
}

// versionCursor grows as numbers fall.
func versionCursor(v directory.PolicyVersion) string {
	return fmt.Sprintf("%010d", math.MaxInt32-v.Number)
}

func needSetDefaultPolicyVersion(c *op.Call, in *shape.SetDefaultPolicyVersionRequest) ([]op.Need, error) {
	return needPolicy(c, "SetDefaultPolicyVersion", in.PolicyArn)
}

func setDefaultPolicyVersion(_ context.Context, c *op.Call, in *shape.SetDefaultPolicyVersionRequest) (*op.None, error) {
	was, v, err := mustOwnVersion(c, in.PolicyArn, in.VersionId)
	if err != nil {
		return nil, err
	}
	p := *was
	p.Default = v.Number
	return &op.None{}, directory.Policies.Put(c.Tx, was, &p)
}

func needDeletePolicyVersion(c *op.Call, in *shape.DeletePolicyVersionRequest) ([]op.Need, error) {
	return needPolicy(c, "DeletePolicyVersion", in.PolicyArn)
}

func deletePolicyVersion(_ context.Context, c *op.Call, in *shape.DeletePolicyVersionRequest) (*op.None, error) {
	p, v, err := mustOwnVersion(c, in.PolicyArn, in.VersionId)
	if err != nil {
		return nil, err
	}
	if v.Number == p.Default {
		return nil, awserr.New(409, "DeleteConflict", "Cannot delete the default version of a policy.")
	}
	return &op.None{}, directory.DeletePolicyVersion(c.Tx, p, v.Number)
}

// mustOwnVersion is a version of a policy that the account may change.
func mustOwnVersion(c *op.Call, arn, id string) (*directory.Policy, directory.PolicyVersion, error) {
	p, err := mustOwnPolicy(c, arn)
	if err != nil {
		return nil, directory.PolicyVersion{}, err
	}
	v, err := mustVersion(p, id)
	return p, v, err
}

func mustVersion(p *directory.Policy, id string) (directory.PolicyVersion, error) {
	number, err := strconv.Atoi(strings.TrimPrefix(id, "v"))
	if at, ok := p.Version(number); err == nil && ok {
		return p.Versions[at], nil
	}
	return directory.PolicyVersion{}, noSuchEntity("Policy %s version %s does not exist or is not attachable.", p.ARN(), id)
}

// describeVersion leaves out the document, which GetPolicyVersion alone shows.
func describeVersion(p *directory.Policy, v directory.PolicyVersion) *shape.PolicyVersion {
	return &shape.PolicyVersion{
		VersionId:        new(versionID(v.Number)),
		IsDefaultVersion: new(v.Number == p.Default),
		CreateDate:       new(v.Created.Time()),
	}
}
