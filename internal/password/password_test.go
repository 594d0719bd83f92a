package password_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/password"
)

func hash(t *testing.T, plain string, r password.Recipe) password.Hash {
	t.Helper()
	h, err := password.NewHasher(1, 0).Hash(t.Context(), plain, r)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHash(t *testing.T) {
	r := password.NewRecipe(ids.Source{})
	h := hash(t, "correct horse", r)
	if !h.Equal(hash(t, "correct horse", r)) || h.Equal(hash(t, "correct house", r)) {
		t.Error("a hash matches something other than its password")
	}
	if h.Equal(hash(t, "correct horse", password.NewRecipe(ids.Source{}))) {
		t.Error("two salts gave the same hash")
	}
	if len(r.Salt) != 22 || r.Outdated() {
		t.Errorf("a new recipe: %+v", r)
	}
	r.Memory /= 2
	if !r.Outdated() {
		t.Error("half the memory is not outdated")
	}
}

// With one at a time and two waiting, a fourth is refused at once.
func TestTooManyAtOnce(t *testing.T) {
	h := password.NewHasher(1, 2)
	slow := password.Recipe{Salt: strings.Repeat("x", 22), Time: 20, Memory: 19 << 10, Threads: 1}
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() { _, errs[i] = h.Hash(t.Context(), "x", slow) })
	}
	wg.Wait()
	refused := 0
	for _, err := range errs {
		if r, ok := errors.AsType[*awserr.Refusal](err); ok && r.Kind == awserr.Throttled {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("%d of 4 were refused: %v", refused, errs)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := password.NewHasher(0, 1).Hash(ctx, "x", slow); !errors.Is(err, context.Canceled) {
		t.Errorf("who waits with a context that has ended: %v", err)
	}
}
