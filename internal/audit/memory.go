package audit

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"
)

// Memory is a Sink for a server that keeps no files. It remembers the latest records,
// and hands all of them to another sink.
type Memory struct {
	to   Sink
	most int // bytes

	mu     sync.Mutex
	chunks []chunk // oldest first
	size   int
	end    int64 // of all that was ever written
}

// chunk is what one Write brought. It never changes.
type chunk struct {
	start int64
	lines []byte
}

// NewMemory makes a Memory that keeps about most bytes, and closes to when it is closed.
func NewMemory(to Sink, most int) *Memory { return &Memory{to: to, most: most} }

// Write remembers lines once the other sink has them.
func (m *Memory) Write(ctx context.Context, lines []byte, n int, sync bool) error {
	if err := m.to.Write(ctx, lines, n, sync); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.chunks = append(m.chunks, chunk{m.end, bytes.Clone(lines)})
	m.size += len(lines)
	m.end += int64(len(lines))
	for m.size > m.most && len(m.chunks) > 1 {
		m.size -= len(m.chunks[0].lines)
		m.chunks[0] = chunk{}
		m.chunks = m.chunks[1:]
	}
	return nil
}

// Close closes the other sink.
func (m *Memory) Close() error { return m.to.Close() }

// Back is that of Past.
func (m *Memory) Back(before string, _ time.Time, fn func(line []byte) bool) (next string, err error) {
	from, err := parsePlace(before)
	if err != nil {
		return "", err
	}
	m.mu.Lock()
	chunks := slices.Clone(m.chunks)
	m.mu.Unlock()
	for _, c := range slices.Backward(chunks) {
		end := int64(len(c.lines))
		if before != "" {
			end = min(end, from.offset-c.start)
		}
		left, err := linesBack(bytes.NewReader(c.lines), end, fn)
		if err != nil {
			return "", err
		}
		if left >= 0 {
			return place{0, c.start + left}.String(), nil
		}
	}
	return "", nil
}
