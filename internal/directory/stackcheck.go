package directory

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// addStacks adds the checks of stacks and of what belongs to them.
func addStacks(c *checker, spaces map[string]spaceCheck) {
	c.counted = append(c.counted, Stacks)
	spaces[stacks] = c.stack
	for _, space := range []string{stackNames, stacksMade} {
		spaces[space] = c.stackIndex
	}
	for _, space := range []string{stackWork, stacksGone, changeSetStacks} {
		spaces[space] = c.stackPointer
	}
	for _, space := range []string{stackInputs, stackOutputs, stackResources, stackStates, stackSignals, stackDrifts, changeSets, stackChanges} {
		spaces[space] = func(key string, _ []byte) error {
			_, err := c.stackOf(key)
			return err
		}
	}
	spaces[stackEvents] = c.stackEvent
	spaces[stackPhysicals], spaces[stackOperations] = c.stackPhysical, c.stackOperation
	spaces[driftDetections] = c.driftDetection
	spaces[exports], spaces[imports] = c.export, c.imported
	spaces[replies] = c.reply
}

// stackOf is the stack that a key is below; not being there is a problem.
func (c *checker) stackOf(key string) (*Stack, error) {
	part := strings.SplitN(key, "/", 5)
	if len(part) < 4 {
		return nil, fmt.Errorf("names no stack")
	}
	s, err := GetStack(c.r, ids.Account(part[1]), part[2], part[3])
	if err == nil && s == nil {
		err = fmt.Errorf("its stack does not exist")
	}
	return s, err
}

// stack makes sure that its indexes lead to it, and that all that it refers to is there.
func (c *checker) stack(key string, value []byte) error {
	s, err := decode[Stack](key, value)
	if err != nil {
		return err
	}
	if s.key() != key {
		c.problem("%s: holds stack %s of %s in %s", key, s.ID, s.Account, s.Region)
	}
	wants := map[string]string{s.madeKey(): s.ID}
	if s.Deleted == 0 {
		wants[s.nameKey()] = s.ID
	} else {
		wants[s.goneKey()] = key
	}
	if s.Operation != nil && s.Operation.Phase != StackStuck {
		wants[s.workKey()] = key
	}
	for index, want := range wants {
		if got, _, err := c.r.Get(index); err != nil || string(got) != want {
			c.problem("%s: index %s leads to %q", key, index, got)
		}
	}
	if a, err := GetAccount(c.r, s.Account); err != nil || a == nil {
		c.problem("%s: account %s does not exist", key, s.Account)
	}
	if _, err := s.GetOutputs(c.r, c.ring); err != nil {
		c.problem("%s: its outputs: %v", key, err)
	}
	if _, err := s.Drifts(c.r, c.ring); err != nil {
		c.problem("%s: its drift: %v", key, err)
	}
	for _, id := range s.Detections {
		if d, err := GetDetection(c.r, s.Account, s.Region, id); err != nil || d == nil || d.Stack != s.ARN() {
			c.problem("%s: detection %s of its drift is not there (%v)", key, id, err)
		}
	}
	if err := c.stackInputs(key, s); err != nil {
		return err
	}
	return c.stackStates(key, s)
}

// stackInputs makes sure that the inputs of a stack open, and are those that it and its
// change sets have.
func (c *checker) stackInputs(key string, s *Stack) error {
	used := map[string]bool{}
	if s.Inputs != "" {
		used[s.Inputs] = true
	}
	if s.Operation != nil && s.Operation.Former != "" {
		used[s.Operation.Former] = true
	}
	sets, err := s.ChangeSets(c.r)
	if err != nil {
		return err
	}
	for _, set := range sets {
		used[set.ID] = true
		if at, err := StackOfChangeSet(c.r, set.ID); err != nil || at == nil || at.ID != s.ID {
			c.problem("%s: change set %s does not lead back to it", key, set.ID)
		}
		if _, err := s.GetChanges(c.r, c.ring, set.ID); err != nil {
			c.problem("%s: what change set %s would do: %v", key, set.ID, err)
		}
	}
	for id := range used {
		if in, err := getBlob[StackInputs](c.r, c.ring, s.below(stackInputs)+id); err != nil || in == nil {
			c.problem("%s: its inputs %s are not there (%v)", key, id, err)
		}
	}
	return c.unused(s.below(stackInputs), used)
}

// stackStates makes sure that the states of a stack open, and are those that its resources
// have.
func (c *checker) stackStates(key string, s *Stack) error {
	all, err := s.Resources(c.r)
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, r := range all {
		if id := r.physicalID(); id != "" {
			if _, ok, err := c.r.Get(s.physicalKey(r.Logical, id)); err != nil || !ok {
				c.problem("%s: the physical ID of %s does not lead to it (%v)", key, r.Logical, err)
			}
		}
		for _, in := range r.Incarnations() {
			used[strconv.Itoa(in.State)] = true
			if state, err := getBlob[StackState](c.r, c.ring, s.stateKey(in.State)); err != nil || state == nil {
				c.problem("%s: state %d of %s is not there (%v)", key, in.State, r.Logical, err)
			}
		}
	}
	return c.unused(s.below(stackStates), used)
}

// unused finds blobs below a prefix that nothing refers to.
func (c *checker) unused(prefix string, used map[string]bool) error {
	for pair, err := range c.r.Scan(prefix, store.PrefixEnd(prefix)) {
		if err != nil {
			return err
		}
		if id, _, _ := strings.Cut(pair.Key[len(prefix):], "/"); !used[id] {
			c.problem("%s: nothing refers to it", pair.Key)
		}
	}
	return nil
}

