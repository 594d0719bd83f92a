package pebble

import (
	"cmp"
	"fmt"
	"log/slog"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// Options says how a store is opened. The zero value is fit for service.
type Options struct {
	// InMemory keeps everything in memory and nothing when the store closes. The
	// folder is only a name then.
	InMemory bool

	// BlockCache bounds, in bytes, the cache of table blocks. Zero is 64 MiB.
	BlockCache int64

	// HotCache bounds, in bytes, the cache of records that were read by key,
	// their keys and its own bookkeeping included. Zero is 32 MiB, and less than
	// zero is no cache.
	HotCache int64

	// Still leaves out what Pebble does ten times a second, whether there is work or not:
	// for tests that let a year go by in a bubble of testing/synctest.
	Still bool

	// Logger is told of errors in background work. Nil is slog.Default().
	Logger *slog.Logger

	fs vfs.FS // instead of the machine's, in tests
}

func (o Options) withDefaults() Options {
	o.BlockCache = cmp.Or(o.BlockCache, 64<<20)
	o.HotCache = cmp.Or(o.HotCache, 32<<20)
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	switch {
	case o.fs != nil:
	case o.InMemory:
		o.fs = vfs.NewMem()
	default:
		o.fs = vfs.Default
	}
	return o
}

// pebble returns Pebble's options for a database whose folder is locked.
func (o Options) pebble(lock *pebble.Lock, blocks *pebble.Cache) *pebble.Options {
	p := &pebble.Options{
		FS:                 o.fs,
		Lock:               lock,
		Cache:              blocks,
		Logger:             quiet{o.Logger},
		FormatMajorVersion: pebbleFormat,

		// Memory tables begin small and double up to this size when there is
		// much to write, so an idle store stays small.
		MemTableSize:                16 << 20,
		MemTableStopWritesThreshold: 4,

		// A damaged table fails the reads that need it. By default it would end
		// the process.
		EventListener: &pebble.EventListener{DataCorruption: func(d pebble.DataCorruptionInfo) {
			o.Logger.Error("pebble: damaged table", "path", d.Path, "error", d.Details.Error())
		}},
	}
	if o.Still {
		p.Experimental.CompactionScheduler = pebble.NewConcurrencyLimitSchedulerWithNoPeriodicGrantingForTest()
	}
	for i := range p.Levels {
		p.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	return p
}

// quiet passes on Pebble's errors, and not its diary.
type quiet struct{ log *slog.Logger }

func (q quiet) Infof(string, ...any) {}

func (q quiet) Errorf(format string, args ...any) {
	q.log.Error("pebble: " + fmt.Sprintf(format, args...))
}

// Fatalf must not return: Pebble calls it when its state in memory and on disk
// have parted. The panic ends the process when it comes from Pebble's background
// work, and makes the commit fail when it comes from one.
func (q quiet) Fatalf(format string, args ...any) {
	q.Errorf(format, args...)
	panic("pebble: " + fmt.Sprintf(format, args...))
}
