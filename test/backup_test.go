package test

import (
	"crypto/rand"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBackup takes backups under a write load. Each must restore to the state
// after one commit, with every change that was acknowledged before it began.
func TestBackup(t *testing.T) {
	s := start(t, busy())
	root := s.root(t)
	load := newLoad(writers, 1)
	load.begin(t, s.iam(root))
	type backup struct {
		dir   string
		holds []int // changes of each client, at least
	}
	var backups []backup
	for range 3 {
		load.await(100)
		b := backup{filepath.Join(t.TempDir(), "backup"), load.lengths()}
		mustRun(t, iamd(t, "backup", b.dir, "--data", s.data))
		backups = append(backups, b)
	}
	load.await(100)
	load.end()
	s.stop(t)

	for i, b := range backups {
		restored := restore(t, b.dir, s.data)
		r := start(t, busy(), restored)
		if err := load.snapshot(t.Context(), r.iam(root), b.holds); err != nil {
			t.Errorf("backup %d: %v", i, err)
		}
		r.stop(t)
		mustRun(t, iamd(t, "doctor", "--data", r.data, "--master-key-file", masterKeyFile(s.data)))
	}
}

// TestBackupOfStoppedServer restores all that there was, keys that sign included.
func TestBackupOfStoppedServer(t *testing.T) {
	s := start(t, busy())
	root := s.root(t)
	load := someLoad(t, s, root)
	s.stop(t)

	dir := filepath.Join(t.TempDir(), "backup")
	mustRun(t, iamd(t, "backup", dir, "--data", s.data))
	r := start(t, busy(), restore(t, dir, s.data))
	mustHold(t, r, root, load)
	doctor(t, r.data, load)
	r.stop(t)
	doctor(t, r.data, load, "--master-key-file", masterKeyFile(s.data))
}

// TestBackupRefusals lists what backup, restore and a restored folder refuse, and
// the line that says so.
func TestBackupRefusals(t *testing.T) {
	s := start(t)
	dir := filepath.Join(t.TempDir(), "backup")
	mustRun(t, iamd(t, "backup", dir, "--data", s.data))

	t.Run("backup into a folder with something in it", func(t *testing.T) {
		refused(t, iamd(t, "backup", dir, "--data", s.data), dir+" is not empty")
	})
	t.Run("the same without a server", func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "iamd-data")
		mustRun(t, iamd(t, "restore", dir, "--data", folder))
		refused(t, iamd(t, "backup", dir, "--data", folder, "--master-key-file", masterKeyFile(s.data)), dir+" is not empty")
	})
	t.Run("restore onto a store", func(t *testing.T) {
		refused(t, iamd(t, "restore", dir, "--data", s.data), filepath.Join(s.data, "store")+" is not empty")
	})
	t.Run("restore of what is no backup", func(t *testing.T) {
		refused(t, iamd(t, "restore", s.data, "--data", filepath.Join(t.TempDir(), "iamd-data")), "not an iamd data folder")
	})
	t.Run("restored without the master key", func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "iamd-data")
		mustRun(t, iamd(t, "restore", dir, "--data", folder))
		refusesToStart(t, "master.key: no such file or directory", onData(folder))
		if exists(masterKeyFile(folder)) {
			t.Error("a new master key was made, for data that it cannot open")
		}
	})
	t.Run("restored with another master key", func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "iamd-data")
		mustRun(t, iamd(t, "restore", dir, "--data", folder))
		refusesToStart(t, "the master key does not open this data", onData(folder), withEnv("IAMD_MASTER_KEY="+newMasterKey()))
	})
}

