package audit

import (
	"context"
	"sync"
	"time"

	"github.com/iamd-project/iamd/internal/store"
)

// DrainConfig is what a Drain works with. Store and Sink are needed.
type DrainConfig struct {
	Store store.Store
	Sink  Sink

	// Written says whether the sink has a record already. It is asked about the
	// first records found at the start only, those that were on their way when
	// the last process was killed; without it they may appear twice.
	Written func(eventID string) bool

	// Report is told each time the outbox could not be emptied, which is tried
	// again.
	Report func(error)

	// Linger is how long to gather records after a Wake, 100 ms if zero: a sync
	// of the sink and of the store for each change would double its cost.
	Linger time.Duration

	// Poll is how often to look without a Wake, every second if zero. It finds
	// commits whose outcome was uncertain, and tries again after a failure.
	Poll time.Duration
}

// What one round takes from the outbox: enough to make its syncs cheap, little
// enough to hold in memory.
const (
	roundRecords = 1000
	roundBytes   = 4 << 20
)

// Drain is a worker that moves staged records to a sink, in the order of their
// commits. It writes and syncs them there, and then deletes them: a crash in
// between makes a record appear twice, with the same event ID, and none is lost.
type Drain struct {
	c      DrainConfig
	wake   chan struct{}
	stop   chan struct{}
	once   sync.Once
	cancel context.CancelFunc // ends the work in hand
	done   chan struct{}

	mu  sync.Mutex
	err error // of the last round

	// The worker's own.
	from   string   // where the outbox begins, past what was deleted: tombstones are slow to scan
	keys   []string // of the round's records
	lines  []byte   // those of them that the sink does not have
	n      int      // how many lines
	gone   int      // how many of keys are deleted
	inSink bool     // the round's records are in the sink, and not all are deleted
	first  bool     // nothing was read, or written, since the start
}

// StartDrain starts a Drain, which begins with what the last process left. Close
// stops it, and comes before that of the store and the sink.
func StartDrain(c DrainConfig) *Drain {
	if c.Linger == 0 {
		c.Linger = 100 * time.Millisecond
	}
	if c.Poll == 0 {
		c.Poll = time.Second
	}
	ctx, cancel := context.WithCancel(context.Background())
	d := &Drain{
		c:      c,
		wake:   make(chan struct{}, 1),
		stop:   make(chan struct{}),
		cancel: cancel,
		done:   make(chan struct{}),
		from:   OutboxPrefix,
		first:  true,
	}
	go d.run(ctx)
	return d
}

// Wake says that records have been committed. It does not wait.
func (d *Drain) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Err is why the last attempt to empty the outbox failed, or nil.
func (d *Drain) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

// Close moves what is in the outbox until ctx ends, and waits for the worker.
// What is left then is found by the next Drain.
func (d *Drain) Close(ctx context.Context) error {
	d.once.Do(func() { close(d.stop) })
	defer context.AfterFunc(ctx, d.cancel)()
	<-d.done
	d.cancel()
	return d.Err()
}

func (d *Drain) run(ctx context.Context) {
	defer close(d.done)
	poll := time.NewTicker(d.c.Poll)
	defer poll.Stop()
	for stopping := false; ; {
		err := d.empty(ctx)
		d.mu.Lock()
		d.err = err
		d.mu.Unlock()
		if err != nil && d.c.Report != nil {
			d.c.Report(err)
		}
		if stopping {
			return
		}
		select {
		case <-d.wake:
			d.linger()
		case <-poll.C:
		case <-d.stop:
			stopping = true
		}
	}
}

func (d *Drain) linger() {
	t := time.NewTimer(d.c.Linger)
	defer t.Stop()
	select {
	case <-t.C:
	case <-d.stop:
	}
}

// empty runs rounds until one finds less than it could take.
func (d *Drain) empty(ctx context.Context) error {
	for {
		more, err := d.round(ctx)
		if err != nil || !more {
			return err
		}
	}
}

// round moves some records. One that failed after the sink had them goes on
// with their deletion the next time.
func (d *Drain) round(ctx context.Context) (more bool, err error) {
	if !d.inSink {
		if more, err = d.read(ctx); err != nil {
			return false, err
		}
		if d.n > 0 {
			if err := d.c.Sink.Write(ctx, d.lines, d.n, true); err != nil {
				return false, err
			}
		}
		d.inSink, d.first = true, false
	}
	for d.gone < len(d.keys) {
		some := d.keys[d.gone:min(d.gone+store.MaxWrites, len(d.keys))]
		if err := d.delete(ctx, some); err != nil {
			return false, err
		}
		d.gone += len(some)
		d.from = some[len(some)-1]
	}
	d.inSink = false
	return more, nil
}

// read copies the oldest records of the outbox.
func (d *Drain) read(ctx context.Context) (more bool, err error) {
	d.keys, d.lines, d.n, d.gone = d.keys[:0], d.lines[:0], 0, 0
	err = d.c.Store.View(ctx, func(r store.Reader) error {
		for p, err := range r.Scan(d.from, store.PrefixEnd(OutboxPrefix)) {
			if err != nil {
				return err
			}
			if len(d.keys) == roundRecords || len(d.lines)+len(p.Value) > roundBytes {
				more = true
				break
			}
			d.keys = append(d.keys, p.Key)
			if d.first && d.c.Written != nil && d.c.Written(eventIDOf(p.Key)) {
				continue
			}
			d.lines = append(append(d.lines, p.Value...), '\n')
			d.n++
		}
		return nil
	})
	return more, err
}

func (d *Drain) delete(ctx context.Context, keys []string) error {
	return d.c.Store.Update(ctx, func(tx store.Tx) error {
		for _, key := range keys {
			if err := tx.Delete(key); err != nil {
				return err
			}
		}
		return nil
	})
}
