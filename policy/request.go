package policy

// A Request is the question: may this principal do this to that?
type Request struct {
	Principal Principal
	// Action is service:Name, as in "s3:GetObject". Case does not matter.
	Action string
	// Resource is an ARN, or "*" for an action that works on none in particular.
	Resource string
	// Account owns the resource. Empty means the principal's own account.
	Account string
	// Context has the values of condition keys and variables. Nil has none.
	Context Context
}

// A Context answers what a request carries. Values is called for a key only when
// a policy that concerns the request mentions it, possibly more than once, with
// the key in lower case: "aws:sourceip", "aws:principaltag/team" for a tag Team, too.
// It returns false, or no values, if the request has no such key. The values must
// not change while a decision is made.
type Context interface {
	Values(key string) ([]string, bool)
}

// Values is a Context that is a map. Its keys must be in lower case.
type Values map[string][]string

// Values implements Context.
func (v Values) Values(key string) ([]string, bool) {
	values, ok := v[key]
	return values, ok
}

// lookup asks for a key's values. A key without values is absent.
func lookup(c Context, key string) []string {
	if c == nil {
		return nil
	}
	if values, ok := c.Values(key); ok {
		return values
	}
	return nil
}
