package kind

import (
	"errors"

	"github.com/iamd-project/iamd/internal/awserr"
)

// Invalid is the refusal of properties; its text goes on from "Properties validation
// failed for resource X with message:".
type Invalid string

func (i Invalid) Error() string { return string(i) }

// Failed is why a step failed, in whole sentences.
type Failed string

func (f Failed) Error() string { return string(f) }

// ignore is err, or nil if it refuses with one of the codes.
func ignore(err error, codes ...string) error {
	if e, ok := errors.AsType[*awserr.Error](err); ok {
		for _, code := range codes {
			if e.Code == code {
				return nil
			}
		}
	}
	return err
}
