package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// FileConfig says where and how Files keeps records. Dir is needed.
type FileConfig struct {
	Dir string // made if absent, for its owner only; no other process writes there

	// A new file is begun before the current one would grow over MaxSize bytes
	// (64 MiB if zero) and when it is older than MaxAge (24 hours if zero). A
	// quiet file is replaced with the next record, not before.
	MaxSize int64
	MaxAge  time.Duration

	// The oldest files are removed, whenever a new one is begun, until at most
	// KeepFiles files and KeepBytes bytes remain. Zero keeps everything.
	KeepFiles int
	KeepBytes int64

	Now func() time.Time
}

// Files is a Sink of JSON lines in files, named by when they were begun and
// numbered: iamd-audit-20261122T101500Z-0001.jsonl. Every line is whole: what a
// crash or a full disk leaves of another is removed.
type Files struct {
	c      FileConfig
	create func(path string) (file, error)

	// oneSync is held while a synced write is under way, so that there is one at
	// a time. It is taken before mu.
	oneSync sync.Mutex

	mu     sync.Mutex // guards the rest
	f      file       // the current file
	inSync file       // the file that a synced write went to, until it is synced
	begun  time.Time
	seq    int   // of the newest file
	size   int64 // of the lines in f
	torn   bool  // f is longer than size
	failed bool  // f did not sync, so nothing in it can be promised any more
	closed bool
}

// file is what Files needs of an os.File.
type file interface {
	Write([]byte) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// OpenFiles goes on with the newest file in the folder, or begins the first.
func OpenFiles(c FileConfig) (*Files, error) {
	if c.MaxSize == 0 {
		c.MaxSize = 64 << 20
	}
	if c.MaxAge == 0 {
		c.MaxAge = 24 * time.Hour
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("opening the audit folder: %w", err)
	}
	s := &Files{c: c, create: createFile}
	if err := s.resume(); err != nil {
		return nil, fmt.Errorf("opening the audit folder: %w", err)
	}
	return s, nil
}

// resume makes the newest file the current one.
func (s *Files) resume() error {
	names, err := list(s.c.Dir)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return s.begin()
	}
	last := names[len(names)-1]
	f, err := os.OpenFile(filepath.Join(s.c.Dir, last.name), os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	size, err := repair(f)
	if err != nil {
		f.Close()
		return fmt.Errorf("repairing %s: %w", last.name, err)
	}
	s.f, s.size, s.seq, s.begun = f, size, last.seq, last.begun
	return nil
}

// Write adds lines to the current file, or to a new one when that is full or old.
func (s *Files) Write(_ context.Context, lines []byte, _ int, sync bool) error {
	if !sync {
		return s.write(lines, sync)
	}
	s.oneSync.Lock()
	defer s.oneSync.Unlock()
	if err := s.write(lines, sync); err != nil {
		return err
	}
	return s.sync()
}

func (s *Files) write(lines []byte, sync bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return fs.ErrClosed
	}
	if err := s.ready(int64(len(lines))); err != nil {
		return fmt.Errorf("readying the audit file: %w", err)
	}
	n, err := s.f.Write(lines)
	if err != nil {
		s.torn = n > 0
		return fmt.Errorf("writing audit records: %w", errors.Join(err, s.mend()))
	}
	s.size += int64(n)
	if sync {
		s.inSync = s.f
	}
	return nil
}

// sync syncs the file of the last synced write. It does so without mu, so that
// other writes go on; one of them may have begun a new file since.
func (s *Files) sync() error {
	f := s.inSync // only changed with oneSync held
	err := f.Sync()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inSync = nil
	if s.f != f {
		f.Close()
	} else if err != nil {
		s.failed = true
	}
	if err != nil {
		return fmt.Errorf("syncing audit records: %w", err)
	}
	return nil
}

// ready sees to it that there is a whole file with room for more bytes.
func (s *Files) ready(more int64) error {
	if s.failed {
		return s.begin()
	}
	if err := s.mend(); err != nil {
		return err
	}
	full := s.size+more > s.c.MaxSize
	old := s.c.Now().Sub(s.begun) >= s.c.MaxAge
	if s.size > 0 && (full || old) {
		return s.begin()
	}
	return nil
}

// mend takes off what a failed write left of its lines.
func (s *Files) mend() error {
	if !s.torn {
		return nil
	}
	if err := s.f.Truncate(s.size); err != nil {
		return err
	}
	s.torn = false
	return nil
}

// begin replaces the current file with a new one.
func (s *Files) begin() error {
	now := s.c.Now().UTC().Truncate(time.Second)
	f, err := s.create(filepath.Join(s.c.Dir, fileName(now, s.seq+1)))
	if err != nil {
		return err
	}
	if s.f != nil && s.f != s.inSync {
		s.f.Close() // unsynced: what had to be synced is
	}
	s.f, s.begun, s.size, s.torn, s.failed = f, now, 0, false, false
	s.seq++
	retain(s.c.Dir, s.c.KeepFiles, s.c.KeepBytes)
	return nil
}

// Close syncs and closes the current file.
func (s *Files) Close() error {
	s.oneSync.Lock()
	defer s.oneSync.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return errors.Join(s.mend(), s.f.Sync(), s.f.Close())
}
