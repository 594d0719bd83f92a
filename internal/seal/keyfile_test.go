package seal

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An install is a key file and a store that holds one keyring and one value.
type install struct {
	file            KeyFile
	wrapped, sealed []byte
}

func newInstall(t *testing.T) *install {
	t.Helper()
	in := &install{file: KeyFile(filepath.Join(t.TempDir(), "master.key"))}
	m, err := in.file.Ensure()
	if err != nil {
		t.Fatal(err)
	}
	k := newKeyring(t)
	in.wrapped, in.sealed = wrap(t, k, m), mustSeal(t, k, secret)
	return in
}

func (in *install) commit(from, to *Master) error {
	wrapped, err := Rewrap(in.wrapped, from, to)
	if err == nil {
		in.wrapped = wrapped
	}
	return err
}

// start is what a node does when it comes up.
func (in *install) start(t *testing.T) {
	t.Helper()
	k, err := in.file.Open(in.wrapped)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Open(in.sealed, place); err != nil || !bytes.Equal(got, secret) {
		t.Fatalf("%q, %v", got, err)
	}
}

// crash runs f, which panics where the power fails.
func crash(f func()) {
	defer func() { recover() }()
	f()
}

func (in *install) has(t *testing.T, f KeyFile) bool {
	t.Helper()
	_, err := os.Stat(string(f))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return err == nil
}

func TestRotate(t *testing.T) {
	in := newInstall(t)
	for range 3 {
		old, _ := in.file.Read()
		m, err := in.file.Rotate(in.commit)
		if err != nil {
			t.Fatal(err)
		}
		now, err := in.file.Read()
		if err != nil || now.ID() != m.ID() || m.ID() == old.ID() || in.has(t, in.file.Next()) {
			t.Errorf("rotated from %v to %v, file has %v, %v", old, m, now, err)
		}
		if _, err := OpenKeyring(in.wrapped, old); !errors.Is(err, ErrWrongMaster) {
			t.Errorf("the old key: %v", err)
		}
		in.start(t)
	}
}

// Each case leaves things as a crash would at one point of Rotate. Whatever it
// is, the node starts, and a rotation begun anew succeeds.
func TestCrashes(t *testing.T) {
	for name, crashed := range map[string]func(t *testing.T, in *install){
		"new key made, not committed": func(t *testing.T, in *install) {
			crash(func() { in.file.Rotate(func(_, _ *Master) error { panic("power") }) })
		},
		"commit refused": func(t *testing.T, in *install) {
			_, err := in.file.Rotate(func(_, _ *Master) error { return errors.New("no quorum") })
			if err == nil || err.Error() != "no quorum" {
				t.Error(err)
			}
		},
		"committed, outcome unknown": func(t *testing.T, in *install) {
			in.file.Rotate(func(from, to *Master) error { return errors.Join(in.commit(from, to), errors.New("unknown")) })
		},
		"committed, not renamed": func(t *testing.T, in *install) {
			crash(func() { in.file.Rotate(func(from, to *Master) error { in.commit(from, to); panic("power") }) })
		},
		"committed, then the old file was lost": func(t *testing.T, in *install) {
			crash(func() { in.file.Rotate(func(from, to *Master) error { in.commit(from, to); panic("power") }) })
			os.Remove(string(in.file))
		},
		"renamed": func(t *testing.T, in *install) {
			if _, err := in.file.Rotate(in.commit); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := newInstall(t)
			crashed(t, in)
			in.start(t)
			in.start(t)
			if _, err := in.file.Rotate(in.commit); err != nil {
				t.Fatal(err)
			}
			in.start(t)
			if in.has(t, in.file.Next()) {
				t.Error("a key is still waiting")
			}
		})
	}
}

func TestCrashWhileMakingTheNewKey(t *testing.T) {
	for _, part := range []string{"", NewMasterText()[:30]} {
		in := newInstall(t)
		write(t, in.file.Next(), part, 0o600)
		in.start(t)
		if _, err := in.file.Rotate(in.commit); !errors.Is(err, ErrNotMaster) || !strings.Contains(err.Error(), ".next") {
			t.Errorf("rotating over %q: %v", part, err)
		}
		in.start(t)
	}
}

