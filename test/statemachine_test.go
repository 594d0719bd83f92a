package test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/iamd-project/iamd/test/model"
)

// callsPerAccount is about how many calls are made in one account before the next
// one gets its turn.
const callsPerAccount = 200

// TestStateMachine has callers take turns in random calls, valid and invalid, and
// compares every answer with the model's, to the letter. In between the server ends,
// in peace or not, and starts again. What fails is reduced to the fewest calls that do.
//
// MODEL_CALLS is how many calls to make (3000 if not set).
func TestStateMachine(t *testing.T) {
	calls := setting(t, "MODEL_CALLS", 3000)
	setRapid(t, "checks", max(1, calls/callsPerAccount))
	setRapid(t, "steps", callsPerAccount)
	rules := loadRules(t)
	s := start(t, busy())
	var total tally
	accounts := 0
	rapid.Check(t, func(rt *rapid.T) {
		accounts++
		m := newMachine(t, s, rules, fmt.Sprint("machine ", accounts))
		defer func() {
			s = m.s
			total = total.plus(m.tally)
		}()
		rt.Repeat(map[string]func(*rapid.T){"step": func(rt *rapid.T) {
			if err := m.step(t, rt); err != nil {
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
func setRapid(t *testing.T, name string, value int) {
	t.Helper()
	f := flag.Lookup("rapid." + name)
	was := f.Value.String()
	if err := f.Value.Set(fmt.Sprint(value)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(was) })
}

// step is mostly a call.
func (m *machine) step(t *testing.T, rt *rapid.T) error {
	d := m.drawing()
	switch n := below(400).Draw(rt, "kind of step"); {
	case n == 399:
		m.tally.restarts++
		crash := rapid.Bool().Draw(rt, "crash")
		m.done = append(m.done, fmt.Sprintf("  the server starts again (crashed: %t)", crash))
		m.s = restart(t, m.s, crash)
	case n > 396:
		return m.fill(t, rt)
	case n > 380 && len(m.made) > 0:
		return m.sign(t.Context(), anyOf(slices.Sorted(maps.Keys(m.made))).Draw(rt, "key"))
	case n > 340 && len(m.state.Markers) > 0:
		return m.call(t.Context(), d.next().Draw(rt, "call"))
	default:
		return m.call(t.Context(), d.call().Draw(rt, "call"))
	}
	return nil
}

// fill uses up a quota that random calls hardly reach: the eleventh is refused.
func (m *machine) fill(t *testing.T, rt *rapid.T) error {
	kind := pick(rt, "User", "Group", "Role")
	groups := rapid.Bool().Draw(rt, "groups")
	for i := range 11 {
		name := fmt.Sprint("many-", i)
		calls := []model.Call{
			{Op: "CreatePolicy", In: model.Params{"PolicyName": name, "PolicyDocument": model.Grants}},
			{Op: "Attach" + kind + "Policy", In: model.Params{kind + "Name": "ann", "PolicyArn": "arn:aws:iam::" + m.state.Account + ":policy/" + name}},
		}
		if groups {
			calls = []model.Call{
				{Op: "CreateGroup", In: model.Params{"GroupName": name}},
				{Op: "AddUserToGroup", In: model.Params{"GroupName": name, "UserName": "ann"}},
			}
		}
		for _, c := range calls {
			c.Caller = model.Root
			if err := m.call(t.Context(), c); err != nil {
				return err
			}
		}
	}
	return nil
}
