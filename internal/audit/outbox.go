package audit

import (
	"fmt"

	"github.com/iamd-project/iamd/internal/store"
)

// OutboxPrefix begins the key of every staged record:
//
//	outbox/<commit, 20 digits>/<event ID>   the record's JSON line, without a newline
//
// The commit puts them in order; the event ID keeps those of one commit apart,
// and makes a transaction that runs twice stage each of them once.
const OutboxPrefix = "outbox/"

// Stage puts a record into the transaction of the change it is about: they are
// committed together or not at all. A Drain takes it to the sink; wake it after
// the commit.
//
// A change is answered when its record is durable in the store, so a sink that
// fails does not refuse changes, and the outbox grows while it does. Drain.Err
// tells; a server that must not run on may refuse changes by it.
func Stage(tx store.Tx, r *Record) error {
	if r.EventID == "" {
		return errNoEventID
	}
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	*buf = r.AppendJSON((*buf)[:0])
	if err := tx.Put(outboxKey(tx.Seq()+1, r.EventID), *buf); err != nil {
		return fmt.Errorf("staging the audit record: %w", err)
	}
	return nil
}

func outboxKey(commit uint64, eventID string) string {
	return fmt.Sprintf("%s%020d/%s", OutboxPrefix, commit, eventID)
}

// eventIDOf is the event ID in an outbox key.
func eventIDOf(key string) string {
	const before = len(OutboxPrefix) + 20 + len("/")
	return key[min(before, len(key)):]
}