// A restart during a rotation must not cost the key that other nodes wait for.
func TestWaitingKeyIsKept(t *testing.T) {
	in := newInstall(t)
	text := NewMasterText()
	write(t, in.file.Next(), text, 0o600)
	in.start(t)
	want, _ := ParseMaster(text)
	// Another node commits.
	old, _ := in.file.Read()
	if err := in.commit(old, want); err != nil {
		t.Fatal(err)
	}
	in.start(t)
	if got, err := in.file.Read(); err != nil || got.ID() != want.ID() {
		t.Errorf("the file has %v, %v; want %v", got, err, want)
	}
}

func TestOpenInAFolderThatCannotBeWritten(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write anywhere")
	}
	in := newInstall(t)
	crash(func() { in.file.Rotate(func(from, to *Master) error { in.commit(from, to); panic("power") }) })
	dir := filepath.Dir(string(in.file))
	os.Chmod(dir, 0o500)
	defer os.Chmod(dir, 0o700)
	in.start(t)
}

func TestRotateRefusesTheSameKey(t *testing.T) {
	in := newInstall(t)
	text, _ := os.ReadFile(string(in.file))
	write(t, in.file.Next(), string(text), 0o600)
	if _, err := in.file.Rotate(in.commit); err == nil || !strings.Contains(err.Error(), "same key") {
		t.Error(err)
	}
}

func TestWrongFile(t *testing.T) {
	in := newInstall(t)
	other := newInstall(t)
	if _, err := other.file.Open(in.wrapped); !errors.Is(err, ErrWrongMaster) || !strings.Contains(err.Error(), string(other.file)) {
		t.Error(err)
	}
	write(t, other.file.Next(), NewMasterText(), 0o600)
	_, err := other.file.Open(in.wrapped)
	if !errors.Is(err, ErrWrongMaster) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), ".next") {
		t.Errorf("two wrong keys: %v", err)
	}
	missing := KeyFile(filepath.Join(t.TempDir(), "none"))
	if _, err := missing.Open(in.wrapped); !errors.Is(err, fs.ErrNotExist) || in.has(t, missing) {
		t.Error(err)
	}
	if _, err := missing.Rotate(in.commit); !errors.Is(err, fs.ErrNotExist) || in.has(t, missing.Next()) {
		t.Error(err)
	}
}

func TestEnsure(t *testing.T) {
	f := KeyFile(filepath.Join(t.TempDir(), "master.key"))
	made, err := f.Ensure()
	if err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(string(f)); info.Mode().Perm() != 0o600 {
		t.Error(info.Mode())
	}
	if text, _ := os.ReadFile(string(f)); !bytes.HasPrefix(text, []byte(MasterPrefix)) || bytes.Count(text, []byte("\n")) != 1 {
		t.Error("the file is not one line that says what it is")
	}
	if again, err := f.Ensure(); err != nil || again.ID() != made.ID() {
		t.Error(again, err)
	}
	if _, err := KeyFile("/nowhere/at/all").Ensure(); err == nil || strings.Count(err.Error(), "/nowhere") != 1 {
		t.Error(err)
	}
}

func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"empty":    {"", 0o600, "not a master key"},
		"short":    {MasterPrefix + "c2hvcnQ=", 0o600, "not a master key"},
		"long":     {NewMasterText() + strings.Repeat("\n", 2000), 0o600, "not a master key"},
		"group":    {NewMasterText(), 0o640, "mode 0640"},
		"everyone": {NewMasterText(), 0o604, "mode 0604"},
		"readonly": {NewMasterText(), 0o400, ""},
	} {
		f := KeyFile(filepath.Join(dir, name))
		write(t, f, c.text, c.mode)
		_, err := f.Read()
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), string(f)) ||
			strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "c2hvcnQ") {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
	if _, err := KeyFile(dir).Read(); err == nil {
		t.Error("a folder was read")
	}
}

func write(t *testing.T, f KeyFile, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(string(f), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(string(f), mode); err != nil {
		t.Fatal(err)
	}
}