// TestNewerFormat refuses a store of a later version of iamd, or of Pebble, before
// it changes anything in it.
func TestNewerFormat(t *testing.T) {
	s := start(t)
	s.stop(t)
	backup := filepath.Join(t.TempDir(), "backup")
	mustRun(t, iamd(t, "backup", backup, "--data", s.data))

	t.Run("of the store", func(t *testing.T) {
		newer := copyOf(t, backup)
		if err := os.WriteFile(filepath.Join(newer, "FORMAT"), []byte("iamd store 2\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		refuseNewer(t, newer, "was written by a newer iamd: its format is 2, this one knows up to 1")
	})
	t.Run("of Pebble", func(t *testing.T) {
		newer := copyOf(t, backup)
		// Pebble's marker: the file's name holds a counter, then the value.
		if err := os.WriteFile(filepath.Join(newer, "marker.format-version.999999.999"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		refuseNewer(t, newer, "was written by a newer iamd: its Pebble format is 999")
	})
}

// refuseNewer tries a store that is too new in every place that opens one.
func refuseNewer(t *testing.T, newer, line string) {
	t.Helper()
	before := fileNames(t, newer)
	folder := t.TempDir()
	if err := os.Symlink(newer, filepath.Join(folder, "store")); err != nil {
		t.Fatal(err)
	}
	refusesToStart(t, line, onData(folder))
	refused(t, iamd(t, "doctor", "--data", folder), line)
	refused(t, iamd(t, "restore", newer, "--data", filepath.Join(t.TempDir(), "iamd-data")), line)
	if after := fileNames(t, newer); after != before {
		t.Errorf("the store was changed: it had %s, and has %s", before, after)
	}
}

// TestMasterKeyRotation rotates a master key that is in a file, under load.
func TestMasterKeyRotation(t *testing.T) {
	s := start(t, busy())
	root := s.root(t)
	old := copyOfFile(t, masterKeyFile(s.data))

	load := newLoad(writers, 2)
	load.begin(t, s.iam(root))
	for range 3 {
		load.await(60)
		mustRun(t, iamd(t, "master-key", "rotate", "--data", s.data))
	}
	load.await(60)
	load.end()
	mustHold(t, s, root, load)
	doctor(t, s.data, load)
	s.stop(t)

	r := start(t, busy(), onData(s.data))
	mustHold(t, r, root, load)
	r.stop(t)
	mustRun(t, iamd(t, "master-key", "rotate", "--data", s.data)) // without a server
	doctor(t, s.data, load)

	refusesToStart(t, "the master key does not open this data", onData(s.data), withFlags("--master-key-file", old))
	refused(t, iamd(t, "doctor", "--data", s.data, "--master-key-file", old), "the master key does not open this data")
	mustHold(t, start(t, busy(), onData(s.data)), root, load) // it was refused, and nothing else
}

// TestMasterKeyRotationInEnvironment is the same for keys in variables, which
// whoever starts the server has to change.
func TestMasterKeyRotationInEnvironment(t *testing.T) {
	old, next := newMasterKey(), newMasterKey()
	under := func(master string) option { return withEnv("IAMD_MASTER_KEY=" + master) }
	rotate := func(data string, variables ...string) result {
		cmd := exec.CommandContext(t.Context(), binary, "master-key", "rotate", "--data", data)
		return run(t, cmd, append(cleanEnv(t), variables...))
	}

	s := start(t, busy(), under(old))
	if exists(masterKeyFile(s.data)) {
		t.Error("a master key file was made beside the key in the environment")
	}
	root := s.root(t)
	load := newLoad(writers, 3)
	load.begin(t, s.iam(root))
	load.await(60)
	refused(t, rotate(s.data, "IAMD_MASTER_KEY="+old), "give the new one in IAMD_NEW_MASTER_KEY")
	mustRun(t, rotate(s.data, "IAMD_MASTER_KEY="+old, "IAMD_NEW_MASTER_KEY="+next))
	load.await(60)
	load.end()
	mustHold(t, s, root, load)
	doctor(t, s.data, load)
	s.stop(t)

	refusesToStart(t, "the master key does not open this data", onData(s.data), under(old))
	both := start(t, busy(), onData(s.data), under(old), withEnv("IAMD_NEW_MASTER_KEY="+next))
	mustHold(t, both, root, load)
	both.stop(t)
	mustHold(t, start(t, busy(), onData(s.data), under(next)), root, load)
}

// someLoad runs a load for a while, and to its end.
func someLoad(t *testing.T, s *server, root key) *load {
	t.Helper()
	l := newLoad(writers, 4)
	l.begin(t, s.iam(root))
	l.await(100)
	l.end()
	return l
}

// mustHold checks that the server has all the load's users, and that their keys sign.
func mustHold(t *testing.T, s *server, root key, l *load) {
	t.Helper()
	if err := l.settle(t.Context(), s.iam(root)); err != nil {
		t.Fatal(err)
	}
	if err := l.sign(t.Context(), s.sts); err != nil {
		t.Fatal(err)
	}
}

// restore restores a backup of data into a new folder, which is then to be opened
// with the master key of data.
func restore(t *testing.T, backup, data string) option {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "iamd-data")
	mustRun(t, iamd(t, "restore", backup, "--data", folder))
	return func(s *server) {
		onData(folder)(s)
		withFlags("--master-key-file", masterKeyFile(data))(s)
	}
}

func masterKeyFile(data string) string { return filepath.Join(data, "master.key") }

func newMasterKey() string {
	var k [32]byte
	rand.Read(k[:])
	return base64.StdEncoding.EncodeToString(k[:])
}

func mustRun(t *testing.T, r result) {
	t.Helper()
	if r.code != 0 {
		t.Fatalf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
}

// refused demands that a command fails with one line, which has the words of want.
func refused(t *testing.T, r result, want string) {
	t.Helper()
	if r.code != 1 || !strings.Contains(r.stderr, want) || strings.Count(r.stderr, "\n") != 1 {
		t.Errorf("got exit code %d and\n%swant 1 and one line with %q", r.code, r.stderr, want)
	}
}

// refusesToStart is refused for iamd serve.
func refusesToStart(t *testing.T, want string, options ...option) {
	t.Helper()
	s := launch(t, options...)
	code := s.wait(t)
	refused(t, result{code: code, stderr: s.stderr.String()}, want)
}

func copyOf(t *testing.T, folder string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	return to
}

func copyOfFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.WriteFile(to, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}

func fileNames(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}
