package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/iamd-project/iamd/test/plain"
)

// callers at once, and how many calls each of them makes in a round.
const (
	concurrentCallers = 4
	callsPerRound     = 6
	roundsPerAccount  = 12
	roundsPerSurvey   = 4
)

// TestConcurrentCalls has callers make random calls at once, about the same few
// things. There must be an order in which the model gives every one of the answers,
// to the letter: one in which no call comes before another that had ended when it
// began. So no quota is exceeded, nothing is half changed, and no reply tells of
// what never was. Between rounds the server ends, now and then, as by a crash.
//
// MODEL_CALLS is how many calls to make (1000 if not set), MODEL_SEED repeats the
// choice of calls; how they fall together is never the same.
func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	calls, seed := setting(t, "MODEL_CALLS", 1000), setting(t, "MODEL_SEED", rand.Uint64N(1<<31))
	t.Logf("MODEL_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	g := game{rules: loadRules(t), s: start(t)}
	var total tally
	for total.calls < calls {
		m := g.machine(t)
		for i := range roundsPerAccount {
			answers, err := m.round(t, random)
			if err == nil {
				err = m.settle(t, answers, i%roundsPerSurvey == roundsPerSurvey-1)
			}
			if err != nil {
				t.Fatal(err)
			}
			if random.IntN(40) == 0 {
				_ = m.do(t, move{restart: true, crash: true}) // fails t itself
			}
		}
		g.s = m.s
		total = total.plus(m.tally)
	}
	checkDoctor(t, g.s)
	t.Logf("%d calls, %d of them refused; %d restarts", total.calls, total.refused, total.restarts)
}

// round has all callers make their calls, and returns what they were told.
func (m *machine) round(t *testing.T, random *rand.Rand) ([][]answer, error) {
	m.state.Markers = nil // listings begin and end within a round
	d := m.drawing(random)
	plans := make([][]plain.Call, concurrentCallers)
	for i := range plans {
		for range callsPerRound {
			plans[i] = append(plans[i], d.call())
		}
	}
	answers := make([][]answer, concurrentCallers)
	errs := make([]error, concurrentCallers)
	var callers sync.WaitGroup
	for i, plan := range plans {
		callers.Go(func() {
			for _, c := range plan {
				a, err := m.ask(t.Context(), c)
				if err != nil {
					errs[i] = fmt.Errorf("%v: %w", c, err)
					return
				}
				answers[i] = append(answers[i], a)
			}
		})
	}
	callers.Wait()
	for i, list := range answers {
		if errs[i] != nil {
			return nil, m.tell(errs[i])
		}
		for _, a := range list {
			if err := m.learn(a); err != nil {
				return nil, m.tell(fmt.Errorf("%v: %w", a.call, err))
			}
			m.tally.calls++
			if a.refused != nil {
				m.tally.refused++
			}
		}
	}
	return answers, nil
}

// settle finds the state that the answers have left. If there may be several (two may
// have set one tag at once), what the server shows next decides; it is looked at now
// and then anyway.
func (m *machine) settle(t *testing.T, answers [][]answer, look bool) error {
	states := m.explain(m.state, answers)
	if len(states) == 0 {
		return m.tell(fmt.Errorf("no order of these calls explains their answers:\n%s", printRound(answers)))
	}
	m.done = append(m.done, printRound(answers))
	if len(states) == 1 && !look {
		m.state = states[0]
		return nil
	}
	shown, err := m.survey(t)
	if err != nil {
		return m.tell(err)
	}
	for _, s := range states {
		if rest := m.explain(s, [][]answer{shown}); len(rest) > 0 {
			m.state = rest[0]
			return nil
		}
	}
	return m.tell(fmt.Errorf("what is there now explains nothing that was said before:\n%s", printRound([][]answer{shown})))
}

// explain is the states in which s can be after calls that were answered so, each
// caller's in its order: all different ones that the model finds in any order that
// agrees with when the calls began and ended.
func (m *machine) explain(s *plain.State, answers [][]answer) []*plain.State {
	e := explanation{m: m, answers: answers, tried: map[string]bool{}, ends: map[string]*plain.State{}}
	e.try(s, s.Print(), make([]int, len(answers)))
	return slices.Collect(maps.Values(e.ends))
}

// explanation is a search for orders.
type explanation struct {
	m       *machine
	answers [][]answer
	tried   map[string]bool         // states, with how far each caller had got
	ends    map[string]*plain.State // by what is in them
}

