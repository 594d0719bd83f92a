package audit

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// secretMembers are never shown, though their models do not call them sensitive.
// Of these CloudTrail shows SessionToken, and whoever reads its logs in time has
// half of what it takes to use a session. We show none.
var secretMembers = map[string]bool{
	"SessionToken":        true,
	"TokenCode":           true, // one-time codes of MFA devices
	"AuthenticationCode1": true,
	"AuthenticationCode2": true,
	"ParameterValue":      true, // a stack's parameters, passwords among them
	"TemplateBody":        true, // may have them as literals
	"Configuration":       true, // of a CloudFormation type: credentials for what it manages
}

// member is a field of a generated struct that records may show.
type member struct {
	index int
	key   string // `"userName":`
}

var plans sync.Map // reflect.Type -> []member

// membersOf plans a struct type once. Single values come before lists and
// structures, so that a long list of tags does not crowd out whose they are.
func membersOf(t reflect.Type) []member {
	if p, ok := plans.Load(t); ok {
		return p.([]member)
	}
	var list []member
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("aws"), ",")
		if name == "" || secretMembers[name] || slices.Contains(strings.Split(options, ","), "sensitive") {
			continue
		}
		list = append(list, member{index: i, key: `"` + recordName(name) + `":`})
	}
	slices.SortStableFunc(list, func(a, b member) int {
		return cmp.Compare(weight(t.Field(a.index).Type), weight(t.Field(b.index).Type))
	})
	plans.Store(t, list)
	return list
}

// weight is 0 for the type of a single value and 1 for any other.
func weight(t reflect.Type) int {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Map:
		return 1
	case reflect.Struct:
		if t != timeType {
			return 1
		}
	}
	return 0
}

// recordName is a member's name in a record: with a small first letter
// ("userName", "sAMLProviderArn"), or all small ("arn" of "ARN").
func recordName(name string) string {
	if strings.ToUpper(name) == name {
		return strings.ToLower(name)
	}
	return strings.ToLower(name[:1]) + name[1:]
}
