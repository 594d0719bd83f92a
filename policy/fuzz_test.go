package policy_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/iamd-project/iamd/policy"
)

// compare asks both evaluators a question.
func compare(t *testing.T, q *question) {
	got, err := q.ours()
	if err != nil {
		t.Fatalf("%v\n%s", err, show(q))
	}
	want := naive(q)
	if got.Decision != want.Decision || got.By != want.By || !slices.Equal(got.Matched, want.Matched) {
		t.Fatalf("we say %v, the naive evaluator %v\n%s", got, want, show(q))
	}
}

func show(q *question) string {
	text, _ := json.MarshalIndent(q, "", " ")
	return string(text)
}

// TestAgreement compares the evaluators on questions at random. Each run asks
// others; a failure shows the question.
func TestAgreement(t *testing.T) {
	for range 1000 {
		bytes := make([]byte, 200)
		for i := range bytes {
			bytes[i] = byte(rand.Uint32())
		}
		q := (&generator{bytes}).question()
		compare(t, &q)
	}
}

// FuzzAgreement lets the fuzzer look for a question on which they differ.
func FuzzAgreement(f *testing.F) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		bytes := make([]byte, 150)
		for i := range bytes {
			bytes[i] = byte(random.Uint32())
		}
		f.Add(bytes)
	}
	f.Fuzz(func(t *testing.T, bytes []byte) {
		q := (&generator{bytes}).question()
		compare(t, &q)
	})
}

// FuzzParse reads any text as a policy of every kind, and decides with what is one.
func FuzzParse(f *testing.F) {
	for _, c := range grammar {
		f.Add(c.text, uint8(c.kind))
	}
	for _, q := range corpus(f) {
		for _, text := range slices.Concat(q.Identity, q.Resource, q.Trust) {
			f.Add(string(text), uint8(policy.Identity))
		}
	}
	f.Fuzz(func(t *testing.T, text string, kind uint8) {
		k := policy.Kind(kind%uint8(policy.Trust) + 1)
		doc, err := policy.Parse(text, k)
		if err != nil {
			if e, ok := err.(*policy.Error); !ok || e.Message == "" || e.Problem == "" || doc != nil {
				t.Fatalf("%q: %v, %v", text, doc, err)
			}
			return
		}
		doc.ContextKeys()
		doc.AllowsService("s3")
		for i, s := range doc.Statements() {
			if s.Index != i || s.Start.Line < 1 || s.Start.Column < 1 || s.End.Line < s.Start.Line {
				t.Fatalf("%q: statement %+v", text, s)
			}
		}
		set := policy.Set{Identity: []policy.Policy{{Document: doc}}, Resource: []policy.Policy{{Document: doc}}}
		for _, request := range fuzzRequests {
			if e := set.Explain(&request); e.Decision != set.Decide(&request) {
				t.Fatalf("%q: Decide and Explain differ", text)
			}
		}
	})
}

var fuzzRequests = []policy.Request{
	{},
	{
		Principal: policy.Principal{Type: policy.User, ARN: "arn:aws:iam::111122223333:user/alice", Account: "111122223333"},
		Action:    "s3:GetObject", Resource: "arn:aws:s3:::bucket/alice/file",
		Context: policy.Values{"aws:username": {"alice"}, "aws:tagkeys": {"a", "b"}},
	},
	{Principal: policy.Principal{Type: policy.Service, Services: []string{"ec2.amazonaws.com"}}, Action: "sts:AssumeRole", Resource: "*"},
}
