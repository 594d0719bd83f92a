package authn

import (
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/internal/store/pebble"
	"github.com/iamd-project/iamd/internal/store/storetest"
)

func storeWithKeys(t *testing.T, keyIDs ...ids.KeyID) store.Store {
	t.Helper()
	db, err := pebble.Open(t.TempDir(), pebble.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := storetest.Twice(db)
	for _, id := range keyIDs {
		err := s.Update(t.Context(), func(tx store.Tx) error {
			root := &directory.Account{ID: "123456789012"}
			return directory.PutAccessKey(tx, root, &directory.AccessKey{ID: id, Account: root.ID, Owner: root.Owner()})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func lastUsed(t *testing.T, s store.Store, id ids.KeyID) (used *directory.LastUsed) {
	t.Helper()
	err := s.View(t.Context(), func(r store.Reader) (err error) {
		used, err = directory.GetLastUsed(r, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return used
}

func TestUsageKeepsTheLastUse(t *testing.T) {
	s := storeWithKeys(t, "AKIAONE")
	u := NewUsage(s, slog.New(slog.DiscardHandler))
	u.Note("AKIAONE", "iam", "us-east-1", "192.0.2.1", time.Unix(100, 0))
	u.Note("AKIAONE", "sts", "eu-west-1", "192.0.2.1", time.Unix(200, 0))
	u.Note("AKIAGONE", "sts", "eu-west-1", "192.0.2.1", time.Unix(200, 0)) // deleted since it signed
	if err := u.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := *lastUsed(t, s, "AKIAONE"); got != (directory.LastUsed{Date: 200_000, Service: "sts", Region: "eu-west-1", Source: "192.0.2.1"}) {
		t.Errorf("last used %+v", got)
	}
	if got := lastUsed(t, s, "AKIAGONE"); got != nil {
		t.Errorf("a deleted key was last used %+v", got)
	}
}

func TestUsageOfManyKeys(t *testing.T) {
	var keyIDs []ids.KeyID
	for i := range 3*usageBatch + 1 {
		keyIDs = append(keyIDs, ids.KeyID(fmt.Sprint("AKIA", i)))
	}
	s := storeWithKeys(t, keyIDs...)
	u := NewUsage(s, slog.New(slog.DiscardHandler))
	for _, id := range keyIDs {
		u.Note(id, "iam", "us-east-1", "192.0.2.1", time.Unix(100, 0))
	}
	if err := u.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range keyIDs {
		if lastUsed(t, s, id) == nil {
			t.Fatalf("no last use of %s", id)
		}
	}
}

func TestUsageIsBounded(t *testing.T) {
	u := NewUsage(nil, slog.New(slog.DiscardHandler))
	for i := range usageMost + 10 {
		u.Note(ids.KeyID(fmt.Sprint("AKIA", i)), "iam", "us-east-1", "192.0.2.1", time.Unix(100, 0))
	}
	if len(u.keys.seen) != usageMost {
		t.Errorf("%d keys are remembered, want %d", len(u.keys.seen), usageMost)
	}
	select {
	case <-u.full:
	default:
		t.Error("nothing woke Run")
	}
}

// Run writes every 15 seconds, and once more when it is stopped.
func TestUsageRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &counting{}
		u := NewUsage(s, slog.New(slog.DiscardHandler))
		stopped := make(chan struct{})
		ctx, stop := contextWithStop(t)
		go func() { defer close(stopped); u.Run(ctx) }()
		u.Note("AKIAONE", "iam", "us-east-1", "192.0.2.1", time.Now())
		time.Sleep(usageEvery - time.Second)
		synctest.Wait()
		if n := s.updates.Load(); n != 0 {
			t.Errorf("%d writes before their time", n)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n := s.updates.Load(); n != 1 {
			t.Errorf("%d writes, want 1", n)
		}
		u.Note("AKIAONE", "iam", "us-east-1", "192.0.2.1", time.Now())
		stop()
		<-stopped
		if n := s.updates.Load(); n != 2 {
			t.Errorf("%d writes after the stop, want 2", n)
		}
	})
}

func TestUsageKeepsWhatSecretsWereRead(t *testing.T) {
	s := storeWithKeys(t)
	secret := &directory.Secret{Account: "123456789012", Region: "us-east-1", Name: "s", Suffix: "abcdef", Versions: []directory.SecretVersion{{ID: "1"}}}
	if err := s.Update(t.Context(), func(tx store.Tx) error { return directory.PutSecret(tx, nil, secret) }); err != nil {
		t.Fatal(err)
	}
	u := NewUsage(s, slog.New(slog.DiscardHandler))
	for _, version := range []string{"1", "gone"} {
		u.NoteUse(directory.SecretUse{Account: secret.Account, Region: secret.Region, Name: "s", Suffix: "abcdef", Version: version}, time.Unix(100_000, 0))
	}
	u.NoteUse(directory.SecretUse{Account: secret.Account, Region: secret.Region, Name: "s", Suffix: "before", Version: "1"}, time.Unix(200_000, 0))
	if err := u.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := s.View(t.Context(), func(r store.Reader) error {
		got, err := directory.GetSecret(r, secret.Account, secret.Region, "s")
		if err == nil && (got.Accessed != 86_400_000 || got.Versions[0].Accessed != 86_400_000) {
			t.Errorf("read on %v", got)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
