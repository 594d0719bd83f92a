package kind

import (
	"slices"
	"testing"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

func node(t *testing.T, text string) *tree.Node {
	t.Helper()
	n, err := tree.FromJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name, typ, properties, want string
		violations                  []string
	}{
		{"a number given as text", "AWS::IAM::AccessKey", `{"UserName":"ann","Serial":"2"}`, `{"UserName":"ann","Serial":2}`, nil},
		{"text given as a number", "AWS::IAM::AccessKey", `{"UserName":7}`, `{"UserName":"7"}`, nil},
		{"nothing", "AWS::IAM::AccessKey", `{}`, `{}`, []string{"#: required key [UserName] not found"}},
		{"too much", "AWS::IAM::AccessKey", `{"UserName":"ann","Color":"red"}`, `{"UserName":"ann","Color":"red"}`, []string{"#: extraneous key [Color] is not permitted"}},
		{"the wrong type", "AWS::IAM::AccessKey", `{"UserName":"ann","Serial":"one"}`, `{"UserName":"ann","Serial":"one"}`, []string{"#/Serial: expected type: Integer, found: String"}},
		{"a pattern", "AWS::IAM::User", `{"Path":"no"}`, `{"Path":"no"}`, []string{"#/Path: failed validation constraint for keyword [pattern]"}},
		{"no principal", "AWS::IAM::Policy", `{"PolicyName":"p","PolicyDocument":{}}`, `{"PolicyName":"p","PolicyDocument":{}}`, []string{"#: no subschema matched out of the total 3 subschemas"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, violations := schemas()[c.typ].Check(node(t, c.properties))
			if got.JSON() != c.want {
				t.Errorf("got %s, want %s", got.JSON(), c.want)
			}
			if !slices.Equal(violations, c.violations) {
				t.Errorf("violations %q, want %q", violations, c.violations)
			}
		})
	}
}

func TestReplacement(t *testing.T) {
	for _, c := range []struct {
		name, was, want string
		replacement     Replacement
		changed         []string
	}{
		{"status", `{"UserName":"ann"}`, `{"UserName":"ann","Status":"Inactive"}`, Never, []string{"Status"}},
		{"serial up", `{"UserName":"ann","Serial":1}`, `{"UserName":"ann","Serial":2}`, Always, []string{"Serial"}},
		{"a first serial", `{"UserName":"ann"}`, `{"UserName":"ann","Serial":1}`, Always, []string{"Serial"}},
		{"no serial any more", `{"UserName":"ann","Serial":1}`, `{"UserName":"ann"}`, Always, []string{"Serial"}},
		{"the same as text", `{"UserName":"ann","Serial":1}`, `{"UserName":"ann","Serial":"1"}`, Never, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := Find("AWS::IAM::AccessKey")
			was, want := node(t, c.was), node(t, c.want)
			changes := k.Schema.Diff(was, want)
			var changed []string
			for _, change := range changes {
				changed = append(changed, change.Name)
			}
			if !slices.Equal(changed, c.changed) {
				t.Errorf("changed %q, want %q", changed, c.changed)
			}
			if got, err := k.Replacement(changes, was, want); got != c.replacement || err != nil {
				t.Errorf("replacement %v, %v; want %v", got, err, c.replacement)
			}
		})
	}
}