// try goes on from state s, which prints as text, with each caller's next call.
func (e *explanation) try(s *plain.State, text string, next []int) {
	at := fmt.Sprint(next) + text
	if e.tried[at] {
		return
	}
	e.tried[at] = true
	var candidates []int
	for i, list := range e.answers {
		if next[i] < len(list) && e.mayBeNext(next, i) {
			candidates = append(candidates, i)
		}
	}
	if len(candidates) == 0 {
		e.ends[text] = s
		return
	}
	// A call that changes nothing stands in nobody's way: if it can be now, it is.
	for _, i := range candidates {
		if a := e.answers[i][next[i]]; a.changesNothing() && e.after(s, a) != nil {
			e.try(s, text, onward(next, i))
			return
		}
	}
	for _, i := range candidates {
		if a := e.answers[i][next[i]]; !a.changesNothing() {
			if after := e.after(s, a); after != nil {
				e.try(after, after.Print(), onward(next, i))
			}
		}
	}
}

// after is the state that a call leads to from s, or nil if the model does not answer
// so. s stays as it is.
func (e *explanation) after(s *plain.State, a answer) *plain.State {
	if !a.reads() {
		s = s.Clone()
	}
	want := e.m.expect(s, a)
	s.Markers = nil
	if sorted(a).is(sorted(want)) {
		return s
	}
	return nil
}

func (a answer) changesNothing() bool { return a.refused != nil || a.reads() }

func (a answer) reads() bool {
	return strings.HasPrefix(a.call.Op, "Get") || strings.HasPrefix(a.call.Op, "List")
}

func onward(next []int, i int) []int {
	next = slices.Clone(next)
	next[i]++
	return next
}

// mayBeNext: no other call that is still to come had ended when caller i's began.
func (e *explanation) mayBeNext(next []int, i int) bool {
	for j, list := range e.answers {
		if next[j] < len(list) && list[next[j]].ended.Before(e.answers[i][next[i]].begun) {
			return false
		}
	}
	return true
}

// sorted is an answer in which the order of access keys does not matter: of two that
// were asked for at once, nobody knows which is the older.
func sorted(a answer) answer {
	reply, _ := a.reply.(map[string]any)
	keys, ok := reply["AccessKeyMetadata"].([]any)
	if ok {
		keys = slices.Clone(keys)
		slices.SortFunc(keys, func(a, b any) int {
			return strings.Compare(textOf(a.(map[string]any)["AccessKeyId"]), textOf(b.(map[string]any)["AccessKeyId"]))
		})
		a.reply = map[string]any{"AccessKeyMetadata": keys, "IsTruncated": reply["IsTruncated"], "Marker": reply["Marker"]}
	}
	return a
}

// survey reads all that calls can change, by one caller.
func (m *machine) survey(t *testing.T) ([]answer, error) {
	var shown []answer
	for _, c := range m.surveyCalls() {
		c.Caller = plain.Root
		a, err := m.ask(t.Context(), c)
		if err != nil {
			return nil, fmt.Errorf("%v: %w", c, err)
		}
		shown = append(shown, a)
	}
	return shown, nil
}

// surveyCalls reads by names, whether there is anything of the name or not.
func (m *machine) surveyCalls() []plain.Call {
	var calls []plain.Call
	read := func(parameter, name string, ops ...string) {
		for _, op := range ops {
			calls = append(calls, plain.Call{Op: op, In: plain.Params{parameter: name}})
		}
	}
	for _, op := range []string{"ListUsers", "ListGroups", "ListRoles", "ListInstanceProfiles", "ListAccountAliases", "ListAccessKeys"} {
		calls = append(calls, plain.Call{Op: op, In: plain.Params{}})
	}
	calls = append(calls, plain.Call{Op: "ListPolicies", In: plain.Params{"Scope": "Local"}})
	for _, name := range names {
		read("UserName", name, "GetUser", "ListUserTags", "ListAccessKeys", "ListGroupsForUser", "ListUserPolicies", "ListAttachedUserPolicies", "GetLoginProfile")
		read("GroupName", name, "GetGroup", "ListGroupPolicies", "ListAttachedGroupPolicies")
		read("RoleName", name, "GetRole", "ListRolePolicies", "ListAttachedRolePolicies")
		read("InstanceProfileName", name, "GetInstanceProfile", "ListInstanceProfileTags")
	}
	for _, p := range m.state.Of(plain.Policy) {
		read("PolicyArn", p.ARN(), "GetPolicy", "ListPolicyVersions", "ListEntitiesForPolicy")
	}
	return calls
}

// printRound shows calls and answers by caller, with when they were made.
func printRound(answers [][]answer) string {
	var b strings.Builder
	for i, list := range answers {
		fmt.Fprintf(&b, "  caller %d\n", i)
		for _, a := range list {
			said, _ := json.Marshal(a.reply)
			if a.refused != nil {
				said = []byte(a.refused.Code + ": " + a.refused.Message)
			}
			fmt.Fprintf(&b, "    %s to %s  %v\n      → %.400s\n", a.begun.Format("05.000000"), a.ended.Format("05.000000"), a.call, said)
		}
	}
	return b.String()
}
