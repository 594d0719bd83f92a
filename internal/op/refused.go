package op

import "github.com/iamd-project/iamd/internal/awserr"

// Refused is what a part of the server gets for a call that was refused.
type Refused struct {
	Err       *awserr.Error // as any caller would see it
	Service   string        // its title
	RequestID string
}

func (r *Refused) Error() string { return r.Err.Error() }

func (r *Refused) Unwrap() error { return r.Err }
