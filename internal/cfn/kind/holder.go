package kind

import (
	"context"
	"slices"

	"github.com/iamd-project/iamd/internal/shapes/iam"
)

// holder is a kind of entities that hold policies: the requests about them.
type holder struct {
	attach, detach func(name, arn string) any
	put            func(name, policy, text string) any
	drop           func(name, policy string) any
	// text is an inline policy, and inline the names of all; attached are the ARNs.
	text             func(ctx context.Context, api API, name, policy string) (string, error)
	inline, attached func(ctx context.Context, api API, name string) ([]string, error)
}

var users = holder{
	attach: func(name, arn string) any { return &iam.AttachUserPolicyRequest{UserName: name, PolicyArn: arn} },
	detach: func(name, arn string) any { return &iam.DetachUserPolicyRequest{UserName: name, PolicyArn: arn} },
	put: func(name, policy, text string) any {
		return &iam.PutUserPolicyRequest{UserName: name, PolicyName: policy, PolicyDocument: text}
	},
	drop: func(name, policy string) any { return &iam.DeleteUserPolicyRequest{UserName: name, PolicyName: policy} },
	text: func(ctx context.Context, api API, name, policy string) (string, error) {
		reply, err := Do[iam.GetUserPolicyResponse](ctx, api, &iam.GetUserPolicyRequest{UserName: name, PolicyName: policy})
		if err != nil {
			return "", err
		}
		return decoded(&reply.PolicyDocument)
	},
	inline: func(ctx context.Context, api API, name string) (names []string, err error) {
		in := &iam.ListUserPoliciesRequest{UserName: name}
		err = eachPage(ctx, api, in, &in.Marker, func(page *iam.ListUserPoliciesResponse) *string {
			names = append(names, page.PolicyNames...)
			return page.Marker
		})
		return names, err
	},
	attached: func(ctx context.Context, api API, name string) (arns []string, err error) {
		in := &iam.ListAttachedUserPoliciesRequest{UserName: name}
		err = eachPage(ctx, api, in, &in.Marker, func(page *iam.ListAttachedUserPoliciesResponse) *string {
			arns = append(arns, attachedARNs(page.AttachedPolicies)...)
			return page.Marker
		})
		return arns, err
	},
}

var groups = holder{
	attach: func(name, arn string) any { return &iam.AttachGroupPolicyRequest{GroupName: name, PolicyArn: arn} },
	detach: func(name, arn string) any { return &iam.DetachGroupPolicyRequest{GroupName: name, PolicyArn: arn} },
	put: func(name, policy, text string) any {
		return &iam.PutGroupPolicyRequest{GroupName: name, PolicyName: policy, PolicyDocument: text}
	},
	drop: func(name, policy string) any {
		return &iam.DeleteGroupPolicyRequest{GroupName: name, PolicyName: policy}
	},
	text: func(ctx context.Context, api API, name, policy string) (string, error) {
		reply, err := Do[iam.GetGroupPolicyResponse](ctx, api, &iam.GetGroupPolicyRequest{GroupName: name, PolicyName: policy})
		if err != nil {
			return "", err
		}
		return decoded(&reply.PolicyDocument)
	},
	inline: func(ctx context.Context, api API, name string) (names []string, err error) {
		in := &iam.ListGroupPoliciesRequest{GroupName: name}
		err = eachPage(ctx, api, in, &in.Marker, func(page *iam.ListGroupPoliciesResponse) *string {
			names = append(names, page.PolicyNames...)
			return page.Marker
		})
		return names, err
	},
	attached: func(ctx context.Context, api API, name string) (arns []string, err error) {
		in := &iam.ListAttachedGroupPoliciesRequest{GroupName: name}
		err = eachPage(ctx, api, in, &in.Marker, func(page *iam.ListAttachedGroupPoliciesResponse) *string {
			arns = append(arns, attachedARNs(page.AttachedPolicies)...)
			return page.Marker
		})
		return arns, err
	},
}

