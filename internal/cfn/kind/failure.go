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

// absent is err, or nil if it says that what was to be removed is not there. What can't
// even be named was never made: it is removed after a Create that it made fail.
func absent(err error) error {
	return ignore(err, "NoSuchEntity", "ValidationError", "InvalidInput")
}

// isCode reports whether err refuses with that code.
func isCode(err error, code string) bool { return err != nil && ignore(err, code) == nil }

// missingKey refuses properties without one that the type's schema does not ask for,
// although nothing can be made without it.
func missingKey(key string) error { return Invalid("#: required key [" + key + "] not found") }
