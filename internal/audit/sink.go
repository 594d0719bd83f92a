package audit

import (
	"context"
	"io"
	"sync"
)

// Sink is where records go. It is safe for concurrent use.
type Sink interface {
	// Write adds n lines, each ending in a newline, all or none of them. When it
	// returns nil they survive the end of this process, and with sync that of
	// the machine, too. It keeps no reference to lines.
	Write(ctx context.Context, lines []byte, n int, sync bool) error
	Close() error
}

// Stream is a Sink that writes to a pipe or terminal, such as standard output.
// What is durable there is for its reader to say: sync does nothing.
type Stream struct {
	mu   sync.Mutex
	w    io.Writer
	torn bool // the last write ended inside a line
}

// NewStream makes a Stream. It does not close w.
func NewStream(w io.Writer) *Stream { return &Stream{w: w} }

// Write writes lines in one call. One that fails in the middle leaves part of a
// line there, which cannot be taken back: the next begins on a line of its own.
func (s *Stream) Write(_ context.Context, lines []byte, _ int, _ bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.torn {
		if _, err := s.w.Write([]byte{'\n'}); err != nil {
			return err
		}
		s.torn = false
	}
	n, err := s.w.Write(lines)
	s.torn = n > 0 && n < len(lines) && lines[n-1] != '\n'
	return err
}

// Close does nothing.
func (s *Stream) Close() error { return nil }
