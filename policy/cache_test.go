package policy_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/iamd-project/iamd/policy"
)

func TestCache(t *testing.T) {
	cache := policy.NewCache(10_000)
	parse := func(text string, kind policy.Kind) *policy.Document {
		doc, err := cache.Parse(text, kind)
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	text := func(n int) string { return on("*") + strings.Repeat(" ", 900) + fmt.Sprint(strings.Repeat(" ", n)) }
	first := parse(text(0), policy.Managed)
	if parse(text(0), policy.Managed) != first {
		t.Error("a text that comes again is parsed again")
	}
	if parse(text(0), policy.Identity) == first {
		t.Error("a text of another kind is the same document")
	}
	for n := range 100 { // what is in use stays
		parse(text(n+1), policy.Managed)
		if parse(text(0), policy.Managed) != first {
			t.Fatalf("a text in use was forgotten after %d others", n)
		}
	}
	old := parse(text(1), policy.Managed)
	for n := range 100 { // what is not goes
		parse(text(n+2), policy.Managed)
	}
	if parse(text(1), policy.Managed) == old {
		t.Error("the cache is not bounded")
	}
	if _, err := cache.Parse("{", policy.Managed); err == nil {
		t.Error("the cache takes what is not a policy")
	}
	big := parse(text(9000), policy.Managed)
	if parse(text(9000), policy.Managed) == big {
		t.Error("the cache keeps a text that takes more than half of it")
	}
}

func TestCacheConcurrently(t *testing.T) {
	cache := policy.NewCache(2_000)
	var wait sync.WaitGroup
	for n := range 8 {
		wait.Go(func() {
			for i := range 200 {
				resource := fmt.Sprintf("arn:aws:s3:::b%d", (n*i)%20)
				doc, err := cache.Parse(on(resource), policy.Managed)
				if err != nil {
					t.Error(err)
					return
				}
				set := policy.Set{Identity: []policy.Policy{{Document: doc}}}
				r := policy.Request{Principal: policy.Principal{Type: policy.User}, Action: "s3:ListBucket", Resource: resource}
				if !set.Decide(&r).Allowed {
					t.Errorf("%s: the cache has another document", resource)
				}
			}
		})
	}
	wait.Wait()
}
