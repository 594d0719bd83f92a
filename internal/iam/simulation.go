package iam

import (
	"slices"
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/policy"
)

// simulation is a request to the simulator, read and ready to be answered.
type simulation struct {
	set       policy.Set
	principal policy.Principal
	owner     string // whose the resources are that do not say so
	context   policy.Values
	resources []string // none if the request is about no one in particular
	missing   []string // context keys of the policies that the request does not have
	together  bool     // all resources are needed at once
}

func newSimulation(c *op.Call, in *shape.SimulateCustomPolicyRequest, set policy.Set, caller string) (*simulation, error) {
	s := &simulation{set: set}
	if err := s.readPolicies(in); err != nil {
		return nil, err
	}
	if err := s.readNames(in); err != nil {
		return nil, err
	}
	if err := s.readCaller(c, in, caller); err != nil {
		return nil, err
	}
	var err error
	if s.context, err = contextOf(in.ContextEntries); err != nil {
		return nil, err
	}
	s.missing = slices.DeleteFunc(keysOf(s.set.Identity, s.set.Boundary, s.set.Resource), func(key string) bool {
		return len(s.context[strings.ToLower(key)]) > 0
	})
	return s, nil
}

// readPolicies adds the policies of a request. Its boundary takes the place of the
// principal's own.
func (s *simulation) readPolicies(in *shape.SimulateCustomPolicyRequest) error {
	inputs, err := parseInputs(in.PolicyInputList, "PolicyInputList")
	if err != nil {
		return err
	}
	s.set.Identity = append(s.set.Identity, inputs...)
	switch len(in.PermissionsBoundaryPolicyInputList) {
	case 0:
	case 1:
		const list = "PermissionsBoundaryPolicyInputList"
		if s.set.Boundary, err = parseInputs(in.PermissionsBoundaryPolicyInputList, list); err != nil {
			return err
		}
	default:
		return invalidInput("Only one permissions boundary policy can be simulated at a time.")
	}
	if in.ResourcePolicy != nil {
		doc, err := parseResourcePolicy(*in.ResourcePolicy, in.ActionNames)
		if err != nil {
			return err
		}
		s.set.Resource = []policy.Policy{{Name: "ResourcePolicy", Document: doc}}
	}
	return nil
}

// parseInputs reads the policies of a request, which replies name by their list and
// place in it.
func parseInputs(texts []string, list string) ([]policy.Policy, error) {
	policies := make([]policy.Policy, len(texts))
	for i, text := range texts {
		doc, err := parseInput(text, policy.Identity)
		if err != nil {
			return nil, err
		}
		policies[i] = policy.Policy{Name: list + "." + strconv.Itoa(i+1), Document: doc}
	}
	return policies, nil
}

// parseResourcePolicy takes a trust policy, too, if all actions are STS's.
func parseResourcePolicy(text string, actions []string) (*policy.Document, error) {
	isSTS := func(action string) bool { return len(action) > 4 && strings.EqualFold(action[:4], "sts:") }
	if !slices.ContainsFunc(actions, func(action string) bool { return !isSTS(action) }) {
		if doc, err := policy.Parse(text, policy.Trust); err == nil {
			return doc, nil
		}
	}
	return parseInput(text, policy.Resource)
}

// readNames checks the names of actions and resources. Actions may have no wildcards:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html
func (s *simulation) readNames(in *shape.SimulateCustomPolicyRequest) error {
	for _, action := range in.ActionNames {
		service, name, _ := strings.Cut(action, ":")
		if service == "" || name == "" || strings.ContainsAny(action, "*? ") || strings.Contains(name, ":") {
			return invalidInput("ActionNames are not in a valid format: %s.", action)
		}
	}
	for _, r := range in.ResourceArns {
		if r != "*" && !isResource(r) {
			return invalidInput("ResourceNames are not in a valid ARN format: %s.", r)
		}
	}
	if s.resources = in.ResourceArns; len(s.resources) == 1 && s.resources[0] == "*" {
		s.resources = nil
	}
	if in.ResourceHandlingOption != nil {
		s.together = true
		return checkScenario(*in.ResourceHandlingOption, s.resources)
	}
	return nil
}

// isResource takes ARNs as policies have them, with wildcards.
func isResource(s string) bool {
	f := strings.SplitN(s, ":", 6)
	return len(f) == 6 && f[0] == "arn" && f[1] != "" && f[2] != "" && f[5] != ""
}

// readCaller says who acts, and whose the resources are. A policy of a resource can
// only be asked about somebody it can name, whom AWS takes to be a user.
func (s *simulation) readCaller(c *op.Call, in *shape.SimulateCustomPolicyRequest, caller string) error {
	if in.CallerArn != nil {
		caller = *in.CallerArn
	}
	s.principal = policy.Principal{Type: policy.User, Account: string(c.Caller.Account)}
	if caller != "" {
		name, e, err := parseEntityARN(caller)
		if err != nil {
			return err
		}
		if e.Kind != arn.User {
			return errCaller
		}
		s.principal.ARN, s.principal.Account = caller, name.Account
		if err := s.findCaller(c, name); err != nil {
			return err
		}
	} else if in.ResourcePolicy != nil {
		return errCaller
	}
	s.owner = s.principal.Account
	if in.ResourceOwner != nil {
		owner, err := arn.Parse(*in.ResourceOwner)
		if err != nil || !owner.IsRoot() || owner.Account == "" {
			return invalidInput("'%s' is not a valid as a Resource Owner.", *in.ResourceOwner) // "a" is AWS's
		}
		s.owner = owner.Account
	}
	return nil
}

var errCaller = invalidInput("Invalid caller - Caller must be an IAM user in this context.")

// findCaller adds the unique ID, which policies may name, of a user that exists.
func (s *simulation) findCaller(c *op.Call, name arn.ARN) error {
	e, _ := name.Entity()
	u, err := directory.Users.ByName(c.Snap, c.Caller.Account, e.Name)
	if err == nil && u != nil && u.ARN() == name.String() {
		s.principal.ID = string(u.ID)
	}
	return err
}
