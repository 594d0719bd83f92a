// Package stackpolicy is the documents that say what an update may do to the resources of
// a stack.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
package stackpolicy

import (
	"fmt"
	"slices"
	"strings"
)

// Action is what an update does to a resource.
type Action string

// The Actions. All of them is Update:*, in documents alone.
const (
	Modify  Action = "Update:Modify"
	Replace Action = "Update:Replace"
	Delete  Action = "Update:Delete"

	everything = "Update:*"
)

// MaxLen is how many bytes a document may have.
const MaxLen = 16384

// Policy is a document that Parse has read.
type Policy struct{ statements []statement }

// statement is one rule. It is about the resources of which resource, or another one, and
// the condition say so.
type statement struct {
	denies    bool
	action    list
	resource  list
	condition []condition
}

// list is an element and its opposite, such as Action and NotAction; at most one is given.
type list struct {
	values []string
	not    bool
}

// condition is a test of the resource's type: of several, all must hold.
type condition struct {
	like   bool
	values []string
}

// resourcePrefix is before the logical ID of each resource.
const resourcePrefix = "LogicalResourceId/"

// Unknown is the first resource that the policy names and known does not know; "" for
// none. What has wildcards names none.
func (p *Policy) Unknown(known func(logical string) bool) string {
	for i := range p.statements {
		for _, name := range p.statements[i].resource.values {
			logical, ok := strings.CutPrefix(name, resourcePrefix)
			if !strings.ContainsAny(name, "*?") && !(ok && known(logical)) {
				return name
			}
		}
	}
	return ""
}

// Refuses says why an update may not do something to a resource; "" if it may. A policy
// without statements is none, and refuses nothing; any other refuses what it does not
// allow.
func (p *Policy) Refuses(a Action, logical, typ string) string {
	allowed := len(p.statements) == 0
	var denied []string
	for i := range p.statements {
		s := &p.statements[i]
		switch {
		case !s.covers(a, logical, typ):
		case s.denies:
			denied = append(denied, fmt.Sprintf(" Statement [#%d] does not allow %s for resource %s;", i,
				s.action.shown(string(a)), s.resource.shown(resourcePrefix+logical)))
		default:
			allowed = true
		}
	}
	switch {
	case denied != nil:
		return "Action denied by stack policy:" + strings.Join(denied, "")
	case !allowed:
		return "Action not allowed by stack policy"
	}
	return ""
}

// shown is the list as AWS's reasons have it: of an opposite, what it covers.
func (l *list) shown(covered string) string {
	if l.not {
		return "[" + covered + "]"
	}
	return "[" + strings.Join(l.values, ", ") + "]"
}

func (s *statement) covers(a Action, logical, typ string) bool {
	return s.action.holds(func(v string) bool { return v == everything || v == string(a) }) &&
		s.resource.holds(func(v string) bool { return like(v, resourcePrefix+logical) }) &&
		!slices.ContainsFunc(s.condition, func(c condition) bool { return !c.holds(typ) })
}

// holds reports whether the list is about what is told. One that is not given is about
// nothing.
func (l *list) holds(is func(string) bool) bool {
	return l.values != nil && slices.ContainsFunc(l.values, is) != l.not
}

func (c *condition) holds(typ string) bool {
	return slices.ContainsFunc(c.values, func(v string) bool { return v == typ || c.like && like(v, typ) })
}

// like reports whether s fits a pattern in which * is anything and ? is any one byte.
func like(pattern, s string) bool {
	star, from := -1, 0 // the last *, and what it takes at least
	p, i := 0, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p, i = p+1, i+1
		case star >= 0:
			from++
			p, i = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
