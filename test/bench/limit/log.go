package limit

import (
	"os"
	"runtime"
	"syscall"
)

// A Log is a file that records are appended to, durably: all that wait are written at once, with one
// sync and no delay added. No store that shares syncs among its writers is faster.
type Log struct {
	file    *os.File
	waiting chan entry
}

type entry struct {
	record []byte
	done   chan error
}

// OpenLog makes a log, with space reserved for a few minutes of it.
func OpenLog(path string) (*Log, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := reserve(f, 64<<20); err != nil {
		return nil, err
	}
	l := &Log{file: f, waiting: make(chan entry, 4096)}
	go l.write()
	return l, nil
}

// Append returns when the record is durable.
func (l *Log) Append(record []byte) error {
	done := make(chan error, 1)
	l.waiting <- entry{record, done}
	return <-done
}

// Close ends the log; no Append may be running.
func (l *Log) Close() error {
	close(l.waiting)
	return l.file.Close()
}

func (l *Log) write() {
	var group []entry
	var buf []byte
	for e := range l.waiting {
		runtime.Gosched() // lets those woken by the last group queue up
		group = append(group[:0], e)
		for n := len(l.waiting); n > 0; n-- {
			group = append(group, <-l.waiting)
		}
		buf = buf[:0]
		for _, e := range group {
			buf = append(buf, e.record...)
		}
		_, err := l.file.Write(buf)
		if err == nil {
			err = syscall.Fdatasync(int(l.file.Fd()))
		}
		for _, e := range group {
			e.done <- err
		}
	}
}
