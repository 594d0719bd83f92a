package iam

import (
	"strings"

	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/policy"
)

// What AWS's replies call the types of policies, other than its documentation says.
const (
	iamPolicy      = "IAM Policy"
	resourcePolicy = "Resource Policy"
)

// result is the answer for an action: about no resource in particular, or about each
// of those that the request names and then about all of them.
func (s *simulation) result(action string) shape.EvaluationResult {
	if len(s.resources) == 0 {
		e := s.evaluate(action, "*")
		return shape.EvaluationResult{
			EvalActionName:                    action,
			EvalResourceName:                  new("*"),
			EvalDecision:                      e.EvalResourceDecision,
			MatchedStatements:                 e.MatchedStatements,
			MissingContextValues:              e.MissingContextValues,
			PermissionsBoundaryDecisionDetail: e.PermissionsBoundaryDecisionDetail,
		}
	}
	each := make([]shape.ResourceSpecificResult, len(s.resources))
	for i, resource := range s.resources {
		each[i] = s.evaluate(action, resource)
	}
	out := s.summary(each)
	out.EvalActionName = action
	out.MissingContextValues = []string{} // they stand with the resources
	out.ResourceSpecificResults = each
	return out
}

// summary is what replies say of all resources together: of several, no statements.
func (s *simulation) summary(each []shape.ResourceSpecificResult) shape.EvaluationResult {
	if len(each) == 1 {
		return shape.EvaluationResult{
			EvalResourceName:                  &each[0].EvalResourceName,
			EvalDecision:                      each[0].EvalResourceDecision,
			EvalDecisionDetails:               each[0].EvalDecisionDetails,
			MatchedStatements:                 each[0].MatchedStatements,
			PermissionsBoundaryDecisionDetail: each[0].PermissionsBoundaryDecisionDetail,
		}
	}
	out := shape.EvaluationResult{
		EvalResourceName:    new("*"),
		EvalDecision:        s.decisionOfAll(each),
		EvalDecisionDetails: map[string]string{},
		MatchedStatements:   []shape.Statement{},
	}
	if s.set.Boundary != nil {
		allowed := true
		for i := range each {
			allowed = allowed && *each[i].PermissionsBoundaryDecisionDetail.AllowedByPermissionsBoundary
		}
		out.PermissionsBoundaryDecisionDetail = &shape.PermissionsBoundaryDecisionDetail{AllowedByPermissionsBoundary: &allowed}
	}
	return out
}

// decisionOfAll is a denial if a statement denies any of the resources. Otherwise it is
// enough that one is allowed, unless the action takes all of them together.
func (s *simulation) decisionOfAll(each []shape.ResourceSpecificResult) string {
	count := map[string]int{}
	for i := range each {
		count[each[i].EvalResourceDecision]++
	}
	allowed := count[shape.PolicyEvaluationDecisionTypeAllowed]
	switch {
	case count[shape.PolicyEvaluationDecisionTypeExplicitDeny] > 0:
		return shape.PolicyEvaluationDecisionTypeExplicitDeny
	case allowed == len(each) || allowed > 0 && !s.together:
		return shape.PolicyEvaluationDecisionTypeAllowed
	}
	return shape.PolicyEvaluationDecisionTypeImplicitDeny
}

// evaluate decides about one resource.
func (s *simulation) evaluate(action, resource string) shape.ResourceSpecificResult {
	r := policy.Request{Principal: s.principal, Action: action, Resource: resource, Context: s.context}
	if s.set.Resource != nil { // without its policy, a resource counts as the caller's own
		r.Account = s.ownerOf(resource)
	}
	decision, reasons := s.set.Reasons(&r, nil)
	out := shape.ResourceSpecificResult{
		EvalResourceName:     resource,
		EvalResourceDecision: decisionName(decision),
		EvalDecisionDetails:  map[string]string{},
		MatchedStatements:    matched(decision, reasons),
		MissingContextValues: s.missing,
	}
	if s.set.Boundary != nil {
		allowed := decisionOf(reasons, policy.Boundary) == shape.PolicyEvaluationDecisionTypeAllowed
		out.PermissionsBoundaryDecisionDetail = &shape.PermissionsBoundaryDecisionDetail{AllowedByPermissionsBoundary: &allowed}
	}
	if r.Account != "" && r.Account != s.principal.Account {
		out.EvalDecisionDetails[iamPolicy] = decisionOf(reasons, policy.Identity)
		out.EvalDecisionDetails[resourcePolicy] = decisionOf(reasons, policy.Resource, policy.Trust)
	}
	return out
}

// ownerOf is the account that owns a resource: the one its ARN names, if it does.
func (s *simulation) ownerOf(resource string) string {
	if f := strings.SplitN(resource, ":", 6); len(f) == 6 && len(f[4]) == 12 && strings.Trim(f[4], "0123456789") == "" {
		return f[4]
	}
	return s.owner
}

func decisionName(d policy.Decision) string {
	switch {
	case d.Allowed:
		return shape.PolicyEvaluationDecisionTypeAllowed
	case d.Explicit:
		return shape.PolicyEvaluationDecisionTypeExplicitDeny
	}
	return shape.PolicyEvaluationDecisionTypeImplicitDeny
}

// decisionOf is what the policies of some kinds say by themselves.
func decisionOf(reasons []policy.Reason, kinds ...policy.Kind) string {
	decision := policy.Decision{}
	for _, r := range ofKinds(reasons, kinds) {
		decision.Explicit = decision.Explicit || r.Effect == policy.Deny
		decision.Allowed = true
	}
	decision.Allowed = decision.Allowed && !decision.Explicit
	return decisionName(decision)
}

func ofKinds(reasons []policy.Reason, kinds []policy.Kind) (list []policy.Reason) {
	for _, r := range reasons {
		for _, kind := range kinds {
			if r.Kind == kind {
				list = append(list, r)
			}
		}
	}
	return list
}

// matched are the statements that determine a decision. Recordings of AWS have those
// of the resource first, and of each type of policy the statements that deny, if any
// does, or else those that allow; none where nothing allows.
func matched(d policy.Decision, reasons []policy.Reason) []shape.Statement {
	list := []shape.Statement{}
	if !d.Allowed && !d.Explicit {
		return list
	}
	for _, kinds := range [][]policy.Kind{{policy.Resource, policy.Trust}, {policy.Boundary}, {policy.Identity}} {
		denies := decisionOf(reasons, kinds...) == shape.PolicyEvaluationDecisionTypeExplicitDeny
		if kinds[0] == policy.Boundary && !denies {
			continue
		}
		for _, r := range ofKinds(reasons, kinds) {
			if denies == (r.Effect == policy.Deny) {
				list = append(list, describeStatement(r))
			}
		}
	}
	return list
}

func describeStatement(r policy.Reason) shape.Statement {
	kind := iamPolicy
	if r.Kind == policy.Resource || r.Kind == policy.Trust {
		kind = resourcePolicy
	}
	return shape.Statement{
		SourcePolicyId:   &r.Policy,
		SourcePolicyType: &kind,
		StartPosition:    describePosition(r.Start),
		EndPosition:      describePosition(r.End),
	}
}

func describePosition(p policy.Position) *shape.Position {
	return &shape.Position{Line: new(int32(p.Line)), Column: new(int32(p.Column))}
}
