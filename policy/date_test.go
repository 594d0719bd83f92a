package policy_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/iamd-project/iamd/policy"
)

// TestDates compares dates of all years, in all zones, with what package time makes of them.
func TestDates(t *testing.T) {
	for range 2000 {
		at := time.Unix(rand.Int64N(253402300800+62135596800)-62135596800, rand.Int64N(1e9)).
			In(time.FixedZone("", (rand.IntN(47)-23)*1800))
		if y := at.Year(); y < 1 || y > 9999 {
			continue
		}
		text := at.Format(time.RFC3339Nano)
		doc := mustParse(t, policy.Managed, when(fmt.Sprintf(`{"DateLessThan":{"at":%q},"DateGreaterThan":{"at":"%d"}}`, text, at.Unix()-1)))
		set := policy.Set{Identity: []policy.Policy{{Document: doc}}}
		for offset, want := range map[int64]bool{-1: false, 0: at.Nanosecond() > 0, 1: false} {
			request := policy.Request{
				Principal: policy.Principal{Type: policy.User}, Action: "s3:ListBucket", Resource: "*",
				Context: policy.Values{"at": {fmt.Sprint(at.Unix() + offset)}},
			}
			if set.Decide(&request).Allowed != want {
				t.Fatalf("%d against %s: %v, want %v", at.Unix()+offset, text, !want, want)
			}
		}
	}
}
