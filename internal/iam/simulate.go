package iam

import (
	"context"
	"strconv"

	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/policy"
)

func simulateOperations() []op.Operation {
	return []op.Operation{
		op.Read("SimulateCustomPolicy", needSimulateCustomPolicy, simulateCustomPolicy),
		op.Read("SimulatePrincipalPolicy", needSimulatePrincipalPolicy, simulatePrincipalPolicy),
	}
}

func needSimulateCustomPolicy(*op.Call, *shape.SimulateCustomPolicyRequest) ([]op.Need, error) {
	return need("SimulateCustomPolicy", "*"), nil
}

func simulateCustomPolicy(_ context.Context, c *op.Call, in *shape.SimulateCustomPolicyRequest) (*shape.SimulatePolicyResponse, error) {
	return simulate(c, in, policy.Set{}, "")
}

func needSimulatePrincipalPolicy(c *op.Call, in *shape.SimulatePrincipalPolicyRequest) ([]op.Need, error) {
	return needARN(c, "SimulatePrincipalPolicy", in.PolicySourceArn)
}

// simulatePrincipalPolicy is simulateCustomPolicy with the policies of a user, group
// or role before those of the request, and the user as the caller unless the request
// names another.
func simulatePrincipalPolicy(_ context.Context, c *op.Call, in *shape.SimulatePrincipalPolicyRequest) (*shape.SimulatePolicyResponse, error) {
	i, err := mustIdentity(c, in.PolicySourceArn)
	if err != nil {
		return nil, err
	}
	var set policy.Set
	if set.Identity, err = policiesOf(c, i); err != nil {
		return nil, err
	}
	if set.Boundary, err = boundaryOf(c, i); err != nil {
		return nil, err
	}
	return simulate(c, &shape.SimulateCustomPolicyRequest{
		ActionNames:                        in.ActionNames,
		CallerArn:                          in.CallerArn,
		ContextEntries:                     in.ContextEntries,
		Marker:                             in.Marker,
		MaxItems:                           in.MaxItems,
		PermissionsBoundaryPolicyInputList: in.PermissionsBoundaryPolicyInputList,
		PolicyInputList:                    in.PolicyInputList,
		ResourceArns:                       in.ResourceArns,
		ResourceHandlingOption:             in.ResourceHandlingOption,
		ResourceOwner:                      in.ResourceOwner,
		ResourcePolicy:                     in.ResourcePolicy,
	}, set, i.userARN())
}

// mostEvaluated is about how many decisions one page takes. AWS's own pages may be
// short, too, and promise more.
const mostEvaluated = 10_000

// simulate answers a request for each action and resource, after adding its policies
// to set. caller is who acts if the request names nobody; "" for nobody in particular.
func simulate(c *op.Call, in *shape.SimulateCustomPolicyRequest, set policy.Set, caller string) (*shape.SimulatePolicyResponse, error) {
	s, err := newSimulation(c, in, set, caller)
	if err != nil {
		return nil, err
	}
	first, err := countCursor(in.Marker)
	if err != nil {
		return nil, err
	}
	limit := int32(defaultPage)
	if in.MaxItems != nil {
		limit = *in.MaxItems
	}
	limit = min(limit, int32(max(1, mostEvaluated/max(1, len(s.resources)))))
	p, err := paged(countFrom(first, len(in.ActionNames)), &limit, strconv.Itoa)
	if err != nil {
		return nil, err
	}
	out := &shape.SimulatePolicyResponse{EvaluationResults: make([]shape.EvaluationResult, len(p.items)), IsTruncated: &p.more, Marker: p.marker}
	for i, action := range p.items {
		out.EvaluationResults[i] = s.result(in.ActionNames[action])
	}
	return out, nil
}
