package iam_test

import (
	"slices"
	"testing"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/store"
)

// checkClean makes sure that doctor finds nothing wrong.
func checkClean(t *testing.T, w *optest.World) {
	t.Helper()
	err := w.Store.View(t.Context(), func(r store.Reader) error {
		report, err := directory.Check(t.Context(), r, w.Keyring)
		if err == nil && report.Found > 0 {
			t.Errorf("doctor found %d problems: %q", report.Found, report.Problems)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func listAliases(w *optest.World, caller op.Principal) []string {
	return optest.Must[shape.ListAccountAliasesResponse](w, caller, "ListAccountAliases", &shape.ListAccountAliasesRequest{}).AccountAliases
}

func TestAccountAlias(t *testing.T) {
	w := optest.New(t, iam.Service())
	if got := listAliases(w, w.Root()); len(got) != 0 {
		t.Errorf("aliases of a new account: %q", got)
	}
	w.Refused(w.Root(), "DeleteAccountAlias", &shape.DeleteAccountAliasRequest{AccountAlias: "first"},
		404, "NoSuchEntity", "The account alias first cannot be found.")
	optest.Must[op.None](w, w.Root(), "CreateAccountAlias", &shape.CreateAccountAliasRequest{AccountAlias: "first"})
	w.Refused(w.Root(), "CreateAccountAlias", &shape.CreateAccountAliasRequest{AccountAlias: "first"},
		409, "EntityAlreadyExists", "The account alias first already exists.")

	// A second one replaces the first, which is free then.
	optest.Must[op.None](w, w.Root(), "CreateAccountAlias", &shape.CreateAccountAliasRequest{AccountAlias: "second"})
	if got := listAliases(w, w.Root()); !slices.Equal(got, []string{"second"}) {
		t.Errorf("aliases %q", got)
	}
	other := otherAccount(t, w)
	w.Refused(other, "CreateAccountAlias", &shape.CreateAccountAliasRequest{AccountAlias: "second"},
		409, "EntityAlreadyExists", "The account alias second already exists.")
	optest.Must[op.None](w, other, "CreateAccountAlias", &shape.CreateAccountAliasRequest{AccountAlias: "first"})
	w.Refused(other, "DeleteAccountAlias", &shape.DeleteAccountAliasRequest{AccountAlias: "second"},
		404, "NoSuchEntity", "The account alias second cannot be found.")
	checkClean(t, w)
	optest.Must[op.None](w, w.Root(), "DeleteAccountAlias", &shape.DeleteAccountAliasRequest{AccountAlias: "second"})
	if got := listAliases(w, w.Root()); len(got) != 0 {
		t.Errorf("aliases after the deletion: %q", got)
	}
	checkClean(t, w)
}

// otherAccount is the root of a second account on the same server.
func otherAccount(t *testing.T, w *optest.World) op.Principal {
	t.Helper()
	const other ids.Account = "210987654321"
	err := w.Store.Update(t.Context(), func(tx store.Tx) error {
		return directory.PutAccount(tx, &directory.Account{ID: other, Created: directory.At(w.Now)})
	})
	if err != nil {
		t.Fatal(err)
	}
	return op.Principal{Kind: op.Root, Account: other, ARN: directory.RootARN(other), ID: string(other)}
}
