package cfn

import (
	"cmp"
	"context"

	"github.com/iamd-project/iamd/internal/cfn/engine"
	"github.com/iamd-project/iamd/internal/cfn/stackpolicy"
	"github.com/iamd-project/iamd/internal/cfn/template"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

func (s *service) policyOperations() []op.Operation {
	return []op.Operation{
		op.Write("SetStackPolicy", needSetStackPolicy, s.setStackPolicy),
		op.Read("GetStackPolicy", needGetStackPolicy, getStackPolicy),
	}
}

// given is a stack policy as a request gives it, for a template.
type given struct {
	name      string // of its members, without Body and URL
	body, url *string
	of        *template.Template
}

// policy is the stack policy that a request gives; "" for none.
func (s *service) policy(c *op.Call, g *given) (string, error) {
	text := value(g.body)
	switch {
	case g.body != nil && g.url != nil:
		return "", invalid("You cannot specify both %sURL and %[1]sBody", g.name)
	case g.url != nil:
		var err error
		if text, err = s.fetch(c, *g.url); err != nil {
			return "", err
		}
	case g.body == nil:
		return "", nil
	}
	return text, checkPolicy("stack policy", text, g.of)
}

// checkPolicy refuses a stack policy that can't be read, or names what its template does
// not have.
func checkPolicy(what, text string, t *template.Template) error {
	p, err := stackpolicy.Parse(text)
	if err != nil {
		return invalid("Error validating %s: Invalid stack policy", what)
	}
	if unknown := p.Unknown(func(logical string) bool { return t.Resource(logical) != nil }); unknown != "" {
		return invalid("Error validating %s: Unknown logical id '%s' in statement {} - stack policies can only be applied to logical ids referenced in the template", what, unknown)
	}
	return nil
}

// updatePolicies are the policies of an update: while it goes on, and once it has gone
// well; "" for the stack's own.
func (s *service) updatePolicies(c *op.Call, in *shape.UpdateStackInput, t *template.Template) (during, after string, err error) {
	during, err = s.policy(c, &given{"StackPolicyDuringUpdate", in.StackPolicyDuringUpdateBody, in.StackPolicyDuringUpdateURL, t})
	if err != nil {
		return "", "", err
	}
	after, err = s.policy(c, &given{"StackPolicy", in.StackPolicyBody, in.StackPolicyURL, t})
	return during, after, err
}

// withPolicyURL adds to a need where a request has its stack policy.
func withPolicyURL(needs []op.Need, url *string) []op.Need {
	if url != nil {
		needs[0].Context["cloudformation:stackpolicyurl"] = []string{*url}
	}
	return needs
}

func needSetStackPolicy(c *op.Call, in *shape.SetStackPolicyInput) ([]op.Need, error) {
	needs, err := one("SetStackPolicy")(c, in.StackName)
	return withPolicyURL(needs, in.StackPolicyURL), err
}

func (s *service) setStackPolicy(_ context.Context, c *op.Call, in *shape.SetStackPolicyInput) (*op.None, error) {
	stack, err := existing(c, in.StackName)
	if err != nil {
		return nil, err
	}
	if stack.Status == "DELETE_COMPLETE" {
		return nil, invalid("Stack:%s is in %s state and can not be updated.", stack.ARN(), stack.Status)
	}
	t, err := templateOf(c, stack)
	if err != nil {
		return nil, err
	}
	text, err := s.policy(c, &given{"StackPolicy", in.StackPolicyBody, in.StackPolicyURL, t})
	if err != nil {
		return nil, err
	}
	if text == "" {
		return nil, invalid("Either StackPolicyURL or StackPolicyBody must be specified.")
	}
	stack.Policy = text
	return &op.None{}, directory.PutStack(c.Tx, stack)
}

// templateOf is the template that a stack has; one without resources for a stack that has
// none yet.
func templateOf(c *op.Call, s *directory.Stack) (*template.Template, error) {
	if s.Inputs == "" {
		return &template.Template{}, nil
	}
	in, err := s.GetInputs(c.Snap, c.Keyring, s.Inputs)
	if err != nil {
		return nil, err
	}
	return engine.Template(in)
}

func needGetStackPolicy(c *op.Call, in *shape.GetStackPolicyInput) ([]op.Need, error) {
	return one("GetStackPolicy")(c, in.StackName)
}

// getStackPolicy shows, while an update goes on that brings one of its own, that one, as
// AWS does.
func getStackPolicy(_ context.Context, c *op.Call, in *shape.GetStackPolicyInput) (*shape.GetStackPolicyOutput, error) {
	stack, err := existing(c, in.StackName)
	if err != nil {
		return nil, err
	}
	text := stack.Policy
	if stack.Operation != nil && stack.Operation.Phase != engine.Stuck {
		text = cmp.Or(stack.Operation.Policy, text)
	}
	return &shape.GetStackPolicyOutput{StackPolicyBody: ptr(text)}, nil
}
