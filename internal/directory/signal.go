package directory

import (
	"github.com/iamd-project/iamd/internal/store"
)

// Signal is what somebody told a stack that waits for it.
type Signal struct {
	ID     string `cbor:"1,keyasint"` // as the sender named it: the same one again is the same signal
	Failed bool   `cbor:"2,keyasint,omitempty"`
	Reason string `cbor:"3,keyasint,omitempty"`
	Data   string `cbor:"4,keyasint,omitempty"`
}

// MostSignals is how many signals are kept in one place.
const MostSignals = 1000

func (s *Stack) signalsAt(at string) string { return s.below(stackSignals) + at + "/" }

// Signals are those that were sent to a place of the stack, by ID.
func (s *Stack) Signals(r store.Reader, at string) ([]*Signal, error) {
	return all[Signal](r, s.signalsAt(at))
}

// PutSignal keeps a signal, unless there are too many in its place.
func (s *Stack) PutSignal(tx store.Tx, at string, g *Signal) error {
	n := 0
	for _, err := range tx.Scan(s.signalsAt(at), store.PrefixEnd(s.signalsAt(at))) {
		if err != nil {
			return err
		}
		n++
	}
	if n >= MostSignals {
		return nil
	}
	return put(tx, s.signalsAt(at)+g.ID, g)
}

// DeleteSignals removes the signals in a place, as many as one transaction may.
func (s *Stack) DeleteSignals(tx store.Tx, at string) error {
	var keys []string
	for pair, err := range tx.Scan(s.signalsAt(at), store.PrefixEnd(s.signalsAt(at))) {
		if err != nil {
			return err
		}
		if keys = append(keys, pair.Key); len(keys) == store.MaxWrites/2 {
			break
		}
	}
	for _, key := range keys {
		if err := tx.Delete(key); err != nil {
			return err
		}
	}
	return nil
}
