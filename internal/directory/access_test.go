package directory

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/ids/idstest"
	"github.com/iamd-project/iamd/internal/store"
)

// fillAccesses is fill with what ann accessed, and a job about it.
func fillAccesses(t *testing.T) *filled {
	f := fill(t)
	f.update(func(tx store.Tx) error {
		must(t, AddAccesses(tx, f.ann.Account, f.ann.ID, "iam", []Access{{"GetUser", 20, "us-east-1"}, {"CreateUser", 10, "eu-west-1"}}))
		must(t, AddAccesses(tx, f.ann.Account, f.ann.ID, "iam", []Access{{"GetUser", 15, "eu-west-1"}, {"CreateUser", 30, "us-east-2"}}))
		must(t, AddAccesses(tx, f.ann.Account, "AIDAGONE", "iam", []Access{{"GetUser", 20, "us-east-1"}}))
		return PutAccessJob(tx, f.job())
	})
	return f
}

func (f *filled) job() *AccessJob {
	return &AccessJob{Account: f.ann.Account, ID: NewAccessJobID(idstest.Source("job"), time.Unix(1e9, 0)), Of: f.ann.ID, Created: At(time.Unix(1e9, 0))}
}

// Of each operation the latest call is kept, and nothing of somebody who is gone.
func TestAccesses(t *testing.T) {
	f := fillAccesses(t)
	var got []string
	must(t, f.store.View(t.Context(), func(r store.Reader) error {
		for _, u := range []*User{f.ann, f.bob, {Entity: Entity{Account: f.ann.Account, ID: "AIDAGONE"}}} {
			for a, err := range AccessedBy(r, u.Common()) {
				must(t, err)
				got = append(got, fmt.Sprint(u.Name, a.Service, a.Actions, a.Last().Action))
			}
		}
		return nil
	}))
	if want := "[Anniam[{CreateUser 30 us-east-2} {GetUser 20 us-east-1}]CreateUser]"; fmt.Sprint(got) != want {
		t.Errorf("accesses %v, want %s", got, want)
	}
	if r := f.check(); r.Found != 0 {
		t.Errorf("problems %q", r.Problems)
	}
}

func TestAccessJobIDsAreInOrder(t *testing.T) {
	src := idstest.Source(t.Name())
	early, late := NewAccessJobID(src, time.UnixMilli(1<<16-1)), NewAccessJobID(src, time.UnixMilli(1<<16))
	if len(early) != 36 || early >= late || !strings.HasPrefix(late, "00000001-0000-7") {
		t.Errorf("IDs %s and %s", early, late)
	}
}

func TestCheckFindsInAccesses(t *testing.T) {
	for name, tc := range map[string]struct {
		damage func(f *filled, tx store.Tx) error
		want   string
	}{
		"accesses of nobody": {func(f *filled, tx store.Tx) error { return Users.Delete(tx, f.ann) }, "its user or role does not exist"},
		"accesses of somebody else": {func(f *filled, tx store.Tx) error {
			return put(tx, accessedKey(f.bob.Account, f.bob.ID, "iam"), &Accessed{Account: f.ann.Account, Entity: f.ann.ID, Service: "iam", Actions: []Access{{"GetUser", 1, ""}}})
		}, "holds iam of"},
		"no access": {func(f *filled, tx store.Tx) error {
			return put(tx, accessedKey(f.bob.Account, f.bob.ID, "iam"), &Accessed{Account: f.bob.Account, Entity: f.bob.ID, Service: "iam"})
		}, "names no operation"},
		"a job in a wrong place": {func(f *filled, tx store.Tx) error { return put(tx, accessJobKey("000000000000", "x"), f.job()) }, "holds job"},
	} {
		t.Run(name, func(t *testing.T) {
			f := fillAccesses(t)
			f.update(func(tx store.Tx) error { return tc.damage(f, tx) })
			if r := f.check(); r.Found == 0 || !strings.Contains(strings.Join(r.Problems, "\n"), tc.want) {
				t.Errorf("problems %q, want one with %q", r.Problems, tc.want)
			}
		})
	}
}
