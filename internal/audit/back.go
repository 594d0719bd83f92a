package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// ErrPlace reports a place that Back can't have returned.
var ErrPlace = errors.New("audit: no such place")

// Past reads what Files has kept, newest first. It knows nothing but the files, so that
// it costs nothing to write them, and there is nothing to lose.
type Past struct{ dir string }

// PastIn is the past in a folder of Files.
func PastIn(dir string) *Past { return &Past{dir} }

// late is how long after its time a record may reach its file: far more than it takes
// while the sink works.
const late = 10 * time.Minute

// Back calls fn with each record before a place, newest first, as Read does, until it
// returns false: the record is then left for the next time, which begins at the place
// that Back returns. "" as a place is the end, and as a result says that there is
// nothing more. Of the records that are newer than until most are left out.
//
// The order is that in which records arrived, which differs from that of their times by
// a second or so.
func (p *Past) Back(before string, until time.Time, fn func(line []byte) bool) (next string, err error) {
	from, err := parsePlace(before)
	if err != nil {
		return "", err
	}
	files, err := list(p.dir)
	if err != nil {
		return "", fmt.Errorf("reading the audit folder: %w", err)
	}
	for _, f := range slices.Backward(files) {
		if before != "" && f.seq > from.seq || f.begun.After(until.Add(late)) {
			continue
		}
		end := int64(-1)
		if before != "" && f.seq == from.seq {
			end = from.offset
		}
		left, err := p.fileBack(f.name, end, fn)
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed since
		}
		if err != nil {
			return "", fmt.Errorf("reading %s: %w", f.name, err)
		}
		if left >= 0 {
			return place{f.seq, left}.String(), nil
		}
	}
	return "", nil
}

// fileBack reads the lines of a file that end by end, or all for -1. It returns where
// the line ends that fn left, or -1.
func (p *Past) fileBack(name string, end int64, fn func([]byte) bool) (left int64, err error) {
	f, err := os.Open(filepath.Join(p.dir, name))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	whole, err := lastLine(f, info.Size())
	if err != nil {
		return 0, err
	}
	if end < 0 || end > whole {
		end = whole
	}
	return linesBack(f, end, fn)
}

// backBlock is how much linesBack reads at once: more than the longest line.
const backBlock = 256 << 10

// linesBack calls fn with the lines before end, where one ends, from the last to the
// first, until it returns false. It returns where the line ends that fn left, or -1.
func linesBack(r io.ReaderAt, end int64, fn func(line []byte) bool) (left int64, err error) {
	var b []byte // the lines before end that are read
	for start := end; end > 0; {
		i := bytes.LastIndexByte(b[:max(len(b)-1, 0)], '\n')
		if i < 0 && start > 0 {
			if len(b) > backBlock {
				return 0, errors.New("a line that is no record")
			}
			n := min(start, backBlock)
			more := make([]byte, int(n)+len(b))
			if _, err := r.ReadAt(more[:n], start-n); err != nil {
				return 0, err
			}
			copy(more[n:], b)
			b, start = more, start-n
			continue
		}
		if !fn(b[i+1 : len(b)-1]) {
			return end, nil
		}
		b = b[:i+1]
		end = start + int64(len(b))
	}
	return -1, nil
}

// place is where a line ends: in which file, and at which byte.
type place struct {
	seq    int
	offset int64
}

func (p place) String() string { return fmt.Sprintf("%d.%d", p.seq, p.offset) }

func parsePlace(s string) (p place, err error) {
	if s == "" {
		return place{}, nil
	}
	if _, err := fmt.Sscanf(s, "%d.%d", &p.seq, &p.offset); err != nil || p.String() != s || p.seq < 0 || p.offset < 0 {
		return place{}, ErrPlace
	}
	return p, nil
}
