package template

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// world is a Lookup that knows nothing yet.
type world struct{}

func (world) Ref(string) (*tree.Node, error)          { return unknown, nil }
func (world) Attr(string, string) (*tree.Node, error) { return unknown, nil }

// made is a Lookup for which everything exists: what it is called is its id.
type made struct{}

func (made) Ref(id string) (*tree.Node, error)        { return tree.Text("id-of-" + id), nil }
func (made) Attr(id, name string) (*tree.Node, error) { return tree.Text(name + "-of-" + id), nil }

var somewhere = Pseudo{
	AccountID: "123456789012", Region: "us-east-1", Partition: "aws", URLSuffix: "amazonaws.com",
	StackID:   "arn:aws:cloudformation:us-east-1:123456789012:stack/Keys/11111111-2222-3333-4444-555555555555",
	StackName: "Keys",
}

// filled is inputs that any template of the corpus is satisfied with.
func filled(t *Template) Inputs {
	in := Inputs{
		Parameters: map[string]string{}, SSM: map[string]string{}, Pseudo: somewhere,
		Import: func(name string) (string, bool) { return "import-of-" + name, true },
	}
	for name := range t.SSMNames(nil) {
		in.SSM[name] = "33"
	}
	for _, p := range t.Parameters {
		if p.Default == nil {
			in.Parameters[p.Name] = "1"
		}
	}
	return in
}

func corpus(t testing.TB) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*/*")
	if err != nil || len(paths) < 17 {
		t.Fatalf("the corpus has %d templates: %v", len(paths), err)
	}
	texts := map[string]string{}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[path] = string(b)
	}
	return texts
}

// TestCorpus takes every template through all there is: nothing is left unresolved once
// everything exists, and the processed text reads back as the same template.
func TestCorpus(t *testing.T) {
	for path, text := range corpus(t) {
		tm, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		in := filled(tm)
		if tm, err = tm.Expand(Expansion{Inputs: in}); err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		b, err := tm.Bind(in)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		for _, r := range b.Resources() {
			for _, l := range []Lookup{world{}, made{}} {
				v, err := b.Resolve(r.Properties, l)
				if err != nil {
					t.Errorf("%s: %s: %v", path, r.LogicalID, err)
				}
				if l == (made{}) && !v.Known() {
					t.Errorf("%s: %s is unknown: %s", path, r.LogicalID, v.JSON())
				}
				walk(v, both, func(f *tree.Field) { t.Errorf("%s: %s still has %s", path, r.LogicalID, f.Key) })
			}
			b.Dependencies(r)
			b.References(r.Properties)
		}
		for _, o := range b.Outputs() {
			if v, err := b.Resolve(o.Value, made{}); err != nil || !v.Scalar() {
				t.Errorf("%s: output %s: %v, %v", path, o.Name, v, err)
			}
		}
		again, err := ParseProcessed(tm.Text())
		if err != nil || !tree.Equal(again.root, tm.root) {
			t.Errorf("%s: reads back differently: %v", path, err)
		}
	}
}
