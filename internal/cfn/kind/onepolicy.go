package kind

import (
	"context"
	"strings"
)

type userPolicyProperties struct {
	UserName string
	onePolicy
}

type groupPolicyProperties struct {
	GroupName string
	onePolicy
}

type rolePolicyProperties struct {
	RoleName string
	onePolicy
}

func (p *userPolicyProperties) owner() (*holder, *string)  { return &users, &p.UserName }
func (p *groupPolicyProperties) owner() (*holder, *string) { return &groups, &p.GroupName }
func (p *rolePolicyProperties) owner() (*holder, *string)  { return &roles, &p.RoleName }

// onePolicy is what the types for a single inline policy have in common.
type onePolicy struct {
	PolicyName     string
	PolicyDocument document
}

func (p *onePolicy) policy() *onePolicy { return p }

// singlePolicy is a pointer to the properties P of a type for a single inline policy.
type singlePolicy[P any] interface {
	*P
	owner() (*holder, *string)
	policy() *onePolicy
}

var (
	userPolicy  = onePolicyKind[userPolicyProperties]("AWS::IAM::UserPolicy")
	groupPolicy = onePolicyKind[groupPolicyProperties]("AWS::IAM::GroupPolicy")
	rolePolicy  = onePolicyKind[rolePolicyProperties]("AWS::IAM::RolePolicy")
)

// onePolicyKind is the kind of a single inline policy, whose Ref is PolicyName|owner.
func onePolicyKind[P any, PP singlePolicy[P]](name string) Kind[P] {
	put := func(ctx context.Context, api API, want PP) (Result, error) {
		h, owner := want.owner()
		p := want.policy()
		if _, err := api.Call(ctx, h.put(*owner, p.PolicyName, p.PolicyDocument.text)); err != nil {
			return Result{}, err
		}
		return Result{Physical: p.PolicyName + "|" + *owner}, nil
	}
	return Kind[P]{
		Type: name,
		Create: func(ctx context.Context, api API, _ Resource, want *P) (Result, error) {
			return put(ctx, api, want)
		},
		Update: func(ctx context.Context, api API, _ Resource, _, want *P) (Result, error) {
			return put(ctx, api, want)
		},
		Delete: func(ctx context.Context, api API, _ Resource, was *P) error {
			h, owner := PP(was).owner()
			return dropPolicy(ctx, api, []bearer{{h, *owner}}, PP(was).policy().PolicyName)
		},
		Read: func(ctx context.Context, api API, r Resource, was *P) (*P, Result, error) {
			is := *was
			h, owner := PP(&is).owner()
			p := PP(&is).policy()
			p.PolicyName, *owner, _ = strings.Cut(r.Physical, "|")
			text, err := h.text(ctx, api, *owner, p.PolicyName)
			if err != nil {
				return nil, Result{}, ignore(err, "NoSuchEntity")
			}
			p.PolicyDocument = p.PolicyDocument.now(text)
			return &is, Result{Physical: r.Physical}, nil
		},
	}
}
