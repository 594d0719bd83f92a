package explain

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/policy"
)

// principal is who asks.
type principal struct {
	policy.Principal
	bearer *directory.Entity // the user or role; nil for root
	keys   policy.Values     // what conditions may ask about it
}

// sessionName is that of the session in which a role is taken to act.
const sessionName = "session"

// find finds the principal of an ARN.
func find(r store.Reader, s string) (*principal, error) {
	name, err := arn.Parse(s)
	if err != nil {
		return nil, fmt.Errorf("principal %s: %w", s, err)
	}
	if session, ok := name.Session(); ok {
		return findRole(r, s, name, session)
	}
	if name.IsRoot() {
		return findRoot(r, s, name)
	}
	switch e, _ := name.Entity(); e.Kind {
	case arn.User:
		return findUser(r, s, name, e)
	case arn.Role:
		return findRole(r, s, name, arn.Session{Role: e.Name, Name: sessionName})
	}
	return nil, fmt.Errorf("principal %s is not a user, a role, a session of a role or the root user", s)
}

func findRoot(r store.Reader, s string, name arn.ARN) (*principal, error) {
	a, err := directory.GetAccount(r, ids.Account(name.Account))
	if err != nil || a == nil {
		return nil, absent(s, err)
	}
	p := &principal{Principal: policy.Principal{Type: policy.Root, ARN: s, Account: name.Account}}
	p.know("Account", s, name.Account)
	return p, nil
}

func findUser(r store.Reader, s string, name arn.ARN, e arn.Entity) (*principal, error) {
	u, err := directory.Users.ByName(r, ids.Account(name.Account), e.Name)
	if err != nil || u == nil || u.ARN() != s {
		return nil, absent(s, err)
	}
	p := &principal{
		Principal: policy.Principal{Type: policy.User, ARN: s, Account: name.Account, ID: string(u.ID)},
		bearer:    u.Common(),
	}
	p.know("User", s, string(u.ID))
	p.keys["aws:username"] = []string{u.Name}
	return p, nil
}

func findRole(r store.Reader, s string, name arn.ARN, session arn.Session) (*principal, error) {
	role, err := directory.Roles.ByName(r, ids.Account(name.Account), session.Role)
	if err != nil || role == nil {
		return nil, absent(s, err)
	}
	if e, ok := name.Entity(); ok && e.Kind == arn.Role && role.ARN() != s {
		return nil, absent(s, nil)
	}
	p := &principal{
		Principal: policy.Principal{
			Type:    policy.RoleSession,
			ARN:     name.Owner().Session(session).String(),
			Account: name.Account,
			Source:  role.ARN(),
			ID:      string(role.ID),
		},
		bearer: role.Common(),
	}
	p.know("AssumedRole", role.ARN(), string(role.ID)+":"+session.Name)
	return p, nil
}

func absent(s string, err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("principal %s does not exist", s)
}

func (p *principal) know(kind, name, id string) {
	p.keys = policy.Values{
		"aws:principaltype":    {kind},
		"aws:principalarn":     {name},
		"aws:principalaccount": {p.Account},
		"aws:userid":           {id},
	}
	if p.bearer != nil {
		for _, tag := range p.bearer.Tags {
			p.keys["aws:principaltag/"+strings.ToLower(tag.Key)] = []string{tag.Value}
		}
	}
}

// contextOf is what is known of a request: the question's own keys come first.
func contextOf(p *principal, q *Question) policy.Values {
	values := p.keys
	values["aws:currenttime"] = []string{q.At.UTC().Format(time.RFC3339)}
	values["aws:epochtime"] = []string{strconv.FormatInt(q.At.Unix(), 10)}
	for key, given := range q.Context {
		values[strings.ToLower(key)] = given
	}
	return values
}

// holder is a user, group or role as people call it.
func holder(e *directory.Entity) string {
	switch {
	case strings.HasPrefix(string(e.ID), string(ids.Group)):
		return "group " + e.Name
	case strings.HasPrefix(string(e.ID), string(ids.Role)):
		return "role " + e.Name
	}
	return "user " + e.Name
}
