package secrets_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/iamd-project/iamd/internal/op/optest"
	"github.com/iamd-project/iamd/internal/secrets"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	"github.com/iamd-project/iamd/internal/store"
)

func TestDeletion(t *testing.T) {
	w := optest.New(t, secrets.Service())
	first := create(w, "s", "v")
	out := optest.Must[shape.DeleteSecretResponse](w, w.Root(), "DeleteSecret", &shape.DeleteSecretRequest{SecretId: "s"})
	if *out.ARN != first || *out.Name != "s" || *out.DeletionDate != w.Now.AddDate(0, 0, 30) {
		t.Errorf("DeleteSecret replied %+v", out)
	}
	if d := describe(w, "s"); *d.DeletedDate != w.Now {
		t.Errorf("deleted on %v", d.DeletedDate)
	}
	refused(t, w, "CreateSecret", &shape.CreateSecretRequest{Name: "s", ClientRequestToken: new(token(5))}, "InvalidRequestException",
		"You can't create this secret because a secret with this name is already scheduled for deletion.")
	w.Now = w.Now.AddDate(0, 0, 29)
	optest.Must[shape.RestoreSecretResponse](w, w.Root(), "RestoreSecret", &shape.RestoreSecretRequest{SecretId: "s"})
	if d := describe(w, "s"); d.DeletedDate != nil || *read(w, "s").SecretString != "v" {
		t.Errorf("restored, deleted on %v", d.DeletedDate)
	}
	// Past its date it is absent, whether somebody has swept or not, and its name is free.
	optest.Must[shape.DeleteSecretResponse](w, w.Root(), "DeleteSecret", &shape.DeleteSecretRequest{SecretId: "s", RecoveryWindowInDays: new(int64(7))})
	w.Now = w.Now.AddDate(0, 0, 7)
	for name, in := range everyRequest("s") {
		refused(t, w, name, in, "ResourceNotFoundException", noSecret)
	}
	if got := list(w, &shape.ListSecretsRequest{IncludePlannedDeletion: new(true)}); len(got) != 0 {
		t.Errorf("listed: %q", got)
	}
	second := create(w, "s", "w")
	if second == first || *read(w, "s").SecretString != "w" {
		t.Errorf("made again: %s", second)
	}
	// By force, even if it is marked, and twice.
	optest.Must[shape.DeleteSecretResponse](w, w.Root(), "DeleteSecret", &shape.DeleteSecretRequest{SecretId: "s"})
	force := &shape.DeleteSecretRequest{SecretId: "s", ForceDeleteWithoutRecovery: new(true)}
	for range 2 {
		if out := optest.Must[shape.DeleteSecretResponse](w, w.Root(), "DeleteSecret", force); *out.Name != "s" || !out.DeletionDate.Equal(w.Now) {
			t.Errorf("DeleteSecret by force replied %+v", out)
		}
	}
	create(w, "s", "x")
}

func TestSweep(t *testing.T) {
	w := optest.New(t, secrets.Service())
	const due, values = 25, 100
	for i := range due {
		create(w, fmt.Sprint("s", i), "v")
	}
	create(w, "kept", "v")
	for i := range values {
		optest.Must[shape.PutSecretValueResponse](w, w.Root(), "PutSecretValue", &shape.PutSecretValueRequest{
			SecretId: "s0", SecretString: new("v"), ClientRequestToken: new(token(10 + i)),
		})
	}
	for i := range due {
		optest.Must[shape.DeleteSecretResponse](w, w.Root(), "DeleteSecret", &shape.DeleteSecretRequest{SecretId: fmt.Sprint("s", i), RecoveryWindowInDays: new(int64(7))})
	}
	sweeper := secrets.Sweeper{Store: w.Store, Now: func() time.Time { return w.Now }, Log: slog.New(slog.DiscardHandler)}
	sweep := func() {
		t.Helper()
		if err := sweeper.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.Now = w.Now.AddDate(0, 0, 7).Add(-time.Millisecond)
	sweep()
	if got := keysWith(t, w, "secret/"); len(got) != due+1 {
		t.Errorf("%d secrets too early", len(got))
	}
	w.Now = w.Now.Add(time.Millisecond)
	sweep()
	for _, space := range []string{"secret/", "secretvalue/", "secretmade/", "secretcount/"} {
		if got := keysWith(t, w, space); len(got) != 1 {
			t.Errorf("left: %q", got)
		}
	}
	for _, space := range []string{"secretdue/", "secretgone/"} {
		if got := keysWith(t, w, space); len(got) != 0 {
			t.Errorf("left: %q", got)
		}
	}
}

func keysWith(t *testing.T, w *optest.World, prefix string) (keys []string) {
	t.Helper()
	err := w.Store.View(t.Context(), func(r store.Reader) error {
		for pair, err := range r.Scan(prefix, store.PrefixEnd(prefix)) {
			if err != nil {
				return err
			}
			keys = append(keys, pair.Key)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestSweeperRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := optest.New(t, secrets.Service())
		w.Now = time.Now()
		create(w, "s", "v")
		optest.Must[shape.DeleteSecretResponse](w, w.Root(), "DeleteSecret", &shape.DeleteSecretRequest{SecretId: "s", RecoveryWindowInDays: new(int64(7))})
		sweeper := secrets.Sweeper{Store: w.Store, Log: slog.New(slog.DiscardHandler)}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { sweeper.Run(ctx) })
		time.Sleep(7*24*time.Hour - time.Second)
		if n := len(keysWith(t, w, "secretvalue/")); n != 1 {
			t.Errorf("%d values before their time", n)
		}
		time.Sleep(time.Minute + time.Second)
		if n := len(keysWith(t, w, "secretvalue/")); n != 0 {
			t.Errorf("%d values after their time", n)
		}
		cancel()
		running.Wait()
	})
}
