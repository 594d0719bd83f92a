package client

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/shapes"
)

// inputOf is what words become for an operation, called SERVICE OPERATION.
func inputOf(t *testing.T, name string, words []string) (map[string]any, error) {
	t.Helper()
	svc, op := named(t, name)
	tree, err := Arguments(op, words)
	if err != nil {
		return nil, err
	}
	in, err := Input(svc, op, tree, func() string { return "00000000-0000-4000-8000-000000000000" })
	if err != nil {
		return nil, err
	}
	return (&Reply{Output: in}).Tree(), nil
}

func named(t *testing.T, name string) (*shapes.Service, *shapes.Operation) {
	t.Helper()
	id, operation, _ := strings.Cut(name, " ")
	svc := Service(id)
	if svc == nil || Operation(svc, operation) == nil {
		t.Fatalf("there is no %s", name)
	}
	return svc, Operation(svc, operation)
}

func TestArguments(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	whole := filepath.Join(t.TempDir(), "w")
	if err := os.WriteFile(whole, []byte(`{"UserName":"Al","Password":"pass","PasswordResetRequired":true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		operation string
		words     []string
		want      map[string]any
	}{
		{"iam create-access-key", []string{"--user-name", "Bob"}, map[string]any{"UserName": "Bob"}},
		{"iam CreateAccessKey", []string{"--user-name=--Bob"}, map[string]any{"UserName": "--Bob"}},
		{"iam create-user", []string{"--user-name", "Bob", "--tags", "Key=a,Value=b", `{"Key":"c","Value":"d/e"}`}, map[string]any{
			"UserName": "Bob", "Tags": []any{map[string]any{"Key": "a", "Value": "b"}, map[string]any{"Key": "c", "Value": "d/e"}},
		}},
		{"iam create-user", []string{"--user-name", "Bob", "--tags", `[{"Key":"a","Value":""}]`}, map[string]any{
			"UserName": "Bob", "Tags": []any{map[string]any{"Key": "a", "Value": ""}},
		}},
		{"iam untag-user", []string{"--tag-keys", "a", "b", "--user-name", "Bob"}, map[string]any{"UserName": "Bob", "TagKeys": []any{"a", "b"}}},
		{"iam list-users", []string{"--max-items", "7"}, map[string]any{"MaxItems": int64(7)}},
		{"iam create-login-profile", []string{"--user-name", "Bob", "--password", "file://" + file, "--no-password-reset-required"}, map[string]any{
			"UserName": "Bob", "Password": "s3cret", "PasswordResetRequired": false,
		}},
		{"iam create-login-profile", []string{"--cli-input-json", "file://" + whole, "--user-name", "Bob"}, map[string]any{
			"UserName": "Bob", "Password": "pass", "PasswordResetRequired": true,
		}},
		{"secretsmanager create-secret", []string{"--name", "s", "--secret-binary", "fileb://" + file}, map[string]any{
			"Name": "s", "SecretBinary": "czNjcmV0Cg==", "ClientRequestToken": "00000000-0000-4000-8000-000000000000",
		}},
		{"secretsmanager rotate-secret", []string{"--secret-id", "s", "--rotation-rules", "AutomaticallyAfterDays=30"}, map[string]any{
			"SecretId": "s", "ClientRequestToken": "00000000-0000-4000-8000-000000000000", "RotationRules": map[string]any{"AutomaticallyAfterDays": int64(30)},
			"RotateImmediately": true,
		}},
		{"cloudtrail lookup-events", []string{"--start-time", "2026-03-09", "--lookup-attributes", "AttributeKey=EventName,AttributeValue=CreateUser"}, map[string]any{
			"StartTime": "2026-03-09T00:00:00Z", "LookupAttributes": []any{map[string]any{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}},
		}},
	} {
		got, err := inputOf(t, c.operation, c.words)
		if c.want["RotateImmediately"] != nil {
			delete(c.want, "RotateImmediately")
			delete(got, "RotateImmediately")
		}
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %q: got %v, %v; want %v", c.operation, c.words, got, err, c.want)
		}
	}
}

func TestArgumentsRefused(t *testing.T) {
	for _, c := range []struct {
		operation string
		words     []string
		want      string
	}{
		{"iam create-user", nil, "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must not be null"},
		{"iam create-user", []string{"Bob"}, `unexpected argument "Bob": parameters are given as --name value`},
		{"iam create-user", []string{"--usr", "Bob"}, "create-user has no parameter --usr"},
		{"iam create-user", []string{"--user-name"}, "--user-name takes a value: a string"},
		{"iam create-user", []string{"--user-name", "a", "--user-name", "b"}, "--user-name is given twice"},
		{"iam create-user", []string{"--user-name", "a", "--tags", "a"}, `--tags: "a" is not KEY=VALUE`},
		{"iam create-user", []string{"--user-name", "a", "--tags", "Ky=a"}, `Tags.1 has no member "Ky"; there are Key, Value`},
		{"iam create-user", []string{"--user-name", "a", "--tags", "Key=a"}, "1 validation error detected: Value at 'tags.1.member.value' failed to satisfy constraint: Member must not be null"},
		{"iam list-users", []string{"--max-items", "x"}, "MaxItems must be an integer"},
		{"iam create-login-profile", []string{"--user-name", "a", "--password", "p"}, "--password is a secret, which others can see in a command line: give it as file://PATH, or file:///dev/stdin"},
		{"iam create-login-profile", []string{"--cli-input-json", `{"Password":"p"}`}, "--password is a secret, which others can see in a command line: give it as file://PATH, or file:///dev/stdin"},
		{"iam create-login-profile", []string{"--cli-input-json", `{"Password":`}, "--cli-input-json: this is no JSON of the right kind"},
		{"iam create-login-profile", []string{"--password-reset-required=yes"}, "--password-reset-required takes no value; there is --no-password-reset-required, too"},
		{"sts get-caller-identity", []string{"--cli-input-json", `{"A":1}`}, `the request has no member "A", and takes none`},
	} {
		_, err := inputOf(t, c.operation, c.words)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s %q: got %v, want %s", c.operation, c.words, err, c.want)
		}
	}
}

func TestShorthand(t *testing.T) {
	for text, want := range map[string]map[string]any{
		"Key=a,Value=":                    {"Key": "a", "Value": ""},
		"a=b,c,d=e":                       {"a": []any{"b", "c"}, "d": "e"},
		`a=[x,'y, z',"q\"r"],b={c={d=1}}`: {"a": []any{"x", "y, z", `q"r`}, "b": map[string]any{"c": map[string]any{"d": "1"}}},
		`a=b\,c`:                          {"a": "b,c"},
		"a=[]":                            {"a": []any{}},
		"a=http://x/?y=z":                 {"a": "http://x/?y=z"},
	} {
		got, err := shorthand(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "a", "=b", "a={b", "a=[b", "a='b", "a=b,a=c", "a=" + strings.Repeat("[", 1000), "a=" + strings.Repeat("{b=", 1000)} {
		if got, err := shorthand(text); err == nil {
			t.Errorf("%.20s: got %v", text, got)
		}
	}
}

// FuzzShorthand: every text is read or refused, and what is read fits in it.
func FuzzShorthand(f *testing.F) {
	f.Add("Key=a,Value=b")
	f.Add(`a=[x,'y, z',"q\"r"],b={c={d=1}}`)
	f.Fuzz(func(t *testing.T, text string) {
		tree, err := shorthand(text)
		if err == nil && len(tree) > len(text) {
			t.Fatalf("%q became %v", text, tree)
		}
	})
}

// Every operation has its help, its parameters' names are its own, and its pages, if it
// has any, can be followed.
func TestEveryOperation(t *testing.T) {
	for _, svc := range Services {
		for i := range svc.Operations {
			op := &svc.Operations[i]
			in := op.Input()
			shapes.Rules(in.(shapes.Checkable))
			flags := map[string]bool{}
			for _, m := range Members(in) {
				if name := Kebab(m.Name); flags[name] {
					t.Errorf("%s has --%s twice", op.Name, name)
				} else {
					flags[name] = true
				}
			}
			if got := Operation(svc, Kebab(op.Name)); got != op {
				t.Errorf("%s is not found by %s", op.Name, Kebab(op.Name))
			}
			if p := op.Pages; p != nil {
				if got, want := member(op.Output(), p.Output).Type(), member(in, p.Input).Type(); got != want {
					t.Errorf("%s: the next page's token is %s there and %s here", op.Name, got, want)
				}
				for _, name := range p.Results {
					if KindOf(member(op.Output(), name).Type()) != List {
						t.Errorf("%s: %s is no list", op.Name, name)
					}
				}
			}
		}
	}
}
