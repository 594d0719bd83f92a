package cfn

import (
	"strings"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
)

// find is the stack that a request names: by its name while it is there, by its ARN for
// as long as anything is known of it. It is nil when there is none. The caller may
// change it.
func find(c *op.Call, named string) (*directory.Stack, error) {
	s, err := lookUp(c, named)
	if err != nil || s == nil {
		return nil, err
	}
	return s.Clone(), nil
}

func lookUp(c *op.Call, named string) (*directory.Stack, error) {
	if !strings.HasPrefix(named, "arn:") {
		return directory.StackNamed(c.Snap, c.Caller.Account, c.Region, named)
	}
	name, id := splitARN(c, named)
	if id == "" {
		return nil, nil
	}
	s, err := directory.GetStack(c.Snap, c.Caller.Account, c.Region, id)
	if err != nil || s == nil || s.Name != name {
		return nil, err
	}
	return s, nil
}

// splitARN is the name and the ID in a stack's ARN; "" for one of another region or
// account.
func splitARN(c *op.Call, arn string) (name, id string) {
	rest, ok := strings.CutPrefix(arn, "arn:aws:cloudformation:"+c.Region+":"+string(c.Caller.Account)+":stack/")
	if !ok {
		return "", ""
	}
	name, id, _ = strings.Cut(rest, "/")
	return name, id
}

// need is one permission on a stack, whether it is there or not.
func need(c *op.Call, action, named string) op.Need {
	n := op.Need{Action: "cloudformation:" + action, Resource: named, Context: map[string][]string{}}
	if !strings.HasPrefix(named, "arn:") {
		n.Resource = directory.StackARN(c.Caller.Account, c.Region, named, "*")
	}
	return n
}

// needStack is need with what is known of the stack: its ID and its tags.
func needStack(c *op.Call, action, named string) (op.Need, error) {
	n := need(c, action, named)
	s, err := find(c, named)
	if err != nil || s == nil {
		return n, err
	}
	n.Resource = s.ARN()
	if s.Inputs == "" {
		return n, nil
	}
	in, err := s.GetInputs(c.Snap, c.Keyring, s.Inputs)
	if err != nil {
		return n, err
	}
	n.Tags = in.Tags
	return n, nil
}

// one is needStack as an operation's only need.
func one(action string) func(c *op.Call, named string) ([]op.Need, error) {
	return func(c *op.Call, named string) ([]op.Need, error) {
		n, err := needStack(c, action, named)
		return []op.Need{n}, err
	}
}
