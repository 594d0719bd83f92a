package storetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/store"
	"pgregory.net/rapid"
)

// testModel does the same random things to a store and to a plain map, and looks
// for a difference. Views stay open meanwhile, each with a copy of the map as it
// was, and are asked again and again.
func testModel(t *testing.T, r *rig) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &machine{rig: r, rt: rt, model: map[string]string{}}
		m.clear()
		m.seq = r.seq()
		defer m.closeViews()
		rt.Repeat(map[string]func(*rapid.T){
			"update": m.update,
			"view": func(rt *rapid.T) {
				from, to := bounds(rt)
				m.view(func(rd store.Reader) error { return compare(rd, m.model, m.seq, from, to) })
			},
			"open a view": func(rt *rapid.T) {
				if len(m.views) < 5 {
					m.openView()
				}
			},
			"ask the views": func(rt *rapid.T) { m.askViews() },
			"reopen": func(rt *rapid.T) {
				if rapid.IntRange(0, 9).Draw(rt, "seldom") == 0 {
					m.closeViews()
					m.reopen()
				}
			},
		})
		m.askViews()
	})
}

type machine struct {
	*rig
	rt    *rapid.T
	model map[string]string
	seq   uint64
	views []*openView
}

// An openView is a View whose function waits to be asked.
type openView struct {
	ask    chan struct{}
	answer chan error
}

var (
	someKey   = rapid.SampledFrom(strings.Fields("a a/1 a/2 a/2/x a/3 b b/1 c c/\xff d"))
	someBound = rapid.SampledFrom(strings.Split(" a a/ a/2 a0 b b/ c d e zz", " "))
	someValue = rapid.SampledFrom([]string{"", "x", "yy", strings.Repeat("long ", 400)})
	errModel  = errors.New("on purpose")
)

func bounds(rt *rapid.T) (from, to string) {
	return someBound.Draw(rt, "from"), someBound.Draw(rt, "to")
}

// clear empties the store, which earlier runs of the test have used.
func (m *machine) clear() {
	m.rig.update(func(tx store.Tx) error {
		for p, err := range tx.Scan("", store.PrefixEnd("")) {
			if err != nil {
				return err
			}
			if err := tx.Delete(p.Key); err != nil {
				return err
			}
		}
		return nil
	})
}

func (m *machine) update(rt *rapid.T) {
	var next map[string]string
	wrote := 0
	from, to := bounds(rt)
	steps := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 8).Draw(rt, "steps")
	fail := rapid.IntRange(0, 4).Draw(rt, "fail") == 0
	type write struct{ key, value string }
	var writes []write
	for range steps {
		writes = append(writes, write{someKey.Draw(rt, "key"), someValue.Draw(rt, "value")})
	}
	err := m.Update(m.t.Context(), func(tx store.Tx) error {
		next, wrote = maps.Clone(m.model), 0
		for i, step := range steps {
			var err error
			switch w := writes[i]; step {
			case 0, 1, 2:
				err, next[w.key] = tx.Put(w.key, []byte(w.value)), w.value
				wrote++
			case 3:
				err = tx.Delete(w.key)
				delete(next, w.key)
				wrote++
			case 4, 5:
				err = compare(tx, next, m.seq, from, to)
			}
			if err != nil {
				return err
			}
		}
		if fail {
			return errModel
		}
		return compare(tx, next, m.seq, from, to)
	})
	switch {
	case fail && err == errModel:
	case !fail && err == nil:
		m.model = next
		if wrote > 0 {
			m.seq++
		}
	default:
		rt.Fatalf("Update = %v", err)
	}
}

// compare asks a reader for every key, and for a range both ways.
func compare(rd store.Reader, model map[string]string, seq uint64, from, to string) error {
	if rd.Seq() != seq {
		return fmt.Errorf("sequence %d, want %d", rd.Seq(), seq)
	}
	for _, key := range strings.Fields("a a/1 a/2 a/2/x a/3 b b/1 c c/\xff d nothing") {
		v, ok, err := rd.Get(key)
		want, there := model[key]
		if err != nil || ok != there || string(v) != want {
			return fmt.Errorf("Get(%q) = %.9q, %v, %v, want %.9q, %v", key, v, ok, err, want, there)
		}
	}
	var want []string
	for _, key := range slices.Sorted(maps.Keys(model)) {
		if from <= key && key < to {
			want = append(want, key+"="+model[key])
		}
	}
	got, err := pairs(rd.Scan(from, to))
	if err != nil || got != strings.Join(want, " ") {
		return fmt.Errorf("Scan(%q, %q) = %.99q, %v, want %.99q", from, to, got, err, want)
	}
	slices.Reverse(want)
	got, err = pairs(rd.ScanBack(from, to))
	if err != nil || got != strings.Join(want, " ") {
		return fmt.Errorf("ScanBack(%q, %q) = %.99q, %v, want %.99q", from, to, got, err, want)
	}
	return nil
}

func (m *machine) openView() {
	v := &openView{make(chan struct{}), make(chan error)}
	model, seq := maps.Clone(m.model), m.seq
	ready := make(chan struct{})
	go func() {
		v.answer <- m.View(m.t.Context(), func(rd store.Reader) error {
			close(ready)
			for range v.ask {
				v.answer <- compare(rd, model, seq, "", "zz")
			}
			return nil
		})
	}()
	<-ready
	m.views = append(m.views, v)
}

func (m *machine) askViews() {
	for _, v := range m.views {
		v.ask <- struct{}{}
		if err := <-v.answer; err != nil {
			m.rt.Fatalf("an old View: %v", err)
		}
	}
}

func (m *machine) closeViews() {
	for _, v := range m.views {
		close(v.ask)
		if err := <-v.answer; err != nil {
			m.rt.Errorf("an old View: %v", err)
		}
	}
	m.views = nil
}
