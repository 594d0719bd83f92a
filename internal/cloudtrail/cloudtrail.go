// Package cloudtrail is AWS CloudTrail, as far as it is about looking up what happened.
package cloudtrail

import (
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudtrail"
)

// Trail is where the records of requests are.
type Trail interface {
	// Back calls fn with each record before a place, newest first, as a line of JSON
	// that is fn's until it returns. A record for which fn returns false is left for the
	// next time, which begins at the place that Back returns. "" as a place is the end,
	// and as a result says that there is nothing more. Records that are much newer than
	// until may be left out.
	Back(before string, until time.Time, fn func(line []byte) bool) (next string, err error)
}

// Service is CloudTrail over a trail, with the operations that are built.
func Service(t Trail) op.Service {
	return op.Service{
		Shape:      &shape.Service,
		Spelling:   awserr.JSON,
		Operations: lookupOperations(t),
	}
}
