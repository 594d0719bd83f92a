package iam

import (
	"context"
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func grantingPolicyOperations() []op.Operation {
	return []op.Operation{
		op.Read("ListPoliciesGrantingServiceAccess", needListPoliciesGrantingServiceAccess, listPoliciesGrantingServiceAccess),
	}
}

func needListPoliciesGrantingServiceAccess(c *op.Call, in *shape.ListPoliciesGrantingServiceAccessRequest) ([]op.Need, error) {
	return needARN(c, "ListPoliciesGrantingServiceAccess", in.Arn)
}

// listPoliciesGrantingServiceAccess asks the policies that allow, and those alone:
// what a boundary, a statement that denies or a resource says does not count.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPoliciesGrantingServiceAccess.html
func listPoliciesGrantingServiceAccess(_ context.Context, c *op.Call, in *shape.ListPoliciesGrantingServiceAccessRequest) (*shape.ListPoliciesGrantingServiceAccessResponse, error) {
	i, err := mustIdentity(c, in.Arn)
	if err != nil {
		return nil, err
	}
	first, err := countCursor(in.Marker)
	if err != nil {
		return nil, err
	}
	sources, err := sourcesOf(c, i)
	if err != nil {
		return nil, err
	}
	p, err := paged(countFrom(first, len(in.ServiceNamespaces)), nil, strconv.Itoa)
	if err != nil {
		return nil, err
	}
	out := &shape.ListPoliciesGrantingServiceAccessResponse{
		PoliciesGrantingServiceAccess: make([]shape.ListPoliciesGrantingServiceAccessEntry, len(p.items)),
		IsTruncated:                   &p.more,
		Marker:                        p.marker,
	}
	for n, at := range p.items {
		namespace := in.ServiceNamespaces[at]
		out.PoliciesGrantingServiceAccess[n] = shape.ListPoliciesGrantingServiceAccessEntry{
			ServiceNamespace: &namespace,
			Policies:         granting(sources, namespace),
		}
	}
	return out, nil
}

// granting are the policies that allow something of a service. A managed policy that a
// user has twice, by a group, comes once.
func granting(sources []source, namespace string) []shape.PolicyGrantingServiceAccess {
	list := []shape.PolicyGrantingServiceAccess{}
	seen := map[string]bool{}
	for _, s := range sources {
		if !s.AllowsService(namespace) || s.Managed != nil && seen[s.Name] {
			continue
		}
		if s.Managed != nil {
			seen[s.Name] = true
			list = append(list, shape.PolicyGrantingServiceAccess{PolicyName: s.Managed.Name, PolicyType: shape.PolicyTypeManaged, PolicyArn: &s.Name})
			continue
		}
		list = append(list, shape.PolicyGrantingServiceAccess{
			PolicyName: s.Name,
			PolicyType: shape.PolicyTypeInline,
			EntityType: new(strings.ToUpper(entityType(s.Holder.ID))),
			EntityName: &s.Holder.Name,
		})
	}
	return list
}
