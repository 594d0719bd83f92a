package runbook

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/client"
)

const small = "name: a\nsteps:\n- id: x\n  call: iam.GetUser\n"

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "the runbook is empty"},
		{"a: [", "line 1: did not find expected node content"},
		{"name: a", "steps: there are none"},
		{small + "---\na: b\n", "a runbook is one document"},
		{small + "extra: 1\n", `line 5: there is no "extra" here; there are name, description, inputs, steps, always, outputs`},
		{small + "  whne: x\n", `line 5: there is no "whne" here; there are id, description, call, with, set, fail, when, for-each, region, regions, all-pages, accept, retry, wait-until, if-interrupted`},
		{"name: a\nsteps: &b\n- id: x\n", "line 2: anchors and aliases are not taken"},
		{"name: A b\nsteps:\n- id: x\n  call: iam.GetUser\n", `name: "A b" is no name: small letters, digits and hyphens`},
		{"name: a\nsteps:\n- id: x\n  call: iam.MakeUser\n", `line 3: step x: there is no operation "iam.MakeUser"; it is written as iam.CreateUser`},
		{"name: a\nsteps:\n- id: x\n  call: iam.GetUser\n  with: {Usr: b}\n", `line 3: step x: the request has no member "Usr"; there are UserName`},
		{"name: a\nsteps:\n- id: x\n  call: iam.GetUser\n  set: 1\n", "line 3: step x: a step has one of call, set and fail"},
		{"name: a\nsteps:\n- id: x\n  set: 1\n  accept: [b]\n", "line 3: step x: only a call has with, region, regions, all-pages, accept, retry, wait-until and if-interrupted"},
		{"name: a\nsteps:\n- id: x-y\n  set: 1\n", `line 3: id: "x-y" is no name: small letters, digits and underscores`},
		{"name: a\nsteps:\n- id: x\n  set: 1\n- id: x\n  set: 1\n", "line 5: step x: another step has this id"},
		{"name: a\nsteps:\n-\n", "an empty step"},
		{"name: a\nsteps:\n- id: x\n  when: steps.y != nil\n  set: 1\n", `line 3: step x: steps.y != nil: there is no step "y" before this one`},
		{"name: a\nsteps:\n- id: x\n  set: '${{ inputs.b }}'\n", `line 3: step x: inputs.b: there is no input "b"`},
		{"name: a\nsteps:\n- id: x\n  set: '${{ other }}'\n", "line 4: other: unknown name other (1:1)"},
		{"name: a\nsteps:\n- id: x\n  set: '${{ steps }}'\n", "line 4: steps: steps must be followed by the id of one"},
		{"name: a\nsteps:\n- id: x\n  set: '${{ 1'\n", "line 4: a ${{ is not closed by }}"},
		{"name: a\nsteps:\n- id: x\n  call: iam.CreateUser\n  wait-until: {condition: 'true'}\n", "line 3: step x: wait-until takes a condition, and an operation that changes nothing"},
		{"name: a\nsteps:\n- id: x\n  call: iam.GetUser\n  all-pages: true\n", "line 3: step x: GetUser has no pages"},
		{"name: a\nsteps:\n- id: x\n  call: iam.GetUser\n  retry: {attempts: 99}\n", "line 3: step x: retry: attempts is 1 to 20"},
		{"name: a\nsteps:\n- id: x\n  call: iam.GetUser\n  retry: {attempts: 2, delay: 5h}\n", `line 5: "5h" is no time such as 30s or 5m, of at most 1h`},
		{"name: a\ninputs:\n  b: {type: secret, default: c}\nsteps:\n- id: x\n  set: 1\n", "input b: a secret has no default: a file is no place for it"},
		{"name: a\ninputs:\n  b: {type: integer, default: c}\nsteps:\n- id: x\n  set: 1\n", "input b: default: an integer belongs here"},
		{"name: a\ninputs:\n  b: {type: x}\nsteps:\n- id: x\n  set: 1\n", "input b: type is one of string, integer, boolean, list, secret"},
		{"name: a\nsteps:\n" + strings.Repeat("- set: 1\n  id: x\n", 201), "line 5: step x: another step has this id"},
		{strings.Repeat("#", MaxFile+1), "a runbook has at most 262144 bytes"},
		{"name: a\nsteps: " + strings.Repeat("[", 100) + strings.Repeat("]", 100), "line 2: nested too deeply"},
	} {
		_, err := Parse([]byte(c.text))
		if err == nil || err.Error() != c.want {
			t.Errorf("%.80q: got %v\nwant %s", c.text, err, c.want)
		}
	}
}

// library is the text of each shipped runbook.
func library(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "..", "runbooks", "*.yaml"))
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	texts := map[string][]byte{}
	for _, p := range paths {
		if texts[strings.TrimSuffix(filepath.Base(p), ".yaml")], err = os.ReadFile(p); err != nil {
			t.Fatal(err)
		}
	}
	return texts
}

