package directory

import (
	"slices"
	"testing"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// Accounts are found by what they are called now, and a name that begins like
// another, or ends like a number, is not mistaken for it.
func TestAccountNames(t *testing.T) {
	f := fill(t)
	put := func(id ids.Account, name, email string) {
		f.update(func(tx store.Tx) error { return PutAccount(tx, &Account{ID: id, Name: name, Email: email}) })
	}
	named := func(name string) (found []ids.Account) {
		must(t, f.store.View(t.Context(), func(r store.Reader) error {
			for a, err := range AccountsNamed(r, name) {
				must(t, err)
				found = append(found, a.ID)
			}
			return nil
		}))
		return found
	}
	put("000000000001", "dev", "a@example.com")
	put("000000000002", "Dev", "b@example.com")
	put("000000000003", "dev/000000000001", "c@example.com")
	if got := named("DEV"); !slices.Equal(got, []ids.Account{"000000000001", "000000000002"}) {
		t.Errorf("accounts of one name: %v", got)
	}
	put("000000000001", "test", "A2@example.com")
	if got := named("dev"); !slices.Equal(got, []ids.Account{"000000000002"}) {
		t.Errorf("accounts of the name that one gave up: %v", got)
	}
	must(t, f.store.View(t.Context(), func(r store.Reader) error {
		old, err := AccountByEmail(r, "a@example.com")
		must(t, err)
		now, err := AccountByEmail(r, "a2@EXAMPLE.com")
		must(t, err)
		if old != nil || now == nil || now.ID != "000000000001" {
			t.Errorf("by the old address %v, by the new one %v", old, now)
		}
		return nil
	}))
	if r := f.check(); r.Found > 0 || r.Accounts != 4 {
		t.Errorf("%d accounts, problems %q", r.Accounts, r.Problems)
	}
}
