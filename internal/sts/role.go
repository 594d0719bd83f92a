package sts

import (
	"context"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/sts"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/policy"
)

func roleOperations() []op.Operation {
	return []op.Operation{
		op.Mostly("AssumeRole", assumesWithMFA, needAssumeRole, assumeRole),
	}
}

func assumesWithMFA(in *shape.AssumeRoleRequest) bool {
	return mfa{in.SerialNumber, in.TokenCode}.given()
}

// needAssumeRole asks the role's trust policy, and the caller's own. A role that does
// not exist trusts nobody, so that nobody learns which roles there are.
func needAssumeRole(c *op.Call, in *shape.AssumeRoleRequest) ([]op.Need, error) {
	if c.Caller.Kind == op.Root {
		return nil, accessDenied("Roles may not be assumed by root accounts.")
	}
	if c.Caller.Kind == op.FederatedUser {
		return nil, accessDenied("Cannot call AssumeRole with session credentials")
	}
	n, _, err := trust(c.Snap, in.RoleArn)
	if err != nil {
		return nil, err
	}
	n.NewTags = requestTags(in.Tags)
	if err := addAssumeRoleKeys(c, in, n.Context); err != nil {
		return nil, err
	}
	return needsAlso(n, "AssumeRole", len(in.Tags) > 0, sourceIdentity(c, in) != "", len(in.ProvidedContexts) > 0), nil
}

// needsAlso is a permission to assume a role in one of the ways there are, and those
// that what the session is to have takes beside it.
func needsAlso(n op.Need, action string, tags, identity, contexts bool) []op.Need {
	n.Action = "sts:" + action
	needs := []op.Need{n}
	for _, also := range []struct {
		action string
		asked  bool
	}{{"sts:TagSession", tags}, {"sts:SetSourceIdentity", identity}, {"sts:SetContext", contexts}} {
		if also.asked {
			n.Action = also.action
			needs = append(needs, n)
		}
	}
	return needs
}

// addAssumeRoleKeys adds what conditions of STS may ask.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
func addAssumeRoleKeys(c *op.Call, in *shape.AssumeRoleRequest, keys map[string][]string) error {
	keys["sts:rolesessionname"] = []string{in.RoleSessionName}
	if in.ExternalId != nil {
		keys["sts:externalid"] = []string{*in.ExternalId}
	}
	if identity := sourceIdentity(c, in); identity != "" {
		keys["sts:sourceidentity"] = []string{identity}
	}
	if len(in.TransitiveTagKeys) > 0 {
		keys["sts:transitivetagkeys"] = in.TransitiveTagKeys
	}
	for _, p := range in.ProvidedContexts {
		if p.ProviderArn != nil {
			keys["sts:requestcontextproviders"] = append(keys["sts:requestcontextproviders"], *p.ProviderArn)
		}
	}
	_, used, err := mfa{in.SerialNumber, in.TokenCode}.take(c)
	if used != nil {
		keys["aws:multifactorauthpresent"], keys["aws:multifactorauthage"] = []string{"true"}, []string{"0"}
	}
	return err
}

// sourceIdentity is what the new session will have, which may come from the caller's.
func sourceIdentity(c *op.Call, in *shape.AssumeRoleRequest) string {
	switch {
	case in.SourceIdentity != nil:
		return *in.SourceIdentity
	case c.Caller.Session != nil:
		return c.Caller.Session.SourceIdentity
	}
	return ""
}

// trust is the permission to assume a role, without its action, and the role; nil
// if there is none of that name.
func trust(r store.Reader, name string) (op.Need, *directory.Role, error) {
	n := op.Need{Resource: name, PolicyKind: policy.Trust, Unexplained: true, Context: map[string][]string{}}
	parsed, err := arn.Parse(name)
	if err != nil {
		return n, nil, validationError("%s is invalid", name)
	}
	e, ok := parsed.Entity()
	if !ok || e.Kind != arn.Role {
		return n, nil, validationError("%s is invalid", name)
	}
	n.Owner = ids.Account(parsed.Account)
	role, err := directory.Roles.ByName(r, n.Owner, e.Name)
	if err != nil || role == nil || role.ARN() != name {
		return n, nil, err
	}
	n.Policy, n.Tags = role.Trust, role.Tags
	return n, role, nil
}

func assumeRole(_ context.Context, c *op.Call, in *shape.AssumeRoleRequest) (*shape.AssumeRoleResponse, error) {
	_, role, err := trust(c.Snap, in.RoleArn)
	if err != nil {
		return nil, err
	}
	s := &directory.Session{SourceIdentity: sourceIdentity(c, in)}
	if was := c.Caller.Session; was != nil && was.SourceIdentity != "" && was.SourceIdentity != s.SourceIdentity {
		return nil, accessDenied("The source identity of a session cannot be changed.")
	}
	if err := tagSession(s, c.Caller.Session, in.Tags, in.TransitiveTagKeys); err != nil {
		return nil, err
	}
	if s.MFA, err = (mfa{in.SerialNumber, in.TokenCode}).use(c); err != nil {
		return nil, err
	}
	made, err := openRole(c, role, s, session{in.RoleSessionName, in.DurationSeconds, in.Policy, in.PolicyArns})
	if err != nil {
		return nil, err
	}
	out := &shape.AssumeRoleResponse{AssumedRoleUser: made.user, Credentials: made.credentials, PackedPolicySize: made.packed}
	if s.SourceIdentity != "" {
		out.SourceIdentity = &s.SourceIdentity
	}
	return out, nil
}
