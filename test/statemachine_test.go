package test

import (
	"context"
	"flag"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/iamd-project/iamd/test/model"
)

// callsPerAccount is about how many calls are made in one account before the next
// one gets its turn.
const callsPerAccount = 150

// TestStateMachine has callers take turns in random calls, valid and invalid, and
// compares every answer with the model's, to the letter. In between the server ends,
// in peace or not, and starts again. What fails is reduced to the fewest calls that do.
//
// MODEL_CALLS is how many calls to make (3000 if not set).
func TestStateMachine(t *testing.T) {
	calls := setting(t, "MODEL_CALLS", 3000)
	setRapid(t, "checks", max(1, calls/callsPerAccount))
	setRapid(t, "steps", callsPerAccount)
	setRapid(t, "shrinktime", 3*time.Minute)
	rules := loadRules(t)
	s := start(t, busy())
	var total tally
	accounts := 0
	var seen sync.Once
	rapid.Check(t, func(rt *rapid.T) {
		accounts++
		m := newMachine(t, s, rules, fmt.Sprint("machine ", accounts))
		defer func() {
			s = m.s
			total = total.plus(m.tally)
		}()
		rt.Repeat(map[string]func(*rapid.T){"step": func(rt *rapid.T) {
			if err := m.step(t, rapid.Make[seed]().Draw(rt, "seed")); err != nil {
				seen.Do(func() { t.Log("at first: ", err) }) // should it not happen again
				rt.Log(err)
				rt.Fatal("the server and the model disagree") // the same words for all, or nothing is reduced
			}
		}})
	})
	checkDoctor(t, s)
	t.Logf("%d calls in %d accounts, %d of them refused; %d restarts", total.calls, accounts, total.refused, total.restarts)
}

func (t tally) plus(u tally) tally {
	return tally{t.calls + u.calls, t.refused + u.refused, t.restarts + u.restarts}
}

func loadRules(t *testing.T) *model.Rules {
	t.Helper()
	rules, err := model.Load("../models/iam.json")
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// setRapid sets one of rapid's flags for a test.
func setRapid(t *testing.T, name string, value any) {
	t.Helper()
	f := flag.Lookup("rapid." + name)
	was := f.Value.String()
	if err := f.Value.Set(fmt.Sprint(value)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(was) })
}

// step does what follows from a seed: mostly a call.
func (m *machine) step(t *testing.T, s seed) error {
	d := m.drawing(s)
	switch n := d.IntN(400); {
	case n == 0:
		m.tally.restarts++
		crash := d.chance(50)
		m.done = append(m.done, fmt.Sprintf("  the server starts again (crashed: %t)", crash))
		m.s = restart(t, m.s, crash)
	case n < 4:
		return m.fill(t.Context(), d)
	case n < 20 && len(m.signers) > 0:
		return m.sign(t.Context(), pick(d, m.signers...))
	case n < 60 && len(m.state.Markers) > 0:
		return m.call(t.Context(), d.next())
	default:
		return m.call(t.Context(), d.call())
	}
	return nil
}

// fill uses up a quota that random calls hardly reach: the eleventh is refused.
func (m *machine) fill(ctx context.Context, d *drawing) error {
	kind := pick(d, "User", "Group", "Role")
	groups := d.chance(50)
	for i := range 11 {
		name := fmt.Sprint("many-", i)
		arn := "arn:aws:iam::" + m.state.Account + ":policy/" + name
		calls := []model.Call{
			{Op: "CreatePolicy", In: model.Params{"PolicyName": name, "PolicyDocument": model.Grants}},
			{Op: "Attach" + kind + "Policy", In: model.Params{kind + "Name": "ann", "PolicyArn": arn}},
		}
		if groups {
			calls = []model.Call{
				{Op: "CreateGroup", In: model.Params{"GroupName": name}},
				{Op: "AddUserToGroup", In: model.Params{"GroupName": name, "UserName": "ann"}},
			}
		}
		for _, c := range calls {
			c.Caller = model.Root
			if err := m.call(ctx, c); err != nil {
				return err
			}
		}
	}
	return nil
}
