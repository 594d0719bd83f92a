package directory

import (
	"fmt"
	"iter"
	"strconv"

	"github.com/iamd-project/iamd/internal/store"
)

// StackEvent is one line of what happened to a stack.
type StackEvent struct {
	N          int64  `cbor:"1,keyasint"` // counts from 1
	ID         string `cbor:"2,keyasint"`
	Time       Millis `cbor:"3,keyasint"` // later than that of the event before
	Logical    string `cbor:"4,keyasint"`
	Physical   string `cbor:"5,keyasint,omitempty"`
	Type       string `cbor:"6,keyasint"`
	Status     string `cbor:"7,keyasint"`
	Reason     string `cbor:"8,keyasint,omitempty"`
	Properties string `cbor:"9,keyasint,omitempty"` // JSON, for people to see
	Token      string `cbor:"10,keyasint,omitempty"`
	Operation  string `cbor:"11,keyasint,omitempty"`
}

func eventNumber(n int64) string { return fmt.Sprintf("%020d", n) }

// Number makes e the stack's next event: clients that sort events by their time must see
// them in order, so no two have the same. PutEvent and PutStack must follow.
func (s *Stack) Number(e *StackEvent, now Millis) {
	s.Events++
	s.LastEvent = max(now, s.LastEvent+1)
	e.N, e.Time = s.Events, s.LastEvent
}

// PutEvent stores an event that Number has numbered.
func (s *Stack) PutEvent(tx store.Tx, e *StackEvent) error {
	return put(tx, s.below(stackEvents)+eventNumber(e.N), e)
}

// ListEvents yields the stack's events, the newest first, from the first behind the one
// whose EventCursor after is; "" is before all.
func (s *Stack) ListEvents(r store.Reader, after string) iter.Seq2[*StackEvent, error] {
	from := s.below(stackEvents)
	to := store.PrefixEnd(from)
	if n, err := strconv.ParseInt(after, 10, 64); err == nil {
		to = from + eventNumber(n)
	}
	return func(yield func(*StackEvent, error) bool) {
		for pair, err := range r.ScanBack(from, to) {
			if err != nil {
				yield(nil, err)
				return
			}
			e, err := decode[StackEvent](pair.Key, pair.Value)
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// EventCursor is where ListEvents has got to with e.
func EventCursor(e *StackEvent) string { return strconv.FormatInt(e.N, 10) }
