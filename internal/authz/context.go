package authz

import (
	"strconv"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
)

// asked is a permission that is asked for, and so what conditions see of it: a
// policy.Context.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
type asked struct {
	call *op.Call
	need *op.Need
}

// Values implements policy.Context.
func (a *asked) Values(key string) ([]string, bool) {
	if values, ok := a.need.Context[key]; ok {
		return values, true
	}
	if find, ok := globalKeys[key]; ok {
		values := find(a)
		return values, len(values) > 0
	}
	if s := a.call.Caller.Session; s != nil { // what the identity provider said; its keys may have slashes
		if values, ok := s.Claims[key]; ok {
			return values, true
		}
	}
	if prefix, name, ok := strings.Cut(key, "/"); ok {
		return a.tag(prefix, name)
	}
	return nil, false
}

// tag is the value of aws:ResourceTag/name and the like. Services have their own
// names for it, such as iam:ResourceTag/name.
func (a *asked) tag(prefix, name string) ([]string, bool) {
	_, which, _ := strings.Cut(prefix, ":")
	switch {
	case which == "resourcetag":
		return valueOf(a.need.Tags, name)
	case prefix == "aws:requesttag":
		return valueOf(a.need.NewTags, name)
	case prefix == "aws:principaltag":
		return a.principalTag(name)
	}
	return nil, false
}

func (a *asked) principalTag(name string) ([]string, bool) {
	p := &a.call.Caller
	if p.Session != nil { // tags of the session come before those of its role or user
		if values, ok := valueOf(p.Session.Tags, name); ok {
			return values, true
		}
	}
	if p.Bearer != nil {
		return valueOf(p.Bearer.Tags, name)
	}
	return nil, false
}

func valueOf(tags []directory.Tag, key string) ([]string, bool) {
	for i := range tags {
		if strings.EqualFold(tags[i].Key, key) {
			return []string{tags[i].Value}, true
		}
	}
	return nil, false
}

// globalKeys finds the values of keys that every service has; none for a key that
// the request does not have.
var globalKeys = map[string]func(*asked) []string{
	"aws:calledvia":              func(a *asked) []string { return a.call.Client.Via },
	"aws:calledviafirst":         func(a *asked) []string { return firstOf(a.call.Client.Via) },
	"aws:calledvialast":          func(a *asked) []string { return lastOf(a.call.Client.Via) },
	"aws:currenttime":            func(a *asked) []string { return one(a.call.Now.UTC().Format(time.RFC3339)) },
	"aws:epochtime":              func(a *asked) []string { return one(strconv.FormatInt(a.call.Now.Unix(), 10)) },
	"aws:federatedprovider":      func(a *asked) []string { return a.ofSession(func(s *directory.Session) string { return s.Provider }) },
	"aws:assumedroot":            assumedRoot,
	"aws:multifactorauthage":     mfaAge,
	"aws:multifactorauthpresent": mfaPresent,
	"aws:principalaccount":       func(a *asked) []string { return one(string(a.call.Caller.Account)) },
	"aws:principalarn":           principalARN,
	"aws:principalisawsservice":  func(*asked) []string { return one("false") },
	"aws:principaltype":          func(a *asked) []string { return one(typeNames[a.call.Caller.Kind]) },
	"aws:referer":                func(a *asked) []string { return one(a.call.Client.Referer) },
	"aws:requestedregion":        func(a *asked) []string { return one(a.call.Region) },
	"aws:resourceaccount":        resourceAccount,
	"aws:securetransport":        func(a *asked) []string { return one(strconv.FormatBool(a.call.Client.Secure)) },
	"aws:sourceidentity": func(a *asked) []string {
		return a.ofSession(func(s *directory.Session) string { return s.SourceIdentity })
	},
	"aws:sourceip":       sourceIP,
	"aws:tagkeys":        tagKeys,
	"aws:tokenissuetime": tokenIssueTime,
	"aws:useragent":      func(a *asked) []string { return one(a.call.Client.UserAgent) },
	"aws:userid":         func(a *asked) []string { return one(a.call.Caller.ID) },
	"aws:username":       func(a *asked) []string { return one(a.call.Caller.Name) },
	"aws:viaawsservice":  func(a *asked) []string { return one(strconv.FormatBool(len(a.call.Client.Via) > 0)) },
}

// typeNames are the values of aws:PrincipalType.
var typeNames = map[op.PrincipalKind]string{
	op.Nobody:        "Anonymous",
	op.Root:          "Account",
	op.User:          "User",
	op.RoleSession:   "AssumedRole",
	op.FederatedUser: "FederatedUser",
	op.WebIdentity:   "Anonymous",
	op.SAMLIdentity:  "Anonymous",
}

// one is a list of s, or of nothing.
func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func firstOf(list []string) []string { return list[:min(len(list), 1)] }

func lastOf(list []string) []string { return list[max(len(list)-1, 0):] }

func (a *asked) ofSession(value func(*directory.Session) string) []string {
	if s := a.call.Caller.Session; s != nil {
		return one(value(s))
	}
	return nil
}

// principalARN of a role session is the role's.
func principalARN(a *asked) []string {
	if p := &a.call.Caller; p.Kind == op.RoleSession {
		return one(roleARN(p))
	}
	return one(a.call.Caller.ARN)
}

func assumedRoot(a *asked) []string {
	s := a.call.Caller.Session
	if s == nil || a.call.Caller.Kind != op.Root {
		return nil
	}
	return one(strconv.FormatBool(s.AssumedRoot))
}

// mfaPresent: the key is there for temporary credentials only.
func mfaPresent(a *asked) []string {
	return a.ofSession(func(s *directory.Session) string { return strconv.FormatBool(s.MFA != 0) })
}

func mfaAge(a *asked) []string {
	return a.ofSession(func(s *directory.Session) string {
		if s.MFA == 0 {
			return ""
		}
		return strconv.FormatInt(int64(a.call.Now.Sub(s.MFA.Time())/time.Second), 10)
	})
}

func tokenIssueTime(a *asked) []string {
	return a.ofSession(func(s *directory.Session) string { return s.Issued.Time().Format(time.RFC3339) })
}

func resourceAccount(a *asked) []string {
	if a.need.Owner != "" {
		return one(string(a.need.Owner))
	}
	return one(string(a.call.Caller.Account))
}

// sourceIP is absent when a service calls for the principal.
func sourceIP(a *asked) []string {
	if len(a.call.Client.Via) > 0 {
		return nil
	}
	return one(a.call.Client.IP)
}

func tagKeys(a *asked) []string {
	keys := a.need.TagKeys
	for i := range a.need.NewTags {
		keys = append(keys[:len(keys):len(keys)], a.need.NewTags[i].Key)
	}
	return keys
}
