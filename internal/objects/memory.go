package objects

import (
	"bytes"
	"io"
	"io/fs"
	"iter"
	"sync"
	"time"
)

// memory is a place that is gone with the process.
type memory struct {
	mu    sync.Mutex
	files map[string][]byte
}

// InMemory makes Files that are kept in memory.
func InMemory() *Files { return &Files{place: &memory{files: map[string][]byte{}}} }

func (m *memory) create(id string) (io.Writer, func(error) error, error) {
	w := &bytes.Buffer{}
	return w, func(failed error) error {
		if failed == nil {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.files[id] = w.Bytes()
		}
		return failed
	}, nil
}

func (m *memory) open(id string) (io.ReadCloser, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.files[id]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

func (m *memory) remove(id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.files, id)
	return nil
}

func (m *memory) all() iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		m.mu.Lock()
		var all []File
		for id := range m.files {
			all = append(all, File{ID: id, Modified: time.Time{}})
		}
		m.mu.Unlock()
		for _, f := range all {
			if !yield(f, nil) {
				return
			}
		}
	}
}
