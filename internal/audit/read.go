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

// recentBytes is how much of the newest files RecentIDs looks at: what a drain's
// round and the appends between its write and its deletions may come to.
const recentBytes = 16 << 20

// RecentIDs returns the event IDs at the end of a folder of Files, for
// DrainConfig.Written after a crash.
func RecentIDs(dir string) (map[string]bool, error) {
	files, err := list(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the audit folder: %w", err)
	}
	ids := make(map[string]bool)
	left := int64(recentBytes)
	for _, f := range slices.Backward(files) {
		if left <= 0 {
			break
		}
		b, err := tail(filepath.Join(dir, f.name), left)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", f.name, err)
		}
		left -= int64(len(b))
		for line := range bytes.Lines(b) {
			if id := eventID(line); id != "" {
				ids[id] = true
			}
		}
	}
	return ids, nil
}

// tail reads the last bytes of a file.
func tail(path string, max int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
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
