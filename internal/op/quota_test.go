package op_test

import (
	"slices"
	"testing"

	"github.com/iamd-project/iamd/internal/op"
)

func TestQuotasWith(t *testing.T) {
	quotas := op.Quotas{"Apples": {Limit: 2, Most: 5}, "Pears": {Limit: 1, Most: 1}}
	changed, others, err := quotas.With([]string{"Apples=3", "Nuts=1", "Apples=5"})
	if err != nil || !slices.Equal(others, []string{"Nuts=1"}) {
		t.Fatalf("others %q (%v)", others, err)
	}
	call, before := op.Call{Quotas: changed}, op.Call{Quotas: quotas}
	if call.Quota("Apples") != 5 || call.Quota("Pears") != 1 || before.Quota("Apples") != 2 {
		t.Errorf("quotas %v, and before %v", changed, quotas)
	}
	for setting, want := range map[string]string{
		"Pears=2":    `quota Pears: "2" is no number from 0 to 1`,
		"Apples":     `quota Apples: "" is no number from 0 to 5`,
		"Apples=-1":  `quota Apples: "-1" is no number from 0 to 5`,
		"Apples=few": `quota Apples: "few" is no number from 0 to 5`,
	} {
		if _, _, err := quotas.With([]string{setting}); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", setting, err, want)
		}
	}
}
