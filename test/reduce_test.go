package test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/test/plain"
)

// reducing is how long to look for fewer moves.
const reducing = 2 * time.Minute

// reduce replays what failed in new accounts, without half of it, a quarter and so on
// down to single moves, for as long as it still fails. It returns the last failure;
// was, if that does not happen again.
func (g *game) reduce(t *testing.T, m *machine, was error) error {
	t.Helper()
	t.Logf("%d moves fail; trying fewer", len(m.history))
	g.s = m.s
	deadline := time.Now().Add(reducing)
	for size := len(m.history); size > 0; size /= 2 {
		for at := 0; at+size <= len(m.history) && time.Now().Before(deadline); {
			fewer, err := g.replay(t, m, at, size)
			if err == nil {
				at += size
				continue
			}
			m, was = fewer, err
		}
	}
	return was
}

// replay does what m did, but for some moves, in a new account.
func (g *game) replay(t *testing.T, m *machine, at, size int) (*machine, error) {
	t.Helper()
	again := g.machine(t)
	defer func() { g.s = again.s }()
	now := map[string]string{m.state.Account: again.state.Account}
	for i, mv := range m.history {
		if at <= i && i < at+size {
			continue
		}
		if mv.signer != "" && now[mv.signer] == "" {
			continue
		}
		if err := again.do(t, mv.translate(now)); err != nil {
			return again, err
		}
		chosen := again.history[len(again.history)-1].chosen
		if mv.chosen.ID != "" && chosen.ID != "" {
			now[mv.chosen.ID] = chosen.ID
		}
		if mv.chosen.Marker != "" && chosen.Marker != "" {
			now[mv.chosen.Marker] = chosen.Marker
		}
	}
	return again, nil
}

// translate puts what the server has chosen now in the place of what it had chosen.
// A marker that no listing has returned now is left out.
func (mv move) translate(now map[string]string) move {
	if mv.signer != "" {
		mv.signer = now[mv.signer]
	}
	in := plain.Params{}
	for name, value := range mv.call.In {
		s, isText := value.(string)
		switch {
		case name == "Marker" && s != noMarker:
			if at, ok := now[s]; ok {
				in[name] = at
			}
		case isText:
			in[name] = replaceAll(s, now)
		default:
			in[name] = value
		}
	}
	mv.call.In, mv.chosen = in, plain.Chosen{}
	return mv
}

func replaceAll(s string, now map[string]string) string {
	for _, old := range slices.Sorted(maps.Keys(now)) {
		if len(old) >= 12 { // an account or an ID, not a short marker
			s = strings.ReplaceAll(s, old, now[old])
		}
	}
	return s
}
