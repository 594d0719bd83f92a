package runbook

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/seal"
)

// A Journal is what a run has done, on disk before it goes on. It is a file that its owner
// alone may read, and what steps were given and replied, secrets among it, is sealed under a
// key of the run's own, which a key in another file of the same folder wraps: a journal that
// gets lost or copied says nothing.
//
//	NAME-RUN.journal   {"runbook":…,"digest":…,"run":…,"keyring":…}     a line of JSON
//	                   sealed [sealed…]                                a line for each entry
//	journal.key        the key that wraps the keyrings
//
// A line that has no end was being written when the run was killed, and counts for nothing.
// A Journal is removed when its run comes to an end of its own. It is for one goroutine.
type Journal struct {
	header  header
	path    string
	file    *os.File
	keyring *seal.Keyring
	lines   int

	begun   *entry
	done    map[string]*entry // of steps, by key
	started map[string]bool   // steps that change something and may have done so
	failed  *entry
}

type header struct {
	Runbook string `json:"runbook"`
	Digest  string `json:"digest"` // of the runbook's text
	Run     string `json:"run"`
	Keyring []byte `json:"keyring"`
}

// An entry is one line of a journal.
type entry struct {
	Kind    string         `json:"kind"` // begin, start, done, fail
	Step    string         `json:"step,omitempty"`
	At      time.Time      `json:"at"`
	Until   time.Time      `json:"until,omitzero"`
	Result  any            `json:"result,omitempty"`
	Inputs  map[string]any `json:"inputs,omitempty"`
	Secrets []string       `json:"secrets,omitempty"`
	Caller  string         `json:"caller,omitempty"`
	Tries   int            `json:"tries,omitempty"`
	Error   string         `json:"error,omitempty"`
	Status  string         `json:"status,omitempty"`
}

const (
	journalEnd = ".journal"
	chunk      = 64 << 10  // of an entry that is sealed at one time
	maxJournal = 256 << 20 // bytes of a file
)

// NewJournal begins the journal of a run in a folder, which is made if there is none.
func NewJournal(folder, runbook, digest string, now time.Time) (*Journal, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	master, err := seal.KeyFile(filepath.Join(folder, "journal.key")).Ensure()
	if err != nil {
		return nil, err
	}
	keyring, err := seal.NewKeyring()
	if err != nil {
		return nil, err
	}
	wrapped, err := keyring.Wrap(master)
	if err != nil {
		return nil, err
	}
	var random [4]byte
	_, _ = rand.Read(random[:]) // never fails
	h := header{Runbook: runbook, Digest: digest, Run: now.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(random[:]), Keyring: wrapped}
	path := filepath.Join(folder, runbook+"-"+h.Run+journalEnd)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	j := &Journal{header: h, path: path, file: file, keyring: keyring, done: map[string]*entry{}, started: map[string]bool{}}
	line, err := json.Marshal(h)
	if err == nil {
		err = errors.Join(lock(file), j.append(string(line)), syncFolder(folder))
	}
	if err != nil {
		return nil, errors.Join(err, file.Close(), os.Remove(path))
	}
	return j, nil
}

// Unfinished names the runs of a runbook whose journals are in a folder, the oldest first.
func Unfinished(folder, runbook string) ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(escapeGlob(folder), runbook+"-[0-9]*T[0-9]*Z-*"+journalEnd))
	if err != nil {
		return nil, err
	}
	runs := make([]string, len(paths))
	for i, p := range paths {
		runs[i] = strings.TrimSuffix(strings.TrimPrefix(filepath.Base(p), runbook+"-"), journalEnd)
	}
	return runs, nil
}

func escapeGlob(folder string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(folder)
}

// OpenJournal opens the journal of a run that was cut short. It refuses one of a runbook
// whose text has changed since, and one whose run is still going on.
func OpenJournal(folder, runbook, digest, run string) (*Journal, error) {
	path := filepath.Join(folder, runbook+"-"+filepath.Base(run)+journalEnd)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return nil, err
	}
	j := &Journal{path: path, file: file, done: map[string]*entry{}, started: map[string]bool{}}
	if err = lock(file); err == nil {
		err = j.read(folder)
	}
	if err == nil && (j.header.Digest != digest || j.header.Runbook != runbook) {
		err = errors.New("the runbook has changed since the run began")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("run %s: %w", run, err), file.Close())
	}
	return j, nil
}

// read reads the whole lines and cuts off one that is not whole.
func (j *Journal) read(folder string) error {
	r := bufio.NewReader(io.LimitReader(j.file, maxJournal))
	var size int64
	for {
		line, err := r.ReadString('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := j.line(folder, strings.TrimSuffix(line, "\n")); err != nil {
			return err
		}
		size += int64(len(line))
		j.lines++
	}
	if j.begun == nil {
		return errors.New("it had not begun: remove " + j.path)
	}
	return j.file.Truncate(size)
}

func (j *Journal) line(folder, line string) error {
	if j.lines == 0 {
		if err := json.Unmarshal([]byte(line), &j.header); err != nil {
			return errors.New("this is no journal")
		}
		master, err := seal.KeyFile(filepath.Join(folder, "journal.key")).Read()
		if err != nil {
			return err
		}
		j.keyring, err = seal.OpenKeyring(j.header.Keyring, master)
		return err
	}
	var text []byte
	for i, part := range strings.Fields(line) {
		sealed, err := base64.StdEncoding.DecodeString(part)
		if err != nil {
			return seal.ErrDamaged
		}
		plain, err := j.keyring.Open(sealed, j.place(i))
		if err != nil {
			return err
		}
		text = append(text, plain...)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	e := &entry{}
	if err := d.Decode(e); err != nil {
		return seal.ErrDamaged
	}
	e.Result, e.Inputs = plainNumbers(e.Result), plainNumbers(e.Inputs).(map[string]any)
	j.note(e)
	return nil
}

// plainNumbers makes of numbers what they were before they were written.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return int(i)
		}
		f, _ := v.Float64() // it was one
		return f
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = plainNumbers(v[key])
		}
	}
	return v
}

// place binds a sealed part to its line.
func (j *Journal) place(part int) string {
	return fmt.Sprintf("runbook/%s/%d/%d", j.header.Run, j.lines, part)
}

func (j *Journal) note(e *entry) {
	switch e.Kind {
	case "begin":
		j.begun = e
	case "start":
		j.started[e.Step] = true
	case "done":
		j.done[e.Step] = e
	case "fail":
		j.failed = e
	}
}

// write puts an entry on disk. When it returns, a crash does not lose it.
func (j *Journal) write(e *entry) error {
	if j == nil { // a dry run has none
		return nil
	}
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	var parts []string
	for i := 0; len(text) > 0; i++ {
		n := min(chunk, len(text))
		sealed, err := j.keyring.Seal(text[:n], j.place(i))
		if err != nil {
			return err
		}
		parts, text = append(parts, base64.StdEncoding.EncodeToString(sealed)), text[n:]
	}
	j.note(e)
	return j.append(strings.Join(parts, " "))
}

func (j *Journal) append(line string) error {
	if _, err := j.file.WriteString(line + "\n"); err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	j.lines++
	return nil
}

// Close closes the journal, and removes it if its run is over.
func (j *Journal) Close(over bool) error {
	var err error
	if over {
		err = os.Remove(j.path)
	}
	return errors.Join(err, j.file.Close())
}

// Run is the run's name.
func (j *Journal) Run() string { return j.header.Run }

func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
