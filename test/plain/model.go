// Package plain is IAM's rules written as plainly as they can be: one map of
// entities, loops instead of indexes, no store, no clock. It is what a server is
// compared with, so it shares no code with one.
//
// What AWS is silent about it has from COMPAT.md.
package plain

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Call is one operation that somebody asks for.
type Call struct {
	Caller string // a user's name; Root for the account's root
	Op     string
	In     Params
}

// Root is the Caller who is no user.
const Root = "root"

// Params are a request's members by their names: strings, ints, bools, []Tag and []string.
type Params map[string]any

// Tag is a tag, in requests and replies.
type Tag struct{ Key, Value string }

// String writes the call for people: root: CreateUser(Path: /a/, UserName: ann).
func (c Call) String() string {
	var in []string
	for _, name := range slices.Sorted(maps.Keys(c.In)) {
		text := fmt.Sprint(c.In[name])
		if len(text) > 120 {
			text = fmt.Sprintf("%s… (%d bytes)", text[:60], len(text))
		}
		in = append(in, name+": "+text)
	}
	return fmt.Sprintf("%s: %s(%s)", c.Caller, c.Op, strings.Join(in, ", "))
}

// Chosen is what the server is free to choose in a reply, and the model believes.
type Chosen struct{ ID, Date, Secret, Marker string }

// Object is a reply or a structure within one. Members that are absent are left out.
type Object map[string]any

// Refusal is an error as callers see it.
type Refusal struct {
	Status        int
	Code, Message string
}

// State is an account with all that is in it.
type State struct {
	Account  string
	Alias    string
	Entities map[string]*Entity // by ID; root and some of AWS's policies are among them
	Markers  []Marker           // the last ones that lists have returned
}

// Entity is a user, group, role, policy, instance profile or the root. Each kind
// has some of the members only.
type Entity struct {
	Kind    Kind
	ID      string
	Account string // AWS for a policy that AWS made
	Name    string
	Path    string
	Created string
	Tags    []Tag

	Inline   map[string]string // documents by the policies' names
	Attached []string          // ARNs of managed policies
	Boundary string            // the ARN of one

	Keys    []Key    // of a user or the root
	LastKey int      // the highest number of those
	Groups  []string // of a user, by ID
	Login   *Login   // of a user

	Description *string // of a role or policy
	Trust       string  // of a role
	MaxSession  int     // of a role
	Role        string  // in an instance profile, by ID

	Versions      []Version // of a policy, oldest first
	Default, Last int       // of a policy: versions
	Updated       string    // of a policy
}

// AWS is the account of the policies that AWS made.
const AWS = "aws"

// Kind is the kind of an entity, as its ARN names it.
type Kind string

// The kinds.
const (
	RootUser Kind = "root"
	User     Kind = "user"
	Group    Kind = "group"
	Role     Kind = "role"
	Policy   Kind = "policy"
	Profile  Kind = "instance-profile"
)

// Key is an access key. Its number is its place among all that the owner ever had.
type Key struct {
	Number              int
	ID, Status, Created string
}

// Login is a login profile.
type Login struct {
	Created       string
	ResetRequired bool
}

// Version is a version of a managed policy.
type Version struct {
	Number            int
	Document, Created string
}

// ARN names the entity.
func (e *Entity) ARN() string {
	if e.Kind == RootUser {
		return "arn:aws:iam::" + e.Account + ":root"
	}
	return "arn:aws:iam::" + e.Account + ":" + string(e.Kind) + e.Path + e.Name
}

// Clone is a copy that shares nothing with s that a rule changes.
func (s *State) Clone() *State {
	c := *s
	c.Markers = slices.Clone(s.Markers)
	c.Entities = map[string]*Entity{}
	for id, e := range s.Entities {
		c.Entities[id] = e.clone()
	}
	return &c
}

func (e *Entity) clone() *Entity {
	c := *e
	c.Tags, c.Attached, c.Groups = slices.Clone(e.Tags), slices.Clone(e.Attached), slices.Clone(e.Groups)
	c.Keys, c.Versions, c.Inline = slices.Clone(e.Keys), slices.Clone(e.Versions), maps.Clone(e.Inline)
	if e.Login != nil {
		login := *e.Login
		c.Login = &login
	}
	return &c
}

// Print is all of the state, the same for two that are the same.
func (s *State) Print() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// Of is the account's entities of a kind, by their names.
func (s *State) Of(kind Kind) []*Entity {
	var list []*Entity
	for _, e := range s.Entities {
		if e.Kind == kind && e.Account == s.Account {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b *Entity) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return list
}

// Find is the account's entity of that kind and name, ignoring case, or nil.
func (s *State) Find(kind Kind, name string) *Entity {
	for _, e := range s.Of(kind) {
		if strings.EqualFold(e.Name, name) {
			return e
		}
	}
	return nil
}

// policy is the policy of that ARN, or nil.
func (s *State) policy(arn string) *Entity {
	for _, e := range s.Entities {
		if e.Kind == Policy && e.ARN() == arn {
			return e
		}
	}
	return nil
}

// run is one call as the rules see it.
type run struct {
	*State
	Call
	chosen Chosen
}

// Apply makes the call on s and says how it must be answered. A call that is
// refused leaves s as it was.
func (r *Rules) Apply(s *State, c Call, chosen Chosen) (out Object, refused *Refusal) {
	if refused := r.check(c); refused != nil {
		return nil, refused
	}
	rule, ok := operations[c.Op]
	if !ok {
		panic("the model has no " + c.Op)
	}
	// A rule that refuses unwinds by a panic, so that each reads as what it says.
	defer func() {
		if p := recover(); p != nil {
			if refused, ok = p.(*Refusal); !ok {
				panic(p)
			}
		}
	}()
	return rule(&run{s, c, chosen}), nil
}

func refuse(status int, code, format string, args ...any) {
	panic(&Refusal{status, code, fmt.Sprintf(format, args...)})
}

func noSuchEntity(format string, args ...any) { refuse(404, "NoSuchEntity", format, args...) }

func exists(format string, args ...any) { refuse(409, "EntityAlreadyExists", format, args...) }

// quota refuses the one after the last that may be there.
func quota(name string, have, most int) {
	if have >= most {
		refuse(409, "LimitExceeded", "Cannot exceed quota for %s: %d", name, most)
	}
}

// conflict refuses a deletion if something must go first.
func conflict(is bool, first string) {
	if is {
		refuse(409, "DeleteConflict", "Cannot delete entity, must %s first.", first)
	}
}

func (r *run) text(name string) string {
	s, _ := r.In[name].(string)
	return s
}

// optional is a string that may be absent: nil.
func (r *run) optional(name string) *string {
	if s, ok := r.In[name].(string); ok {
		return &s
	}
	return nil
}

func (r *run) flag(name string) bool {
	b, _ := r.In[name].(bool)
	return b
}

// textOr is a string, or what it is if absent.
func (r *run) textOr(name, otherwise string) string {
	if s, ok := r.In[name].(string); ok {
		return s
	}
	return otherwise
}
