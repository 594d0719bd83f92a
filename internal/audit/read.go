package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Read calls fn with each record in a folder of Files, oldest first, as its line
// of JSON without the newline; the slice is fn's until it returns. It stops at
// an error of fn and returns it. Files may be written meanwhile: an unfinished
// last line is left out, and so is a file that is removed before its turn.
func Read(dir string, fn func(line []byte) error) error {
	files, err := list(dir)
	if err != nil {
		return fmt.Errorf("reading the audit folder: %w", err)
	}
	for _, f := range files {
		err := readFile(filepath.Join(dir, f.name), fn)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func readFile(path string, fn func([]byte) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewReaderSize(f, MaxRecord+len("\n"))
	for n := 1; ; n++ {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			return nil // with the line that is not finished
		}
		if err == nil && !json.Valid(line) {
			err = errors.New("not JSON")
		}
		if err != nil {
			return fmt.Errorf("reading %s, line %d: %w", filepath.Base(path), n, err)
		}
		if err := fn(bytes.TrimSuffix(line, []byte("\n"))); err != nil {
			return err
		}
	}
}

// recentBytes is how much of the newest files WrittenIn looks at: what a drain's
// round and the appends between its write and its deletions may come to.
const recentBytes = 16 << 20

// WrittenIn returns a DrainConfig.Written that knows the end of what is in a
// folder of Files. It reads that when it is first asked, which is seldom.
func WrittenIn(dir string) func(eventID string) bool {
	ids := sync.OnceValue(func() map[string]bool { return recentIDs(dir) })
	return func(eventID string) bool { return ids()[eventID] }
}

// recentIDs returns the event IDs at the end of a folder. One that cannot be
// read counts as not written: its record appears twice, which is allowed.
func recentIDs(dir string) map[string]bool {
	files, err := list(dir)
	if err != nil {
		return nil
	}
	ids := make(map[string]bool)
	left := int64(recentBytes)
	for _, f := range slices.Backward(files) {
		b, err := tail(filepath.Join(dir, f.name), left)
		if err != nil {
			continue
		}
		for line := range bytes.Lines(b) {
			if id := eventID(line); id != "" {
				ids[id] = true
			}
		}
		if left -= int64(len(b)); left <= 0 {
			break
		}
	}
	return ids
}

// tail reads the last bytes of a file, and makes them durable first: what is in
// a file is deleted from the outbox next.
func tail(path string, max int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	start := info.Size() - min(info.Size(), max)
	return io.ReadAll(io.NewSectionReader(f, start, info.Size()-start))
}

// eventID finds the ID in a line, or in the end of one, without decoding it.
func eventID(line []byte) string {
	i := bytes.LastIndex(line, []byte(eventIDKey+`"`))
	if i < 0 || !bytes.HasSuffix(line, []byte("}\n")) {
		return ""
	}
	id, _, _ := bytes.Cut(line[i+len(eventIDKey)+1:], []byte(`"`))
	return string(id)
}
