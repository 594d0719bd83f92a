package pebble

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
	"github.com/iamd-project/iamd/internal/store"
)

// ErrFailed reports an Update that was not begun because an earlier commit
// failed. Opening the folder again, in a new process to be safe, is the way on.
var ErrFailed = errors.New("pebble: no writes since a commit failed")

// A commit is a batch that was handed to the log.
type commit struct {
	seq   uint64
	batch *pebble.Batch
	view  *view // taken right after it was applied

	// done is closed when the outcome is known, and err is it.
	done chan struct{}
	err  error
}

// settled stands for the commit that the store was opened with.
func settled(seq uint64) *commit {
	c := &commit{seq: seq, done: make(chan struct{})}
	close(c.done)
	return c
}

// Update implements store.Store. It must not be called inside another Update,
// whose turn it would wait for.
func (s *Store) Update(ctx context.Context, fn func(store.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !s.gate.enter() {
		return store.ErrClosed
	}
	defer s.gate.leave()

	sent, seen, err := s.takeTurn(ctx, fn)
	switch {
	case sent != nil:
		s.settle(sent)
		return sent.err
	case seen != nil:
		<-seen.done
		if seen.err != nil {
			return fmt.Errorf("reading what commit %d wrote: %w", seen.seq, seen.err)
		}
	}
	return err
}

// takeTurn runs fn when its turn has come. It returns the commit that was sent
// for it or, when it has nothing to commit, the newest one that it could read.
func (s *Store) takeTurn(ctx context.Context, fn func(store.Tx) error) (sent, seen *commit, err error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	if err := s.failure(); err != nil {
		return nil, nil, err
	}

	x := &tx{s: s, seq: s.last.seq}
	defer x.end()
	if err := fn(x); err != nil {
		return nil, s.last, err
	}
	if x.refused != nil {
		return nil, s.last, x.refused
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if x.batch == nil {
		return nil, s.last, nil
	}
	sent, err = s.send(x)
	return sent, nil, err
}

// send hands what x wrote to the log and to everybody who reads what isn't
// durable yet. The caller has the turn.
func (s *Store) send(x *tx) (*commit, error) {
	n := x.seq + 1
	if err := x.batch.Set(seqKey, binary.BigEndian.AppendUint64(nil, n), nil); err != nil {
		return nil, err
	}
	c := &commit{seq: n, batch: x.batch, done: make(chan struct{})}
	x.batch = nil // it is the commit's now
	if err := s.apply(c.batch); err != nil {
		s.wedged.Store(true)
		return nil, s.fail(err)
	}
	s.cache.commit(n, x.writes)
	c.view = s.newView(n)
	s.last = c
	return c, nil
}

// apply makes an error of the panics that Pebble has for a log it can't write.
func (s *Store) apply(b *pebble.Batch) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("pebble: %v", r)
		}
	}()
	return s.db.ApplyNoSyncWait(b, pebble.Sync)
}

// settle waits for the outcome of c, and makes it known.
func (s *Store) settle(c *commit) {
	if err := c.batch.SyncWait(); err != nil {
		c.err = s.fail(err)
		c.view.release()
	} else {
		s.publish(c.view)
	}
	c.batch.Close()
	close(c.done)
}

// fail stops all later Updates, and returns what this one's caller is told.
func (s *Store) fail(cause error) error {
	err := fmt.Errorf("%w: %w", ErrFailed, cause)
	s.failed.CompareAndSwap(nil, &err)
	return fmt.Errorf("%w: %w", store.ErrUncertain, cause)
}

// failure is why the store takes no more writes, and nil while it does.
func (s *Store) failure() error {
	if err := s.failed.Load(); err != nil {
		return *err
	}
	return nil
}
