package policy_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/policy"
)

// A question is a decision to make, as text: what both evaluators are given. An
// entry of testdata/corpus is a question, with what AWS's documentation answers.
type question struct {
	Name     string            `json:"name,omitempty"`
	Source   string            `json:"source,omitempty"`
	Identity []json.RawMessage `json:"identity,omitempty"`
	// Boundary and Session are null if there is none; empty lists allow nothing.
	Boundary []json.RawMessage `json:"boundary,omitempty"`
	Session  []json.RawMessage `json:"session,omitempty"`
	Resource []json.RawMessage `json:"resource,omitempty"`
	Trust    []json.RawMessage `json:"trust,omitempty"`
	Required bool              `json:"required,omitempty"`
	Request  struct {
		Principal asker               `json:"principal"`
		Action    string              `json:"action"`
		Resource  string              `json:"resource"`
		Account   string              `json:"account,omitempty"`
		Context   map[string][]string `json:"context,omitempty"`
	} `json:"request"`
	Want answer `json:"want"`
}

type asker struct {
	Type      string   `json:"type"`
	ARN       string   `json:"arn,omitempty"`
	Account   string   `json:"account,omitempty"`
	Source    string   `json:"source,omitempty"`
	ID        string   `json:"id,omitempty"`
	Services  []string `json:"services,omitempty"`
	Canonical string   `json:"canonical,omitempty"`
}

type answer struct {
	// Decision is allowed, explicitDeny or implicitDeny.
	Decision string `json:"decision"`
	// By is the kind of policy that denied.
	By string `json:"by,omitempty"`
	// Matched lists the statements that apply: identity/0/1 is the second of the first
	// identity-based policy.
	Matched []string `json:"matched,omitempty"`
}

func (a answer) String() string { return fmt.Sprintf("%s %s %v", a.Decision, a.By, a.Matched) }

var principalTypes = map[string]policy.PrincipalType{
	"Anonymous": policy.Anonymous, "User": policy.User, "RoleSession": policy.RoleSession,
	"FederatedUser": policy.FederatedUser, "Root": policy.Root, "Service": policy.Service, "Provider": policy.Provider,
}

// ours asks the package. It reports false if one of the texts is not a policy.
func (q *question) ours() (answer, error) {
	set := policy.Set{Required: q.Required}
	for _, part := range []struct {
		to    *[]policy.Policy
		texts []json.RawMessage
		kind  policy.Kind
		name  string
	}{
		{&set.Identity, q.Identity, policy.Identity, "identity"},
		{&set.Boundary, q.Boundary, policy.Identity, "boundary"},
		{&set.Session, q.Session, policy.Session, "session"},
		{&set.Resource, q.Resource, policy.Resource, "resource"},
		{&set.Resource, q.Trust, policy.Trust, "trust"},
	} {
		if part.texts != nil && *part.to == nil {
			*part.to = []policy.Policy{}
		}
		for i, text := range part.texts {
			doc, err := policy.Parse(string(text), part.kind)
			if err != nil {
				return answer{}, fmt.Errorf("%s/%d: %w", part.name, i, err)
			}
			*part.to = append(*part.to, policy.Policy{Name: fmt.Sprintf("%s/%d", part.name, i), Document: doc})
		}
	}
	request := q.request()
	e := set.Explain(&request)
	if d := set.Decide(&request); d != e.Decision {
		return answer{}, fmt.Errorf("Decide says %+v, Explain %+v", d, e.Decision)
	}
	if d, reasons := set.Reasons(&request, nil); d != e.Decision || !slices.Equal(reasons, e.Reasons()) {
		return answer{}, fmt.Errorf("Reasons says %+v, %+v; Explain %+v, %+v", d, reasons, e.Decision, e.Reasons())
	}
	return answerOf(&e), nil
}

func (q *question) request() policy.Request {
	p := q.Request.Principal
	context := policy.Values{}
	for k, v := range q.Request.Context {
		context[strings.ToLower(k)] = v
	}
	return policy.Request{
		Principal: policy.Principal{
			Type: principalTypes[p.Type], ARN: p.ARN, Account: p.Account, Source: p.Source, ID: p.ID,
			Services: p.Services, CanonicalID: p.Canonical,
		},
		Action: q.Request.Action, Resource: q.Request.Resource, Account: q.Request.Account, Context: context,
	}
}

func answerOf(e *policy.Explanation) answer {
	a := answer{Decision: "implicitDeny"}
	switch {
	case e.Allowed:
		a.Decision = "allowed"
	case e.Explicit:
		a.Decision = "explicitDeny"
	}
	if e.By != 0 {
		a.By = e.By.String()
	}
	for _, o := range e.Reasons() {
		a.Matched = append(a.Matched, fmt.Sprintf("%s/%d", o.Policy, o.Index))
	}
	return a
}

func corpus(tb testing.TB) []question {
	files, err := filepath.Glob("testdata/corpus/*.json")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no corpus: %v", err)
	}
	var all []question
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		var cases []question
		if err := json.Unmarshal(text, &cases); err != nil {
			tb.Fatalf("%s: %v", file, err)
		}
		for i := range cases {
			cases[i].Name = filepath.Base(file) + ": " + cases[i].Name
		}
		all = append(all, cases...)
	}
	return all
}

// TestCorpus asks both evaluators: the corpus is a check on the naive one, too.
func TestCorpus(t *testing.T) {
	all := corpus(t)
	if len(all) < 600 {
		t.Errorf("the corpus has %d decisions", len(all))
	}
	names := map[string]bool{}
	for _, q := range all {
		if q.Source == "" || names[q.Name] {
			t.Errorf("%s: no source, or not the only one of its name", q.Name)
		}
		names[q.Name] = true
		got, err := q.ours()
		if err != nil {
			t.Errorf("%s: %v", q.Name, err)
			continue
		}
		for by, a := range map[string]answer{"we": got, "the naive evaluator": naive(&q)} {
			if a.Decision != q.Want.Decision || a.By != q.Want.By || !slices.Equal(a.Matched, q.Want.Matched) {
				t.Errorf("%s: %s say %v; want %v (%s)", q.Name, by, a, q.Want, q.Source)
			}
		}
	}
}
