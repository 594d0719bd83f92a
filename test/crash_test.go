package test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// The load of the tests that have one.
const (
	writers     = 8
	callsAtMost = 150 // acknowledged before a kill, in one round
)

// TestCrash kills the server in the middle of a write load, again and again, and
// checks after each restart that every acknowledged change is there, that no
// change is there by half, and that access keys sign as they should.
//
// CRASH_ROUNDS is how often (5 times if not set), and CRASH_SEED repeats the
// choices of a run that failed; how calls fall together is never the same.
func TestCrash(t *testing.T) {
	rounds, seed := setting(t, "CRASH_ROUNDS", 5), setting(t, "CRASH_SEED", rand.Uint64())
	t.Logf("CRASH_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	load := newLoad(writers, seed)

	s := start(t, busy())
	root := s.root(t)
	for round := range rounds {
		calls := random.IntN(callsAtMost)
		load.begin(t, s.iam(root))
		load.await(calls)
		s.kill(t)
		load.end()
		t.Logf("round %d: killed after %d calls", round, calls)

		s = start(t, busy(), onData(s.data))
		mustHold(t, s, root, load)
		doctor(t, s.data, load)
	}

	s.stop(t)
	doctor(t, s.data, load)
	checkTrail(t, s.data, load)
	t.Logf("%d rounds: %d calls acknowledged, %d more found done after a crash", rounds, load.acked, load.settledCalls())
}

// TestCrashAtFirstStart kills the server while it makes its data folder, as each
// of the folder's files appears. The next start must make of it what the first
// one would have: a server whose root key is the one in the credentials file.
func TestCrashAtFirstStart(t *testing.T) {
	for _, file := range []string{"", "store", "store/FORMAT", "master.key", "credentials", "audit", "config", "control.sock"} {
		t.Run("at "+file, func(t *testing.T) {
			s := launch(t)
			for !exists(filepath.Join(s.data, file)) && !s.gone() {
				runtime.Gosched()
			}
			s.kill(t)
			s = start(t, onData(s.data))
			root := s.root(t)
			if err := mustBe(t.Context(), s.sts(root), root.ID, "123456789012"); err != nil {
				t.Error(err)
			}
			s.stop(t)
			doctor(t, s.data, newLoad(0, 0))
		})
	}
}

// TestCrashInBackup kills the server while it makes a backup. That is there whole
// or not at all, and the next one can be made.
func TestCrashInBackup(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "backup")
	s := start(t, busy())
	root := s.root(t)
	load := newLoad(writers, 6)
	atLeast := crashDuring(t, s, load, "store/checkpoint", "backup", dir)

	s = start(t, busy(), onData(s.data))
	mustHold(t, s, root, load)
	doctor(t, s.data, load)
	if exists(filepath.Join(s.data, "store/checkpoint")) {
		t.Error("what was left of the backup was not removed")
	}
	if !exists(dir) { // else the crash came too late to spoil it
		mustRun(t, iamd(t, "backup", dir, "--data", s.data))
	}
	r := start(t, busy(), restore(t, dir, s.data))
	if err := load.snapshot(t.Context(), r.iam(root), atLeast); err != nil {
		t.Error(err)
	}
}

// TestCrashInRotation kills the server while it replaces the master key. It
// starts again with the old one or the new one, and can replace it again.
func TestCrashInRotation(t *testing.T) {
	s := start(t, busy())
	root := s.root(t)
	load := newLoad(writers, 7)
	for range 3 {
		crashDuring(t, s, load, "master.key.next", "master-key", "rotate")
		s = start(t, busy(), onData(s.data))
		mustHold(t, s, root, load)
		doctor(t, s.data, load)
	}
	mustRun(t, iamd(t, "master-key", "rotate", "--data", s.data))
	mustHold(t, s, root, load)
	doctor(t, s.data, load)
}

// crashDuring kills the server, under load, in the middle of what a command had
// it do: when a file that the work begins with is there. It returns how many calls
// of each client were acknowledged before the command.
func crashDuring(t *testing.T, s *server, l *load, file string, args ...string) (acknowledged []int) {
	t.Helper()
	l.begin(t, s.iam(s.root(t)))
	l.await(50)
	acknowledged = l.lengths()
	command := exec.CommandContext(t.Context(), binary, append(args, "--data", s.data)...)
	command.Env = cleanEnv(t)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = command.Run() // its server is killed: it may fail
	}()
	for !exists(filepath.Join(s.data, file)) && !closed(ended) {
		runtime.Gosched()
	}
	s.kill(t)
	l.end()
	<-ended
	return acknowledged
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// setting is a number from the environment.
func setting[N int | uint64](t *testing.T, name string, otherwise N) N {
	t.Helper()
	text, ok := os.LookupEnv(name)
	if !ok {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return N(n)
}

// busy keeps a connection open for each writer.
func busy() option { return withTransport(&http.Transport{MaxIdleConnsPerHost: writers}) }

// doctor runs iamd doctor, which must find the load's users and keys, with the
// root's, and no problem.
func doctor(t *testing.T, folder string, l *load, flags ...string) {
	t.Helper()
	users, keys := l.counts()
	want := fmt.Sprintf("1 accounts, %d users, %d access keys; 0 problems\n", users, keys+1)
	got := iamd(t, append([]string{"doctor", "--data", folder}, flags...)...)
	if got.code != 0 || got.stdout != want {
		t.Fatalf("iamd doctor: got exit code %d and\n%s%s\nwant %s", got.code, got.stdout, got.stderr, want)
	}
}

// event is what this test reads of an audit record.
type event struct {
	EventName, RequestID, ErrorCode string
	ReadOnly                        bool
	RequestParameters               struct{ UserName string }
}

// checkTrail checks that the audit records of the clients' changes are those of
// the changes that have happened: none is missing, and none is of another call.
func checkTrail(t *testing.T, folder string, l *load) {
	t.Helper()
	recorded := make([]map[string]string, len(l.clients)) // operation by request ID
	for i := range recorded {
		recorded[i] = map[string]string{}
	}
	for _, e := range readTrail(t, folder) {
		for i, c := range l.clients {
			if !e.ReadOnly && e.ErrorCode == "" && strings.HasPrefix(strings.ToLower(e.RequestParameters.UserName), c.prefix+"-") {
				recorded[i][e.RequestID] = e.EventName
			}
		}
	}
	for i, c := range l.clients {
		for _, ch := range c.changes {
			if ch.requestID != "" && recorded[i][ch.requestID] != ch.op {
				t.Errorf("%v, request %s: the audit record is of %q", ch, ch.requestID, recorded[i][ch.requestID])
			}
		}
		// Changes whose replies were lost have a request ID that nobody was told.
		if got, want := len(recorded[i]), len(c.changes); got != want {
			t.Errorf("client %s: %d changes have audit records, and %d have happened", c.prefix, got, want)
		}
	}
}

// readTrail reads all audit records of a data folder.
func readTrail(t *testing.T, folder string) []event {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "audit", "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no audit files in %s (%v)", folder, err)
	}
	var events []event
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			var e event
			if err := json.Unmarshal([]byte(line), &e); err != nil || !strings.HasSuffix(line, "\n") {
				t.Fatalf("%s: %v in the line\n%s", filepath.Base(name), err, line)
			}
			events = append(events, e)
		}
	}
	return events
}
