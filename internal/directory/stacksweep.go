package directory

import (
	"time"

	"github.com/iamd-project/iamd/internal/store"
)

// stackKept is how long a deleted stack is found by its ID.
const stackKept = Millis(90 * 24 * time.Hour / time.Millisecond)

// keysSwept is how many keys SweepStacks removes in one transaction.
const keysSwept = store.MaxWrites / 2

// StacksToSweep reports whether SweepStacks has anything to do.
func StacksToSweep(r store.Reader, now Millis) (bool, error) {
	for _, err := range r.Scan(stacksGone, stacksGone+TimeKey(now-stackKept)) {
		return err == nil, err
	}
	return false, nil
}

// SweepStacks removes what is left of stacks that were deleted long ago: as much as one
// transaction may. It reports whether there may be more.
func SweepStacks(tx store.Tx, now Millis) (more bool, err error) {
	for pair, err := range tx.Scan(stacksGone, stacksGone+TimeKey(now-stackKept)) {
		if err != nil {
			return false, err
		}
		s, err := get[Stack](tx, string(pair.Value))
		if err != nil || s == nil {
			return false, err
		}
		return true, s.sweep(tx)
	}
	return false, nil
}

// sweep removes some of what belongs to the stack, and in the end the stack.
func (s *Stack) sweep(tx store.Tx) error {
	var found []string
	for _, space := range []string{stackInputs, stackOutputs, stackResources, stackStates, stackSignals, stackEvents, changeSets, stackChanges, stackDrifts} {
		prefix := s.below(space)
		for pair, err := range tx.Scan(prefix, store.PrefixEnd(prefix)) {
			if err != nil {
				return err
			}
			if len(found) >= keysSwept {
				return deleteAll(tx, found)
			}
			found = append(found, pair.Key)
			if space != stackEvents {
				continue
			}
			e, err := decode[StackEvent](pair.Key, pair.Value)
			if err != nil {
				return err
			}
			if e.Operation != "" {
				found = append(found, operationKey(s.Account, s.Region, e.Operation))
			}
		}
	}
	for _, id := range s.Detections {
		found = append(found, detectionKey(s.Account, s.Region, id))
	}
	return deleteAll(tx, append(found, s.goneKey(), s.madeKey(), s.key()))
}

// DeleteReplies removes the replies that are kept for work on the stack: as many as one
// transaction may.
func (s *Stack) DeleteReplies(tx store.Tx) error {
	var found []string
	prefix := replies + s.ID + "/"
	for pair, err := range tx.Scan(prefix, store.PrefixEnd(prefix)) {
		if err != nil {
			return err
		}
		if found = append(found, pair.Key); len(found) == keysSwept {
			break
		}
	}
	return deleteAll(tx, found)
}
