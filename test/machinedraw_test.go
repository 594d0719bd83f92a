package test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/iamd-project/iamd/test/model"
)

// drawing makes up calls. Names, paths and tags are few, so that most calls are
// about something that another has left behind, and many cannot be.
type drawing struct {
	rules *model.Rules
	state *model.State
	spare map[string]key // access keys that calls may deactivate and delete
	ops   []string
}

func (m *machine) drawing() *drawing {
	d := &drawing{rules: m.rules, state: m.state, spare: m.made}
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
func (d *drawing) call() *rapid.Generator[model.Call] {
	return rapid.Custom(func(t *rapid.T) model.Call {
		c := model.Call{Caller: pick(t, model.Root, model.Root, operator), Op: d.op(t), In: model.Params{}}
		parameters := d.rules.Parameters(c.Op)
		for _, name := range slices.Sorted(maps.Keys(parameters)) {
			if parameters[name] || chance(t, 40) {
				if v := d.value(t, c, name); v != nil {
					c.In[name] = v
				}
			}
		}
		d.mend(t, c)
		return c
	})
}

// op makes up an operation, rarely one about what there is nothing of.
func (d *drawing) op(t *rapid.T) string {
	op := anyOf(d.ops).Draw(t, "op")
	for range 4 {
		if d.hasAll(op) {
			break
		}
		op = anyOf(d.ops).Draw(t, "another op")
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
func (d *drawing) mend(t *rapid.T, c model.Call) {
	if c.Op == "ListPolicies" && c.In["OnlyAttached"] != true && c.In["PolicyUsageFilter"] == nil {
		c.In["Scope"] = "Local"
	}
}

// next makes up a call that goes on with a listing, wherever that has got to.
func (d *drawing) next() *rapid.Generator[model.Call] {
	return rapid.Custom(func(t *rapid.T) model.Call {
		marker := anyOf(d.state.Markers).Draw(t, "marker")
		c := model.Call{Caller: pick(t, model.Root, operator), Op: marker.Call.Op, In: maps.Clone(marker.Call.In)}
		if marker.Call.In["UserName"] == nil {
			c.Caller = marker.Call.Caller // it may be the caller's own things that are listed
		}
		c.In["Marker"], c.In["MaxItems"] = marker.Text, pick(t, 1, 2, 100)
		return c
	})
}

// value makes up a parameter; nil leaves it out.
func (d *drawing) value(t *rapid.T, c model.Call, name string) any {
	switch name {
	case "UserName", "GroupName", "RoleName", "InstanceProfileName":
		return d.name(t, kinds[name], makes(c.Op))
	case "NewUserName", "NewGroupName":
		return d.name(t, kinds[strings.TrimPrefix(name, "New")], true)
	case "PolicyName":
		if c.Op == "CreatePolicy" {
			return d.name(t, model.Policy, true)
		}
		return rarely(t, "bad name", pick(t, "first", "First", "second"))
	case "PolicyArn", "PermissionsBoundary":
		return d.policyARN(t)
	case "PolicyDocument", "AssumeRolePolicyDocument":
		return d.document(t, c.Op)
	case "VersionId":
		return rarely(t, "first", pick(t, "v1", "v1", "v2", "v2", "v3", "v4", "v5", "v6", "v9"))
	case "AccessKeyId":
		return d.accessKey(t, c)
	case "AccountAlias":
		return pick(t, "acme-", "globex-") + d.state.Account
	case "Tags":
		return tags(t)
	case "TagKeys":
		return rapid.SliceOfN(anyOf(tagKeys), 1, 3).Draw(t, "keys")
	}
	if values, ok := samples[name]; ok {
		return anyOf(values).Draw(t, name)
	}
	panic("no values for " + c.Op + "'s " + name)
}

var kinds = map[string]model.Kind{
	"UserName": model.User, "GroupName": model.Group, "RoleName": model.Role, "InstanceProfileName": model.Profile,
}

// samples are the values of parameters that do not depend on anything. What comes
// first is what a failure is reduced to.
var samples = map[string][]any{
	"Path":                  {"/", "/a/", "/a/", "/a/b/", "/A/", "/a/", "/", "a", "/" + strings.Repeat("p", 511) + "/"},
	"NewPath":               {"/", "/a/", "/a/b/", "/A/", "/b/", "b"},
	"PathPrefix":            {"/", "/a/", "/a", "/a/b/", "/A/", "/c/", "a"},
	"MaxItems":              {1, 1, 1, 2, 2, 3, 100, 0, 1001},
	"Marker":                {nil, nil, nil, nil, nil, nil, "no such marker"},
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
func (d *drawing) name(t *rapid.T, kind model.Kind, isNew bool) string {
	name := anyOf(names).Draw(t, "name")
	if have := d.others(kind); len(have) > 0 && !isNew && chance(t, 85) {
		name = anyOf(have).Draw(t, "there").Name
	}
	switch below(40).Draw(t, "form") {
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
func (d *drawing) others(kind model.Kind) []*model.Entity {
	return slices.DeleteFunc(d.state.Of(kind), func(e *model.Entity) bool { return e.Name == operator })
}

func (d *drawing) policyARN(t *rapid.T) string {
	own := "arn:aws:iam::" + d.state.Account + ":"
	have := d.state.Of(model.Policy)
	n := below(20).Draw(t, "arn")
	switch {
	case n < 14 && len(have) > 0:
		return anyOf(have).Draw(t, "policy").ARN()
	case n < 17:
		return anyOf(awsARNs).Draw(t, "AWS's")
	}
	return pick(t, own+"policy/a/ann", own+"policy/ANN", own+"user/ann", "arn:aws:iam::210987654321:policy/ann", "no ARN, though it is long", "short")
}

// document mostly is of the kind that the operation takes.
func (d *drawing) document(t *rapid.T, op string) string {
	documents := slices.Sorted(maps.Keys(model.Documents))
	fitting := slices.DeleteFunc(slices.Clone(documents), func(text string) bool {
		isTrust := op == "CreateRole" || op == "UpdateAssumeRolePolicy"
		return strings.Contains(text, "Principal") != isTrust
	})
	if chance(t, 80) {
		return anyOf(fitting).Draw(t, "document")
	}
	return anyOf(documents).Draw(t, "any document")
}

// accessKey is a key of the one whom the call is about, if there is one.
func (d *drawing) accessKey(t *rapid.T, c model.Call) string {
	var own, all []string
	for _, kind := range []model.Kind{model.RootUser, model.User} {
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
	switch n := below(10).Draw(t, "key"); {
	case n < 7 && len(own) > 0:
		return anyOf(own).Draw(t, "own key")
	case n < 9 && len(all) > 0:
		return anyOf(all).Draw(t, "any key")
	}
	return pick(t, "AKIAIOSFODNN7EXAMPLE", "short")
}

var tagKeys = []string{"env", "team", "Env", "k:1"}

func tags(t *rapid.T) any {
	switch below(20).Draw(t, "tags") {
	case 15, 16: // two of these are too many
		return manyTags(below(2).Draw(t, "half"), 30)
	case 17:
		return manyTags(0, 51)
	case 18:
		return []model.Tag{{Key: "aws:x", Value: "v"}}
	case 19:
		return []model.Tag{{Key: "env", Value: "v"}, {Key: "no!", Value: strings.Repeat("v", 257)}}
	}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) model.Tag {
		return model.Tag{Key: anyOf(tagKeys).Draw(t, "key"), Value: pick(t, "v", "", "w")}
	}), 1, 3).Draw(t, "tags")
}

func manyTags(half, n int) []model.Tag {
	var list []model.Tag
	for i := range n {
		list = append(list, model.Tag{Key: fmt.Sprintf("tag-%d-%d", half, i), Value: "v"})
	}
	return list
}

// below makes up a number from 0 to n-1, each as often as the others, which rapid's own
// numbers are not.
func below(n int) *rapid.Generator[int] {
	const coins = 12
	return rapid.Map(rapid.SliceOfN(rapid.Bool(), coins, coins), func(heads []bool) int {
		number := 0
		for _, head := range heads {
			number *= 2
			if head {
				number++
			}
		}
		return number * n >> coins
	})
}

// anyOf makes up one of the values. A failure is reduced to the first.
func anyOf[T any](values []T) *rapid.Generator[T] {
	return rapid.Map(below(len(values)), func(i int) T { return values[i] })
}

func pick[T any](t *rapid.T, values ...T) T { return anyOf(values).Draw(t, "one of") }

// chance is true in so many of a hundred cases.
func chance(t *rapid.T, percent int) bool { return below(100).Draw(t, "chance") < percent }

func rarely(t *rapid.T, rare, common string) string {
	if chance(t, 96) {
		return common
	}
	return rare
}
