package authz_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/authz"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/internal/store/pebble"
	"github.com/iamd-project/iamd/policy"
)

const account ids.Account = "123456789012"

// world is a store with a user who has five managed policies of ten statements, the
// last of which allows.
func world(t testing.TB) (store.Store, *authz.Authorizer, *directory.User) {
	t.Helper()
	db, err := pebble.Open(t.TempDir(), pebble.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	u := &directory.User{Entity: directory.Entity{ID: ids.Source{}.EntityID(ids.User), Account: account, Name: "Bob", Path: "/"}}
	err = db.Update(t.Context(), func(tx store.Tx) error {
		for i := range 5 {
			p := &directory.Policy{Entity: directory.Entity{ID: ids.Source{}.EntityID(ids.Policy), Account: account, Name: fmt.Sprint("p", i), Path: "/"}}
			if p, err = directory.AddPolicyVersion(tx, nil, p, tenStatements(i), true, time.Now()); err != nil {
				return err
			}
			u.Attached = append(u.Attached, p.ID)
		}
		return directory.Users.Put(tx, nil, u)
	})
	if err != nil {
		t.Fatal(err)
	}
	return directory.Cached(db, 1024), &authz.Authorizer{Documents: policy.NewCache(1 << 20)}, u
}

func tenStatements(n int) directory.Document {
	var list []string
	for i := range 10 {
		actions := `"s3:GetObject","s3:PutObject"`
		if n == 4 && i == 9 {
			actions = `"iam:GetUser"`
		}
		list = append(list, fmt.Sprintf(`{"Effect":"Allow","Action":[%s],"Resource":"arn:aws:iam::*:user/${aws:username}"}`, actions))
	}
	return directory.Document(`{"Version":"2012-10-17","Statement":[` + strings.Join(list, ",") + `]}`)
}

func call(r store.Reader, u *directory.User) *op.Call {
	return &op.Call{Snap: r, Now: time.Now(), Caller: op.Principal{
		Kind: op.User, Account: account, ARN: u.ARN(), ID: string(u.ID), Name: u.Name, Bearer: u.Common(),
	}}
}

func BenchmarkAuthorize(b *testing.B) {
	db, authorizer, u := world(b)
	needs := []op.Need{{Action: "iam:GetUser", Resource: u.ARN()}}
	b.ReportAllocs()
	for b.Loop() {
		err := db.View(b.Context(), func(r store.Reader) error {
			d, err := authorizer.Authorize(call(r, u), needs)
			if err == nil && d.Result != "Allow" {
				b.Fatal(d.Result)
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