// stackIndex makes sure that a name, or a time, is that of the stack that it leads to.
func (c *checker) stackIndex(key string, value []byte) error {
	part := strings.SplitN(key, "/", 4)
	if len(part) != 4 {
		return fmt.Errorf("names no stack")
	}
	s, err := GetStack(c.r, ids.Account(part[1]), part[2], string(value))
	if err != nil {
		return err
	}
	if s == nil || key != s.nameKey() && key != s.madeKey() || key == s.nameKey() && s.Deleted != 0 {
		c.problem("%s: leads to stack %s, which is another", key, value)
	}
	return nil
}

// stackPointer makes sure that it leads to a stack that wants it.
func (c *checker) stackPointer(key string, value []byte) error {
	s, err := get[Stack](c.r, string(value))
	if err != nil {
		return err
	}
	if s == nil {
		c.problem("%s: leads to %s, which is not there", key, value)
		return nil
	}
	atWork := s.Operation != nil && s.Operation.Phase != StackStuck
	set, err := s.GetChangeSet(c.r, strings.TrimPrefix(key, changeSetStacks))
	if err == nil && !(key == s.workKey() && atWork || key == s.goneKey() && s.Deleted != 0 || set != nil) {
		c.problem("%s: leads to stack %s, which does not want it", key, s.ID)
	}
	return err
}

// stackEvent makes sure that an event is one that its stack has had.
func (c *checker) stackEvent(key string, value []byte) error {
	e, err := decode[StackEvent](key, value)
	if err != nil {
		return err
	}
	s, err := c.stackOf(key)
	if err != nil {
		return err
	}
	if key != s.below(stackEvents)+eventNumber(e.N) || e.N > s.Events {
		c.problem("%s: holds event %d of a stack that has had %d", key, e.N, s.Events)
	}
	return nil
}

// stackPhysical makes sure that a physical ID is that of the resource that it leads to.
func (c *checker) stackPhysical(key string, value []byte) error {
	part := strings.SplitN(key, "/", 6)
	if len(part) != 6 {
		return fmt.Errorf("names no resource")
	}
	s, err := GetStack(c.r, ids.Account(part[1]), part[3], part[4])
	if err != nil || s == nil {
		return fmt.Errorf("its stack does not exist (%v)", err)
	}
	r, err := s.GetResource(c.r, string(value))
	if err == nil && (r == nil || key != s.physicalKey(r.Logical, r.physicalID())) {
		c.problem("%s: leads to resource %s of stack %s, which is another", key, value, s.ID)
	}
	return err
}

// stackOperation makes sure that the stack of an operation is there.
func (c *checker) stackOperation(key string, value []byte) error {
	part := strings.SplitN(key, "/", 4)
	if len(part) != 4 {
		return fmt.Errorf("names no operation")
	}
	s, err := GetStack(c.r, ids.Account(part[1]), part[2], string(value))
	if err == nil && s == nil {
		err = fmt.Errorf("stack %s does not exist", value)
	}
	return err
}

// driftDetection makes sure that its stack remembers it.
func (c *checker) driftDetection(key string, value []byte) error {
	d, err := decode[DriftDetection](key, value)
	if err != nil {
		return err
	}
	part := strings.SplitN(key, "/", 4)
	if len(part) != 4 || part[3] != d.ID {
		return fmt.Errorf("holds detection %s", d.ID)
	}
	s, err := GetStack(c.r, ids.Account(part[1]), part[2], d.Stack[strings.LastIndexByte(d.Stack, '/')+1:])
	if err == nil && (s == nil || !slices.Contains(s.Detections, d.ID)) {
		c.problem("%s: stack %s does not know of it", key, d.Stack)
	}
	return err
}

// export makes sure that its stack is there, and that it opens.
func (c *checker) export(key string, value []byte) error {
	e, err := decode[Export](key, value)
	if err != nil {
		return err
	}
	part := strings.SplitN(key, "/", 4)
	if len(part) != 4 || part[3] != e.Name {
		return fmt.Errorf("holds export %s", e.Name)
	}
	a, region := ids.Account(part[1]), part[2]
	s, err := GetStack(c.r, a, region, e.Stack)
	if err == nil && s == nil {
		err = fmt.Errorf("stack %s does not exist", e.Stack)
	}
	if err != nil {
		return err
	}
	_, err = e.Value(c.ring, a, region)
	return err
}

// imported makes sure that the stack that imports is there.
func (c *checker) imported(key string, _ []byte) error {
	part := strings.SplitN(key, "/", 4)
	if len(part) != 4 {
		return fmt.Errorf("names no stack")
	}
	_, id, _ := strings.Cut(part[3], "\x00")
	s, err := GetStack(c.r, ids.Account(part[1]), part[2], id)
	if err == nil && s == nil {
		err = fmt.Errorf("stack %s does not exist", id)
	}
	return err
}

// reply makes sure that the work that it is a part of still goes on.
func (c *checker) reply(key string, _ []byte) error {
	if strings.HasPrefix(key, replies+rotationCalls) {
		return c.rotationReply(key)
	}
	work, _, _ := strings.Cut(strings.TrimPrefix(key, replies), "/")
	_, ok, err := c.r.Get(stackWork + work)
	if err == nil && !ok {
		c.problem("%s: the work that it is a part of is over", key)
	}
	return err
}
