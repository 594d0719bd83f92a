package cfn

import (
	"encoding/json"

	"github.com/iamd-project/iamd/internal/op"
)

// policy is the stack policy that a request gives; "" for none.
func (s *service) policy(c *op.Call, body, url *string) (string, error) {
	switch {
	case body != nil && url != nil:
		return "", invalid("You cannot specify both StackPolicyURL and StackPolicyBody")
	case url != nil:
		return s.fetch(c, *url)
	case body == nil:
		return "", nil
	case !json.Valid([]byte(*body)):
		return "", invalid("Error validating stack policy: Invalid stack policy")
	}
	return *body, nil
}
