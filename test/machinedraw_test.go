package test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/test/plain"
)

// drawing makes up calls. Names, paths and tags are few, so that most calls are
// about something that another has left behind, and many cannot be.
type drawing struct {
	*rand.Rand
	rules *plain.Rules
	state *plain.State
	spare map[string]key // access keys that calls may deactivate and delete
	ops   []string
}

func (m *machine) drawing(random *rand.Rand) *drawing {
	d := &drawing{Rand: random, rules: m.rules, state: m.state, spare: m.made}
	for _, op := range m.rules.Operations() {
		d.ops = append(d.ops, slices.Repeat([]string{op}, weight(op))...)
	}
	return d
}

// weight is how often an operation is called, in proportion.
func weight(op string) int {
	switch {
	case op == "CreateLoginProfile" || op == "UpdateLoginProfile":
		return 1 // each costs the hash of a password
	case strings.HasPrefix(op, "Delete"):
		return 3
	case strings.HasPrefix(op, "Create") || strings.HasPrefix(op, "Put"):
		return 6
	}
	return 4
}

// call makes up any call.
func (d *drawing) call() plain.Call {
	c := plain.Call{Caller: pick(d, plain.Root, plain.Root, operator), Op: d.op(), In: plain.Params{}}
	parameters := d.rules.Parameters(c.Op)
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		if parameters[name] || d.chance(40) {
			if v := d.value(c, name); v != nil {
				c.In[name] = v
			}
		}
	}
	d.mend(c)
	return c
}

// op makes up an operation, rarely one about what there is nothing of.
func (d *drawing) op() string {
	op := pick(d, d.ops...)
	for range 4 {
		if d.hasAll(op) {
			break
		}
		op = pick(d, d.ops...)
	}
	return op
}

// hasAll: there is something of each kind that an operation is about.
func (d *drawing) hasAll(op string) bool {
	for name, required := range d.rules.Parameters(op) {
		kind, ok := kinds[name]
		if ok && required && !makes(op) && len(d.others(kind)) == 0 {
			return false
		}
	}
	return true
}

// makes: the operation makes an entity of that name.
func makes(op string) bool {
	return strings.HasPrefix(op, "Create") && op != "CreateAccessKey" && op != "CreateLoginProfile"
}

// mend keeps a call within what the model knows: not all of AWS's policies.
func (d *drawing) mend(c plain.Call) {
	if c.Op == "ListPolicies" && c.In["OnlyAttached"] != true && c.In["PolicyUsageFilter"] == nil {
		c.In["Scope"] = "Local"
	}
}

// next makes up a call that goes on with a listing, wherever that has got to.
func (d *drawing) next() plain.Call {
	marker := pick(d, d.state.Markers...)
	c := plain.Call{Caller: pick(d, plain.Root, operator), Op: marker.Call.Op, In: maps.Clone(marker.Call.In)}
	if marker.Call.In["UserName"] == nil {
		c.Caller = marker.Call.Caller // it may be the caller's own things that are listed
	}
	c.In["Marker"], c.In["MaxItems"] = marker.Text, pick(d, 1, 2, 100)
	return c
}

// value makes up a parameter; nil leaves it out.
func (d *drawing) value(c plain.Call, name string) any {
	switch name {
	case "UserName", "GroupName", "RoleName", "InstanceProfileName":
		return d.name(kinds[name], makes(c.Op))
	case "NewUserName", "NewGroupName":
		return d.name(kinds[strings.TrimPrefix(name, "New")], true)
	case "PolicyName":
		if c.Op == "CreatePolicy" {
			return d.name(plain.Policy, true)
		}
		return d.rarely("bad name", pick(d, "first", "First", "second"))
	case "PolicyArn", "PermissionsBoundary":
		return d.policyARN()
	case "PolicyDocument", "AssumeRolePolicyDocument":
		return d.document(c.Op)
	case "VersionId":
		return d.rarely("first", pick(d, "v1", "v1", "v2", "v2", "v3", "v4", "v5", "v6", "v9"))
	case "AccessKeyId":
		return d.accessKey(c)
	case "AccountAlias":
		return pick(d, "acme-", "globex-") + d.state.Account
	case "Tags":
		return d.tags()
	case "TagKeys":
		return some(d, tagKeys)
	}
	if values, ok := samples[name]; ok {
		return pick(d, values...)
	}
	panic("no values for " + c.Op + "'s " + name)
}

var kinds = map[string]plain.Kind{
	"UserName": plain.User, "GroupName": plain.Group, "RoleName": plain.Role, "InstanceProfileName": plain.Profile,
}

// noMarker is one that no listing returns.
const noMarker = "no such marker"

