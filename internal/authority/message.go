package authority

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/authz"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/policy"
)

// items is a list as AWS's decoded messages have it: {"items":[…]}.
type items[T any] struct {
	Items []T `json:"items"`
}

type value struct {
	Value string `json:"value"`
}

// message is what a decoded authorization message says.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
type message struct {
	Allowed           bool                    `json:"allowed"`
	ExplicitDeny      bool                    `json:"explicitDeny"`
	MatchedStatements items[matchedStatement] `json:"matchedStatements"`
	Failures          items[failure]          `json:"failures"`
	Context           messageContext          `json:"context"`
}

type matchedStatement struct {
	StatementID string `json:"statementId"`
	Effect      string `json:"effect"` // ALLOW or DENY
	Policy      string `json:"policy"` // which AWS does not tell
}

// failure is a kind of policy that would have had to allow.
type failure struct {
	Type string `json:"type"`
}

type messageContext struct {
	Principal  messagePrincipal `json:"principal"`
	Action     string           `json:"action"`
	Resource   string           `json:"resource"`
	Conditions items[condition] `json:"conditions"`
}

type messagePrincipal struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	ARN  string `json:"arn"`
}

type condition struct {
	Key    string       `json:"key"`
	Values items[value] `json:"values"`
}

// encoded explains a denial, sealed. Only the caller's account can open it; that of
// nobody has none.
func (s *Server) encoded(call *op.Call, n *op.Need) (string, error) {
	if call.Caller.Kind == op.Nobody {
		return "", nil
	}
	x, err := s.Authz.Explain(call, n)
	if err != nil {
		return "", err
	}
	p := &call.Caller
	m := message{
		Allowed:           x.Allowed,
		ExplicitDeny:      x.Explicit,
		MatchedStatements: matched(x.Reasons()),
		Failures:          failures(x.Lacking),
		Context: messageContext{
			Principal:  messagePrincipal{p.ID, p.Name, p.ARN},
			Action:     n.Action,
			Resource:   n.Resource,
			Conditions: conditionValues(call, n),
		},
	}
	text, err := m.fit()
	if err != nil || text == "" {
		return "", err
	}
	return directory.SealMessage(call.Keyring, p.Account, text)
}

// The limits of a message. DecodeAuthorizationMessage takes 10,240 characters of it,
// sealed and in base64.
const (
	maxMessage = 7 << 10
	maxMatched = 20      // statements
	maxShown   = 3 << 10 // bytes of condition keys and values
)

// fit is the message as JSON, without what does not fit; "" if that is not enough.
func (m *message) fit() (string, error) {
	for _, leaveOut := range []func(){
		func() {},
		func() { m.Context.Conditions.Items = []condition{} },
		func() { m.MatchedStatements.Items = []matchedStatement{} },
	} {
		leaveOut()
		var text strings.Builder
		e := json.NewEncoder(&text)
		e.SetEscapeHTML(false)
		if err := e.Encode(m); err != nil {
			return "", err
		}
		if text.Len() <= maxMessage {
			return strings.TrimSuffix(text.String(), "\n"), nil
		}
	}
	return "", nil
}

func matched(reasons []policy.Reason) items[matchedStatement] {
	list := items[matchedStatement]{[]matchedStatement{}}
	for _, r := range reasons[:min(len(reasons), maxMatched)] {
		list.Items = append(list.Items, matchedStatement{r.Sid, strings.ToUpper(r.Effect.String()), r.Policy})
	}
	return list
}

func failures(lacking []policy.Kind) items[failure] {
	list := items[failure]{[]failure{}}
	for _, k := range lacking {
		list.Items = append(list.Items, failure{k.String()})
	}
	return list
}

// shownKeys are the global condition keys that a message shows when they have values.
var shownKeys = []string{
	"aws:principalarn", "aws:principaltype", "aws:requestedregion", "aws:resourceaccount", "aws:securetransport", "aws:sourceip", "aws:userid",
	"aws:multifactorauthpresent",
}

func conditionValues(call *op.Call, n *op.Need) items[condition] {
	list, size := items[condition]{[]condition{}}, 0
	context := authz.Context(call, n)
	for _, key := range append(slices.Sorted(maps.Keys(n.Context)), shownKeys...) {
		values, _ := context.Values(key)
		c := condition{Key: key, Values: items[value]{[]value{}}}
		for _, v := range values {
			c.Values.Items = append(c.Values.Items, value{v})
			size += len(v)
		}
		if size += len(key); size > maxShown {
			break
		}
		if len(values) > 0 {
			list.Items = append(list.Items, c)
		}
	}
	return list
}
