package audit

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// listed is an audit file in a folder.
type listed struct {
	name  string
	begun time.Time
	seq   int
}

const (
	fileStart = "iamd-audit-"
	fileEnd   = ".jsonl"
	fileTime  = "20060102T150405Z"
)

func fileName(begun time.Time, seq int) string {
	return fmt.Sprintf("%s%s-%04d%s", fileStart, begun.Format(fileTime), seq, fileEnd)
}

func parseFileName(name string) (listed, bool) {
	s, ok1 := strings.CutPrefix(name, fileStart)
	s, ok2 := strings.CutSuffix(s, fileEnd)
	day, number, ok3 := strings.Cut(s, "-")
	begun, err1 := time.Parse(fileTime, day)
	seq, err2 := strconv.Atoi(number)
	return listed{name, begun, seq}, ok1 && ok2 && ok3 && err1 == nil && err2 == nil
}

// list returns the audit files of a folder, oldest first. Their numbers order
// them: a clock may have been set back.
func list(dir string) ([]listed, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []listed
	for _, e := range entries {
		if f, ok := parseFileName(e.Name()); ok {
			files = append(files, f)
		}
	}
	slices.SortFunc(files, func(a, b listed) int { return cmp.Compare(a.seq, b.seq) })
	return files, nil
}

// createFile makes a new file and its name in the folder durable.
func createFile(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err == nil {
		err = dir.Sync()
		dir.Close()
	}
	if err != nil {
		f.Close()
		os.Remove(path)
		return nil, err
	}
	return f, nil
}

// repair makes a file end in a whole line, and returns its size then. A last
// line without a newline gets one if it is whole but for that, and is removed
// otherwise: the request it was about had no answer, or its record is in the
// outbox still.
func repair(f *os.File) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	start, err := lastLine(f, info.Size())
	if err != nil || start == info.Size() {
		return start, err
	}
	rest := make([]byte, info.Size()-start)
	if _, err := f.ReadAt(rest, start); err != nil {
		return 0, err
	}
	if json.Valid(rest) {
		_, err := f.Write([]byte{'\n'})
		return info.Size() + 1, err
	}
	return start, f.Truncate(start)
}

// lastLine is where the bytes after the last newline begin.
func lastLine(r io.ReaderAt, size int64) (int64, error) {
	block := make([]byte, 4<<10)
	for end := size; end > 0; {
		start := max(end-int64(len(block)), 0)
		b := block[:end-start]
		if _, err := r.ReadAt(b, start); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
			return start + int64(i) + 1, nil
		}
		end = start
	}
	return 0, nil
}

// retain removes the oldest files over either limit, but never the newest. What
// cannot be removed stays: that is no reason to refuse a request.
func retain(dir string, maxFiles int, maxBytes int64) {
	files, err := list(dir)
	if err != nil {
		return
	}
	var total int64
	for i, f := range slices.Backward(files) {
		if info, err := os.Stat(filepath.Join(dir, f.name)); err == nil {
			total += info.Size()
		}
		n := len(files) - i
		if n > 1 && (maxFiles > 0 && n > maxFiles || maxBytes > 0 && total > maxBytes) {
			os.Remove(filepath.Join(dir, f.name))
		}
	}
}
