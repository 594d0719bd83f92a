package pebble

import (
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/internal/store/storetest"
)

func TestStore(t *testing.T) {
	for name, o := range map[string]Options{
		"plain":          {},
		"tiny hot cache": {HotCache: 64 << 10},
		"no hot cache":   {HotCache: -1},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t testing.TB) storetest.Harness { return harness(vfs.NewMem(), "data", o) })
		})
	}
	t.Run("slow log", func(t *testing.T) {
		storetest.Run(t, func(t testing.TB) storetest.Harness { return harness(slowLog(vfs.NewMem()), "data", Options{}) })
	})
	t.Run("on disk", func(t *testing.T) {
		storetest.Run(t, func(t testing.TB) storetest.Harness { return harness(vfs.Default, t.TempDir(), Options{}) })
	})
}

func harness(fsys vfs.FS, dir string, o Options) storetest.Harness {
	var failing atomic.Bool
	o.Logger = slog.New(slog.DiscardHandler)
	o.fs = failSyncs(fsys, func() error {
		if failing.Load() {
			return errors.New("disk on fire")
		}
		return nil
	})
	return storetest.Harness{
		Open: func() (store.Store, error) {
			failing.Store(false)
			return Open(dir, o)
		},
		FailCommits: func() { failing.Store(true) },
	}
}

// slowLog lets others run before each sync of the log, so that there are many
// commits which are applied and not durable.
func slowLog(fsys vfs.FS) vfs.FS {
	return failSyncs(fsys, func() error {
		for range 200 {
			runtime.Gosched()
		}
		return nil
	})
}

// failSyncs calls fn before each sync of the log, which fails with its error.
func failSyncs(fsys vfs.FS, fn func() error) vfs.FS {
	return errorfs.Wrap(fsys, errorfs.InjectorFunc(func(op errorfs.Op) error {
		switch op.Kind {
		case errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo:
			if strings.HasSuffix(op.Path, ".log") {
				return fn()
			}
		}
		return nil
	}))
}
