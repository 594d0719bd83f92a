package audit

import (
	"context"
	"errors"
	"sync"
)

var errNoEventID = errors.New("audit: record without an event ID")

// Trail appends records to a sink. It is safe for concurrent use.
type Trail struct{ sink Sink }

// NewTrail makes a Trail. The sink stays its caller's to close.
func NewTrail(sink Sink) *Trail { return &Trail{sink} }

// Append writes a record to the sink, whether or not the caller has hung up.
// When it returns nil the record survives the end of this process, though not
// yet that of the machine: a sink is synced for changes only. After an error the
// request must not be answered.
//
// Each record is a write of its own. Combining those of concurrent callers was
// measured: waking the callers who wait costs what the fewer writes save.
func (t *Trail) Append(ctx context.Context, r *Record) error {
	if r.EventID == "" {
		return errNoEventID
	}
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	*buf = append(r.AppendJSON((*buf)[:0]), '\n')
	return t.sink.Write(context.WithoutCancel(ctx), *buf, 1, false)
}

// buffers hold one record each.
var buffers = sync.Pool{New: func() any { return new([]byte) }}
