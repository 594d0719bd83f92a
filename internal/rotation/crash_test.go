package rotation_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/store"
)

// mortal is what an engine works with whose process dies: before its n-th change of
// anything, or behind it.
type mortal struct {
	*rig
	mu     sync.Mutex
	left   int  // changes until it dies
	behind bool // the last change happens, and nobody learns of it
	dead   bool
}

func (m *mortal) die() (now, behind bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead {
		return true, false
	}
	m.left--
	m.dead = m.left < 0
	return m.dead, m.behind && m.dead
}

func (m *mortal) Call(ctx context.Context, as *directory.Standing, region, token string, in any) (any, error) {
	now, behind := m.die()
	if !now || behind {
		out, err := m.rig.Call(ctx, as, region, token, in)
		if !now {
			return out, err
		}
	}
	return nil, store.ErrClosed
}

// mortalStore is the store of a mortal.
type mortalStore struct {
	store.Store
	m *mortal
}

func (s mortalStore) Update(ctx context.Context, fn func(store.Tx) error) error {
	now, behind := s.m.die()
	if !now || behind {
		err := s.Store.Update(ctx, fn)
		if !now {
			return err
		}
	}
	return store.ErrClosed
}

// A rotation whose process dies anywhere is completed at the next start. There are never
// more than two keys, and the one that the secret holds always works.
func TestCrash(t *testing.T) {
	for _, behind := range []bool{false, true} {
		for n, died := 0, true; died && n < 50; n++ {
			t.Run(fmt.Sprintf("%d %v", n, behind), func(t *testing.T) {
				inBubble(t, func(r *rig) {
					r.bob("iamd:rotation-grace", "1h", "iamd:rotation-keep-inactive", "1h")
					first := r.value("AWSCURRENT").ID
					r.stop()
					m := &mortal{rig: r, left: n, behind: behind}
					r.run(m, mortalStore{r.store, m})
					_, err := r.rotate(nil)
					r.must(err)
					holds(t, r)
					elapse(3 * time.Hour) // dead, or all over
					holds(t, r)
					died = m.dead
					r.stop()

					r.run(r, r.store)
					elapse(time.Minute)
					holds(t, r)
					if died {
						elapse(3 * time.Hour)
					}
					second := r.value("AWSCURRENT").ID
					if keys := r.keys(); second == first || len(keys) != 1 || keys[second] != "Active" {
						t.Errorf("in the end the secret holds %s, and Bob has %v: %+v", second, keys, r.record().Rotation)
					}
					if got := names(r.events()); got != "Started Succeeded" {
						t.Errorf("events: %s", got)
					}
				})
			})
		}
	}
}

// holds makes sure that the key in the secret works.
func holds(t *testing.T, r *rig) {
	t.Helper()
	id := r.value("AWSCURRENT").ID
	if keys := r.keys(); len(keys) > 2 || keys[id] != "Active" {
		t.Errorf("the secret holds %s, and Bob has %v", id, keys)
	}
}
