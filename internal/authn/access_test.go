package authn

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/store"
)

const account ids.Account = "123456789012"

func putUsers(t *testing.T, s store.Store, userIDs ...ids.EntityID) {
	t.Helper()
	for _, id := range userIDs {
		err := s.Update(t.Context(), func(tx store.Tx) error {
			return directory.Users.Put(tx, nil, &directory.User{Entity: directory.Entity{ID: id, Account: account, Name: string(id), Path: "/"}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// accesses is what is stored of a user or role, as service [{operation time region}].
func accesses(t *testing.T, s store.Store, id ids.EntityID) (list []string) {
	t.Helper()
	err := s.View(t.Context(), func(r store.Reader) error {
		for a, err := range directory.AccessedBy(r, &directory.Entity{ID: id, Account: account}) {
			if err != nil {
				return err
			}
			list = append(list, fmt.Sprint(a.Service, " ", a.Actions))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// The last call of each operation is kept, of users and roles that exist; a session
// counts as its role.
func TestUsageKeepsAccesses(t *testing.T) {
	s := storeWithKeys(t)
	putUsers(t, s, "AIDAANN")
	err := s.Update(t.Context(), func(tx store.Tx) error {
		return directory.Roles.Put(tx, nil, &directory.Role{Entity: directory.Entity{ID: "AROAR", Account: account, Name: "R", Path: "/"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	u := NewUsage(s, slog.New(slog.DiscardHandler))
	by := func(kind op.PrincipalKind, id ids.EntityID) *op.Principal {
		return &op.Principal{Kind: kind, Account: account, Bearer: &directory.Entity{ID: id, Account: account}}
	}
	ann := by(op.User, "AIDAANN")
	note := func(who *op.Principal, service, operation, region string, second int64) {
		u.NoteAccess(who, service, operation, region, time.Unix(second, 0))
	}
	note(ann, "iam", "GetUser", "us-east-1", 1)
	note(ann, "iam", "GetUser", "eu-west-1", 2)
	note(ann, "sts", "GetCallerIdentity", "us-east-1", 3)
	note(ann, "iam", "CreateUser", "us-east-1", 4)
	note(by(op.RoleSession, "AROAR"), "iam", "GetRole", "us-east-1", 5)
	note(by(op.User, "AIDAGONE"), "iam", "GetUser", "us-east-1", 6)
	note(&op.Principal{Kind: op.Root, Account: account, ID: string(account)}, "iam", "GetUser", "us-east-1", 7)
	for range 2 { // the second time there is nothing left to write
		if err := u.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for id, want := range map[ids.EntityID]string{
		"AIDAANN":             "[iam [{CreateUser 4000 us-east-1} {GetUser 2000 eu-west-1}] sts [{GetCallerIdentity 3000 us-east-1}]]",
		"AROAR":               "[iam [{GetRole 5000 us-east-1}]]",
		"AIDAGONE":            "[]",
		ids.EntityID(account): "[]",
	} {
		if got := fmt.Sprint(accesses(t, s, id)); got != want {
			t.Errorf("%s accessed %s, want %s", id, got, want)
		}
	}
}

// Many users with many operations each fit into the store's transactions.
func TestUsageOfManyAccesses(t *testing.T) {
	const users, operations = 60, 180
	var userIDs []ids.EntityID
	for i := range users {
		userIDs = append(userIDs, ids.EntityID(fmt.Sprint("AIDA", i)))
	}
	s := storeWithKeys(t)
	putUsers(t, s, userIDs...)
	u := NewUsage(s, slog.New(slog.DiscardHandler))
	for _, id := range userIDs {
		who := &op.Principal{Kind: op.User, Account: account, Bearer: &directory.Entity{ID: id, Account: account}}
		for i := range operations {
			u.NoteAccess(who, "iam", fmt.Sprintf("AnOperationWithAVeryLongName%d", i), "ap-southeast-2", time.Unix(1e9, 0))
		}
	}
	if err := u.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range userIDs {
		err := s.View(t.Context(), func(r store.Reader) error {
			for a, err := range directory.AccessedBy(r, &directory.Entity{ID: id, Account: account}) {
				if err != nil || len(a.Actions) != operations {
					t.Errorf("%s: %d operations, %v", id, len(a.Actions), err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