var roles = holder{
	attach: func(name, arn string) any { return &iam.AttachRolePolicyRequest{RoleName: name, PolicyArn: arn} },
	detach: func(name, arn string) any { return &iam.DetachRolePolicyRequest{RoleName: name, PolicyArn: arn} },
	put: func(name, policy, text string) any {
		return &iam.PutRolePolicyRequest{RoleName: name, PolicyName: policy, PolicyDocument: text}
	},
	drop: func(name, policy string) any { return &iam.DeleteRolePolicyRequest{RoleName: name, PolicyName: policy} },
	text: func(ctx context.Context, api API, name, policy string) (string, error) {
		reply, err := Do[iam.GetRolePolicyResponse](ctx, api, &iam.GetRolePolicyRequest{RoleName: name, PolicyName: policy})
		if err != nil {
			return "", err
		}
		return decoded(&reply.PolicyDocument)
	},
	inline: func(ctx context.Context, api API, name string) (names []string, err error) {
		in := &iam.ListRolePoliciesRequest{RoleName: name}
		err = eachPage(ctx, api, in, &in.Marker, func(page *iam.ListRolePoliciesResponse) *string {
			names = append(names, page.PolicyNames...)
			return page.Marker
		})
		return names, err
	},
	attached: func(ctx context.Context, api API, name string) (arns []string, err error) {
		in := &iam.ListAttachedRolePoliciesRequest{RoleName: name}
		err = eachPage(ctx, api, in, &in.Marker, func(page *iam.ListAttachedRolePoliciesResponse) *string {
			arns = append(arns, attachedARNs(page.AttachedPolicies)...)
			return page.Marker
		})
		return arns, err
	},
}

func attachedARNs(policies []iam.AttachedPolicy) []string {
	var arns []string
	for i := range policies {
		arns = append(arns, orNone(policies[i].PolicyArn))
	}
	return arns
}

// holdings are the properties of users, groups and roles for the policies that they hold.
type holdings struct {
	ManagedPolicyArns []string       `json:",omitempty"`
	Policies          []inlinePolicy `json:",omitempty"`
}

type inlinePolicy struct {
	PolicyName     string
	PolicyDocument document
}

func (h *holdings) policy(name string) *inlinePolicy {
	for i := range h.Policies {
		if h.Policies[i].PolicyName == name {
			return &h.Policies[i]
		}
	}
	return nil
}

// change makes an entity that has been given was hold want. What is new comes before
// what is old goes, so that nobody is without a policy in between.
func (h *holder) change(ctx context.Context, api API, name string, was, want *holdings) error {
	for _, arn := range missing(want.ManagedPolicyArns, was.ManagedPolicyArns) {
		if _, err := api.Call(ctx, h.attach(name, arn)); err != nil {
			return err
		}
	}
	for _, p := range want.Policies {
		if old := was.policy(p.PolicyName); old != nil && old.PolicyDocument.text == p.PolicyDocument.text {
			continue
		}
		if _, err := api.Call(ctx, h.put(name, p.PolicyName, p.PolicyDocument.text)); err != nil {
			return err
		}
	}
	for _, arn := range missing(was.ManagedPolicyArns, want.ManagedPolicyArns) {
		if _, err := api.Call(ctx, h.detach(name, arn)); absent(err) != nil {
			return err
		}
	}
	for _, p := range was.Policies {
		if want.policy(p.PolicyName) != nil {
			continue
		}
		if _, err := api.Call(ctx, h.drop(name, p.PolicyName)); absent(err) != nil {
			return err
		}
	}
	return nil
}

// read is what an entity holds.
func (h *holder) read(ctx context.Context, api API, name string, was *holdings) (*holdings, error) {
	arns, err := h.attached(ctx, api, name)
	if err != nil {
		return nil, err
	}
	names, err := h.inline(ctx, api, name)
	if err != nil {
		return nil, err
	}
	is := &holdings{ManagedPolicyArns: orderedNames(arns, was.ManagedPolicyArns)}
	for _, policy := range names {
		text, err := h.text(ctx, api, name, policy)
		if err != nil {
			return nil, err
		}
		p := inlinePolicy{PolicyName: policy, PolicyDocument: document{text: text}}
		if old := was.policy(policy); old != nil {
			p.PolicyDocument = old.PolicyDocument.now(text)
		}
		is.Policies = append(is.Policies, p)
	}
	is.Policies = ordered(is.Policies, was.Policies, func(a, b inlinePolicy) bool { return a.PolicyName == b.PolicyName })
	return is, nil
}

// bearers are the properties of policies for who has them.
type bearers struct {
	Groups []string `json:",omitempty"`
	Roles  []string `json:",omitempty"`
	Users  []string `json:",omitempty"`
}

// bearer is one user, group or role.
type bearer struct {
	*holder
	name string
}

func (b *bearers) all() []bearer {
	var all []bearer
	for _, of := range []struct {
		kind  *holder
		names []string
	}{{&users, b.Users}, {&groups, b.Groups}, {&roles, b.Roles}} {
		for _, name := range of.names {
			all = append(all, bearer{of.kind, name})
		}
	}
	return all
}

// only are the bearers that are to be kept.
func (b *bearers) only(keep func(bearer) bool) bearers {
	those := func(h *holder, names []string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !keep(bearer{h, name}) })
	}
	return bearers{Groups: those(&groups, b.Groups), Roles: those(&roles, b.Roles), Users: those(&users, b.Users)}
}
