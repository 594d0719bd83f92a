package pebble

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/iamd-project/iamd/internal/store"
)

// Pebble's keys are one byte that says what it is, and then
//
//	d  a key of the store    its value
//	n                        the number of the last commit, 8 bytes, big endian
const dataSpace = 'd'

var seqKey = []byte("n")

func dataKey(key string) []byte {
	b := make([]byte, 0, 1+len(key))
	return append(append(b, dataSpace), key...)
}

// Store is a store.Store in one folder. The package comment is the story of it.
type Store struct {
	dir   string
	fs    vfs.FS
	lock  *pebble.Lock
	db    *pebble.DB
	cache *cache
	gate  gate
	close func() error

	// turn holds one element while somebody has the turn. last, the newest commit
	// that was handed to the log, belongs to whoever that is.
	turn chan struct{}
	last *commit

	// current is what Views read, and nil only after Close. Changing it takes the
	// mutex.
	publishing sync.Mutex
	current    atomic.Pointer[view]

	// failed holds the first failure of a commit. wedged says that Pebble
	// panicked in it, perhaps with its locks held, and can't be closed.
	failed atomic.Pointer[error]
	wedged atomic.Bool

	backingUp sync.Mutex // held while the stage is in use
}

var _ store.Store = (*Store)(nil)

// Open opens the store in dir and makes it when dir is missing or empty. A
// folder can be open once at a time, on the whole machine.
func Open(dir string, o Options) (*Store, error) {
	o = o.withDefaults()
	lock, err := lockFolder(o.fs, dir)
	if err != nil {
		return nil, err
	}
	s := &Store{
		dir:   dir,
		fs:    o.fs,
		lock:  lock,
		cache: newCache(o.HotCache),
		gate:  newGate(),
		turn:  make(chan struct{}, 1),
	}
	s.close = sync.OnceValue(s.shut)
	if err := s.start(o); err != nil {
		return nil, errors.Join(fmt.Errorf("opening data folder %s: %w", dir, err), lock.Close())
	}
	return s, nil
}

func (s *Store) start(o Options) error {
	// A backup that was cut short; see Backup.
	if err := s.fs.RemoveAll(s.stage()); err != nil {
		return err
	}
	blocks := pebble.NewCache(o.BlockCache)
	defer blocks.Unref()
	db, err := pebble.Open(s.dir, o.pebble(s.lock, blocks))
	if err != nil {
		return err
	}
	s.db = db
	seq, err := lastSeq(db)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	s.last = settled(seq)
	s.current.Store(s.newView(seq))
	return nil
}

func lastSeq(db pebble.Reader) (uint64, error) {
	v, closer, err := db.Get(seqKey)
	if errors.Is(err, pebble.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading the commit number: %w", err)
	}
	defer closer.Close()
	if len(v) != 8 {
		return 0, fmt.Errorf("reading the commit number: it has %d bytes, not 8", len(v))
	}
	return binary.BigEndian.Uint64(v), nil
}

// Close waits for the transactions that are running, so one of them must not
// call it. A second call returns what the first did.
func (s *Store) Close() error { return s.close() }

func (s *Store) shut() error {
	s.gate.shut()
	s.current.Swap(nil).release()
	if s.wedged.Load() {
		return fmt.Errorf("data folder %s stays locked until this process ends: %w", s.dir, s.failure())
	}
	return errors.Join(s.db.Close(), s.lock.Close())
}

// Stats is what operators watch.
type Stats struct {
	Seq       uint64 // the last durable commit
	DiskBytes uint64 // everything in the folder
	HotHits   uint64 // reads by key that the hot cache answered
	HotMisses uint64 // and those that it didn't
	HotBytes  int64  // what it holds

	// Failed is why the store takes no more writes, and nil while it does.
	Failed error
}

// Stats looks at the store now.
func (s *Store) Stats() (Stats, error) {
	if !s.gate.enter() {
		return Stats{}, store.ErrClosed
	}
	defer s.gate.leave()
	v := s.view()
	defer v.release()
	st := Stats{Seq: v.seq, DiskBytes: s.db.Metrics().DiskSpaceUsage(), Failed: s.failure()}
	s.cache.stats(&st)
	return st, nil
}