// samples are the values of parameters that do not depend on anything.
var samples = map[string][]any{
	"Path":                  {"/", "/a/", "/a/", "/a/b/", "/A/", "/a/", "/", "a", "/" + strings.Repeat("p", 511) + "/"},
	"NewPath":               {"/", "/a/", "/a/b/", "/A/", "/b/", "b"},
	"PathPrefix":            {"/", "/a/", "/a", "/a/b/", "/A/", "/c/", "a"},
	"MaxItems":              {1, 1, 1, 2, 2, 3, 100, 0, 1001},
	"Marker":                {nil, nil, nil, nil, nil, nil, noMarker},
	"Status":                {"Active", "Inactive", "Inactive", "Gone"},
	"Description":           {"what it is for", "<&> ü", strings.Repeat("d", 1001)},
	"MaxSessionDuration":    {3600, 7200, 43200, 60},
	"SetAsDefault":          {true, false},
	"Scope":                 {"Local", "All", "AWS", "Everywhere"},
	"OnlyAttached":          {true, false},
	"PolicyUsageFilter":     {"PermissionsPolicy", "PermissionsBoundary"},
	"EntityFilter":          {"User", "Group", "Role"},
	"Password":              {"Right-enough-1", "right-enough-2", "simple"},
	"PasswordResetRequired": {true, false},
}

// names are few for any kind, with more for what takes many to reach a quota.
var names = []string{"ann", "bob", "cy"}

// name is the name of an entity, in any case: mostly of one that is there, unless it
// is to be new.
func (d *drawing) name(kind plain.Kind, isNew bool) string {
	name := pick(d, names...)
	if have := d.others(kind); len(have) > 0 && !isNew && d.chance(92) {
		name = pick(d, have...).Name
	}
	switch d.IntN(40) {
	case 35, 36, 37:
		name = strings.ToUpper(name)
	case 38:
		name += " "
	case 39:
		name = strings.Repeat(name, 65)[:129]
	}
	return name
}

// others are the entities that calls may change.
func (d *drawing) others(kind plain.Kind) []*plain.Entity {
	return slices.DeleteFunc(d.state.Of(kind), func(e *plain.Entity) bool { return e.Name == operator })
}

func (d *drawing) policyARN() string {
	own := "arn:aws:iam::" + d.state.Account + ":"
	have := d.state.Of(plain.Policy)
	n := d.IntN(20)
	switch {
	case n < 14 && len(have) > 0:
		return pick(d, have...).ARN()
	case n < 17:
		return pick(d, awsARNs...)
	}
	return pick(d, own+"policy/a/ann", own+"policy/ANN", own+"user/ann", "arn:aws:iam::210987654321:policy/ann", "no ARN, though it is long", "short")
}

// document mostly is of the kind that the operation takes.
func (d *drawing) document(op string) string {
	documents := slices.Sorted(maps.Keys(plain.Documents))
	fitting := slices.DeleteFunc(slices.Clone(documents), func(text string) bool {
		isTrust := op == "CreateRole" || op == "UpdateAssumeRolePolicy"
		return strings.Contains(text, "Principal") != isTrust
	})
	if d.chance(80) {
		return pick(d, fitting...)
	}
	return pick(d, documents...)
}

// accessKey is a key of the one whom the call is about, if there is one.
func (d *drawing) accessKey(c plain.Call) string {
	var own, all []string
	for _, kind := range []plain.Kind{plain.RootUser, plain.User} {
		for _, e := range d.state.Of(kind) {
			for _, k := range e.Keys {
				if _, spare := d.spare[k.ID]; !spare {
					continue
				}
				all = append(all, k.ID)
				if e.Name == c.In["UserName"] {
					own = append(own, k.ID)
				}
			}
		}
	}
	switch n := d.IntN(10); {
	case n < 7 && len(own) > 0:
		return pick(d, own...)
	case n < 9 && len(all) > 0:
		return pick(d, all...)
	}
	return pick(d, "AKIAIOSFODNN7EXAMPLE", "short")
}

var tagKeys = []string{"env", "team", "Env", "k:1"}

func (d *drawing) tags() any {
	switch d.IntN(20) {
	case 15, 16: // two of these are too many
		return halfOfTags(d.IntN(2), 30)
	case 17:
		return halfOfTags(0, 51)
	case 18:
		return []plain.Tag{{Key: "aws:x", Value: "v"}}
	case 19:
		return []plain.Tag{{Key: "env", Value: "v"}, {Key: "no!", Value: strings.Repeat("v", 257)}}
	}
	var list []plain.Tag
	for _, key := range some(d, tagKeys) {
		list = append(list, plain.Tag{Key: key, Value: pick(d, "v", "", "w")})
	}
	return list
}

func halfOfTags(half, n int) []plain.Tag {
	var list []plain.Tag
	for i := range n {
		list = append(list, plain.Tag{Key: fmt.Sprintf("tag-%d-%d", half, i), Value: "v"})
	}
	return list
}

func pick[T any](d *drawing, values ...T) T { return values[d.IntN(len(values))] }

// chance is true in so many of a hundred cases.
func (d *drawing) chance(percent int) bool { return d.IntN(100) < percent }

// some are one to three of the values, perhaps one of them twice.
func some[T any](d *drawing, values []T) []T {
	var list []T
	for range 1 + d.IntN(3) {
		list = append(list, pick(d, values...))
	}
	return list
}

func (d *drawing) rarely(rare, common string) string {
	if d.chance(4) {
		return rare
	}
	return common
}
