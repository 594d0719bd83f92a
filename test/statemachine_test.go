package test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/iamd-project/iamd/test/plain"
)

// movesPerAccount is how long one account is used before the next.
const movesPerAccount = 150

// TestStateMachine has callers take turns in random calls, valid and invalid, and
// compares every answer with the model's, to the letter. In between the server ends,
// in peace or not, and starts again. What fails is reduced to the fewest moves that
// do, and shown.
//
// MODEL_CALLS is how many calls to make (2500 if not set), MODEL_SEED repeats the
// choices of a run.
func TestStateMachine(t *testing.T) {
	t.Parallel()
	calls, seed := setting(t, "MODEL_CALLS", 2500), setting(t, "MODEL_SEED", rand.Uint64N(1<<31))
	t.Logf("MODEL_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	g := game{rules: loadRules(t), s: start(t)}
	var total tally
	for total.calls < calls {
		m := g.machine(t)
		for range movesPerAccount {
			if err := m.step(t, random); err != nil {
				t.Fatal(g.reduce(t, m, err))
			}
		}
		g.s = m.s
		total = total.plus(m.tally)
	}
	checkDoctor(t, g.s)
	t.Logf("%d calls in %d accounts, %d of them refused; %d restarts", total.calls, g.accounts, total.refused, total.restarts)
}

func (t tally) plus(u tally) tally {
	return tally{t.calls + u.calls, t.refused + u.refused, t.restarts + u.restarts}
}

// game is a server with one machine after the other.
type game struct {
	rules    *plain.Rules
	s        *server
	accounts int
}

func (g *game) machine(t *testing.T) *machine {
	t.Helper()
	g.accounts++
	return newMachine(t, g.s, g.rules, fmt.Sprint("machine ", g.accounts))
}

func loadRules(t *testing.T) *plain.Rules {
	t.Helper()
	rules, err := plain.Load("../models/iam.json")
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// step makes something happen: mostly a call.
func (m *machine) step(t *testing.T, random *rand.Rand) error {
	d := m.drawing(random)
	switch n := d.IntN(400); {
	case n == 0:
		return m.do(t, move{restart: true, crash: d.chance(50)})
	case n < 4:
		return m.fill(t, d)
	case n < 20 && len(m.signers) > 0:
		return m.do(t, move{signer: pick(d, m.signers...)})
	case n < 60 && len(m.state.Markers) > 0:
		return m.do(t, move{call: d.next()})
	}
	return m.do(t, move{call: d.call()})
}

// fill uses up a quota that random calls hardly reach: the eleventh is refused.
func (m *machine) fill(t *testing.T, d *drawing) error {
	kind := pick(d, "User", "Group", "Role")
	groups := d.chance(50)
	for i := range 11 {
		name := fmt.Sprint("many-", i)
		arn := "arn:aws:iam::" + m.state.Account + ":policy/" + name
		calls := []plain.Call{
			{Op: "CreatePolicy", In: plain.Params{"PolicyName": name, "PolicyDocument": plain.Grants}},
			{Op: "Attach" + kind + "Policy", In: plain.Params{kind + "Name": "ann", "PolicyArn": arn}},
		}
		if groups {
			calls = []plain.Call{
				{Op: "CreateGroup", In: plain.Params{"GroupName": name}},
				{Op: "AddUserToGroup", In: plain.Params{"GroupName": name, "UserName": "ann"}},
			}
		}
		for _, c := range calls {
			c.Caller = plain.Root
			if err := m.do(t, move{call: c}); err != nil {
				return err
			}
		}
	}
	return nil
}
