package audit

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"
)

// Spool is a Sink that spares each record a write of its own: it puts lines into
// memory that the kernel keeps for a file, where they outlive this process however
// it ends, and takes them to another sink many at a time. Measured behind HTTP, a
// write of its own for each record is a sixth of what a read costs.
//
// The file has two halves. One takes lines while the other is on its way:
//
//	half:  number  8 bytes   counts up each time a half begins to take lines
//	       length  8 bytes   of the lines below; set after they are in
//	       lines
//
// A half is emptied after the other sink has its lines. When a process ends in
// between, the next one finds them there, and asks whether they arrived.
type Spool struct {
	to     Sink
	file   *os.File
	memory []byte
	report func(error)

	mu     sync.Mutex
	freed  sync.Cond // of mu: a half has been emptied, or could not be
	halves [2]half
	active int   // the half that takes lines
	moving bool  // the other half is on its way
	err    error // of the last move: while it lasts no line is taken
	number uint64
	closed bool

	wake chan struct{} // there are lines
	full chan struct{} // and no time to gather more
	done chan struct{}
}

// A half is one half of the memory.
type half struct {
	memory []byte
	n      int // lines
}

const (
	halfSize   = 1 << 20
	halfHeader = 16
	spoolDelay = 50 * time.Millisecond // how long lines gather
	spoolRetry = time.Second           // after a failure of the other sink
)

// SpoolConfig is what a Spool works with. Path and To are needed.
type SpoolConfig struct {
	Path string // of the spool's file, which is made if absent
	To   Sink   // stays its caller's to close, after the Spool

	// Written says whether To has a record already: it is asked about what a
	// process that ended left behind.
	Written func(eventID string) bool
	// Report is told each time lines could not be moved, which is tried again.
	Report func(error)
}

// OpenSpool opens the spool's file and moves what an earlier process left in it.
// It fails with errors.ErrUnsupported where memory cannot be mapped to a file.
func OpenSpool(ctx context.Context, c SpoolConfig) (*Spool, error) {
	file, memory, err := mapFile(c.Path, 2*halfSize)
	if err != nil {
		return nil, fmt.Errorf("opening the audit spool: %w", err)
	}
	s := &Spool{
		to: c.To, file: file, memory: memory, report: c.Report,
		wake: make(chan struct{}, 1), full: make(chan struct{}, 1), done: make(chan struct{}),
	}
	s.freed.L = &s.mu
	for i := range s.halves {
		s.halves[i].memory = memory[i*halfSize : (i+1)*halfSize]
	}
	if err := s.recover(ctx, c.Written); err != nil {
		return nil, errors.Join(fmt.Errorf("moving what the audit spool holds: %w", err), s.unmap())
	}
	s.begin(0)
	go s.run(context.WithoutCancel(ctx))
	return s, nil
}

// Write takes lines. With sync it hands them to the other sink at once: whatever
// needs to survive the machine is written there. A failure of the other sink
// refuses all lines until it works again.
func (s *Spool) Write(ctx context.Context, lines []byte, n int, sync bool) error {
	if sync || len(lines) > halfSize-halfHeader {
		return s.to.Write(ctx, lines, n, sync)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.err == nil && !s.closed && !s.halves[s.active].fits(lines) {
		if s.moving {
			s.freed.Wait()
		} else {
			s.swap()
			signal(s.wake)
			signal(s.full)
		}
	}
	if s.closed {
		return fs.ErrClosed
	}
	if s.err != nil {
		return s.err
	}
	if s.halves[s.active].add(lines, n) {
		signal(s.wake)
	}
	return nil
}

// Close moves what there is and stops. The other sink stays open.
func (s *Spool) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	signal(s.wake)
	signal(s.full)
	<-s.done
	return errors.Join(s.err, s.unmap())
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run moves lines until the spool is closed. What it cannot move then stays in
// the file.
func (s *Spool) run(ctx context.Context) {
	defer close(s.done)
	for {
		<-s.wake
		s.wait(spoolDelay)
		for !s.move(ctx) && !s.isClosed() {
			s.wait(spoolRetry)
		}
		if s.isClosed() && (s.move(ctx) || s.err != nil) {
			return
		}
	}
}

// wait lets d pass, or less when there is no more room or time.
func (s *Spool) wait(d time.Duration) {
	delay := time.NewTimer(d)
	defer delay.Stop()
	select {
	case <-delay.C:
	case <-s.full:
	}
}

func (s *Spool) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// move takes the lines of both halves to the other sink, the older half first,
// and reports whether that worked.
func (s *Spool) move(ctx context.Context) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range s.halves {
		if !s.moving && !s.halves[s.active].empty() {
			s.swap()
		}
		if !s.moving {
			break
		}
		h := &s.halves[1-s.active]
		s.mu.Unlock()
		err := s.to.Write(ctx, h.lines(), h.n, false)
		s.mu.Lock()
		s.freed.Broadcast()
		if s.err = err; err != nil {
			s.report(err)
			return false
		}
		h.reset()
		s.moving = false
	}
	return true
}

// swap makes the other, empty half the active one. The caller has mu.
func (s *Spool) swap() {
	s.moving = true
	s.begin(1 - s.active)
}

// begin makes a half the active one.
func (s *Spool) begin(i int) {
	s.active = i
	s.number++
	binary.LittleEndian.PutUint64(s.halves[i].memory, s.number)
}

func (s *Spool) unmap() error { return errors.Join(unmapFile(s.memory), s.file.Close()) }

// recover moves what an earlier process left, the older half first.
func (s *Spool) recover(ctx context.Context, written func(string) bool) error {
	left := []*half{&s.halves[0], &s.halves[1]}
	slices.SortFunc(left, func(a, b *half) int {
		return bytes.Compare(binary.BigEndian.AppendUint64(nil, a.number()), binary.BigEndian.AppendUint64(nil, b.number()))
	})
	for _, h := range left {
		s.number = max(s.number, h.number())
		var missing []byte
		n := 0
		for line := range bytes.Lines(h.lines()) {
			// After a power cut some lines may be of another time, or nothing.
			if id := eventID(line); id != "" && json.Valid(line) && !(written != nil && written(id)) {
				missing = append(missing, line...)
				n++
			}
		}
		if n > 0 {
			if err := s.to.Write(ctx, missing, n, true); err != nil {
				return err
			}
		}
		h.reset()
	}
	return nil
}

func (h *half) number() uint64 { return binary.LittleEndian.Uint64(h.memory) }

func (h *half) length() int {
	return min(int(min(binary.LittleEndian.Uint64(h.memory[8:]), halfSize)), halfSize-halfHeader)
}

func (h *half) setLength(n int) { binary.LittleEndian.PutUint64(h.memory[8:], uint64(n)) }

func (h *half) lines() []byte { return h.memory[halfHeader : halfHeader+h.length()] }

func (h *half) empty() bool { return h.length() == 0 }

func (h *half) fits(lines []byte) bool { return halfHeader+h.length()+len(lines) <= halfSize }

// add reports whether the lines are the first.
func (h *half) add(lines []byte, n int) bool {
	at := h.length()
	copy(h.memory[halfHeader+at:], lines)
	h.setLength(at + len(lines))
	h.n += n
	return at == 0
}

func (h *half) reset() {
	h.setLength(0)
	h.n = 0
}