// Every step of the library that changes something says what is to be done if it is cut
// short, so that none of its runs has to ask.
func TestLibrary(t *testing.T) {
	for name, text := range library(t) {
		book, err := Parse(text)
		if err != nil || book.Name != name {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, s := range append(book.Steps, book.Always...) {
			op := s.operation
			if s.Call != "" && !client.Reads(op.Operation) && s.IfInterrupted == nil && !hasToken(op.Operation.Input()) {
				t.Errorf("%s: %s does not say what to do if it is interrupted", name, s.ID)
			}
		}
		for _, in := range book.Inputs.Names {
			if book.Inputs.Values[in].Description == "" {
				t.Errorf("%s: input %s has no description", name, in)
			}
		}
	}
}

func TestGiven(t *testing.T) {
	book, err := Parse([]byte("name: a\ninputs:\n  s: {pattern: '[a-z]+'}\n  n: {type: integer, default: 3, min: 1, max: 9}\n  b: {type: boolean, default: false}\n  l: {type: list, default: []}\n  e: {enum: [x, y], default: x}\nsteps:\n- id: x\n  set: 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := book.Given(map[string]any{"s": "abc", "n": "7", "b": true, "l": "a, b"})
	want := map[string]any{"s": "abc", "n": 7, "b": true, "l": []any{"a", "b"}, "e": "x"}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	for _, c := range []struct {
		given map[string]any
		want  string
	}{
		{map[string]any{}, "input s is missing: "},
		{map[string]any{"s": "A"}, "input s: it must be of the form [a-z]+"},
		{map[string]any{"s": "a", "n": "x"}, "input n: an integer belongs here"},
		{map[string]any{"s": "a", "n": 10}, "input n: it must be at most 9"},
		{map[string]any{"s": "a", "b": "yes"}, "input b: it is true or false"},
		{map[string]any{"s": "a", "l": 1}, "input l: a list belongs here"},
		{map[string]any{"s": "a", "e": "z"}, "input e: it is one of x, y"},
		{map[string]any{"z": "a"}, `a has no input "z"; there are s, n, b, l, e`},
	} {
		if _, err := book.Given(c.given); err == nil || err.Error() != c.want {
			t.Errorf("%v: got %v, want %s", c.given, err, c.want)
		}
	}
}

// The schema is what the Go types say: `UPDATE_SCHEMA=1 go test -run Schema` writes it anew.
func TestSchema(t *testing.T) {
	want, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "..", "runbooks", "schema.json")
	if os.Getenv("UPDATE_SCHEMA") != "" {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not of these types (%v): make generate", path, err)
	}
}

func TestTemplates(t *testing.T) {
	s := scope{"inputs": map[string]any{"n": 2, "l": []any{"a"}}, "steps": map[string]any{"later": unknown{"later"}, "x": map[string]any{"A": "b"}}, "failed": false}
	for text, want := range map[string]any{
		"plain":                           "plain",
		"${{ inputs.n + 1 }}":             3,
		"a ${{ inputs.n }} b":             "a 2 b",
		"${{ inputs.l }}":                 []any{"a"},
		`${{ toJSON({"a": {"b": 1}}) }}`:  "{\n  \"a\": {\n    \"b\": 1\n  }\n}",
		"${{ steps.x.A }}-${{inputs.n}}":  "b-2",
		"${{ steps.x?.Missing ?? \"c\"}}": "c",
		"${{ steps.later.A }}":            unknown{"later"},
		"x ${{ steps.later.A }}":          unknown{"later"},
	} {
		tree, err := newTemplate(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := evalTree(tree, s); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, %v; want %#v", text, got, err, want)
		}
	}
	e, err := compile(`failed && steps.later != nil`)
	if err != nil {
		t.Fatal(err)
	}
	if yes, u, err := e.truth(s); yes || u != nil || err != nil {
		t.Errorf("what is false whatever is unknown: got %v, %v, %v", yes, u, err)
	}
	// Work is bounded: neither of these ends the program.
	for _, text := range []string{`map(1..100000000, #)`, `repeat("a", 1000000000)`, `reduce(1..1000000, #acc + #acc, "a")`} {
		e, err := compile(text)
		if err != nil {
			continue
		}
		if _, err := e.eval(s); err == nil {
			t.Errorf("%s was worked out", text)
		}
	}
}

func TestMasks(t *testing.T) {
	m := &masker{}
	m.add(`pa"ss/word+`, "123", "")
	for text, want := range map[string]string{
		`pa"ss/word+`: hidden, `a pa"ss/word+ b`: "a *** b", `{"a":"pa\"ss/word+"}`: `{"a":"***"}`, "cGEic3Mvd29yZCs=": hidden,
		"pa%22ss%2Fword%2B": hidden, "123": hidden, "1234": "1234", "": "",
	} {
		if got := m.text(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("name: a\ninputs:\n  b: {type: list, default: [c], enum: [c]}\nsteps:\n- id: x\n  call: iam.TagUser\n  with: {UserName: 'a ${{ inputs.b[0] }}', Tags: [{Key: a, Value: '1'}]}\n  retry: {attempts: 2, delay: 1s, on: [A]}\n  if-interrupted:\n  - id: y\n    set: 1\noutputs:\n  o: {value: '${{ steps.x }}'}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if book, err := Parse(text); err == nil {
			if len(book.Steps) == 0 || len(book.Steps) > maxSteps {
				t.Fatalf("%q has %d steps", text, len(book.Steps))
			}
			_, _ = book.Given(map[string]any{"a": "b"})
		}
	})
}
