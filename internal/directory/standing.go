package directory

import "github.com/iamd-project/iamd/internal/ids"

// Standing is a caller whose signature was good once, for work that goes on after the
// reply, or after a restart. What it was made from must still exist when it is used, as
// with a session; that the key or session has ended meanwhile does not end the work.
type Standing struct {
	Account ids.Account  `cbor:"1,keyasint"`
	User    ids.EntityID `cbor:"2,keyasint,omitempty"` // "" for root and sessions
	KeyID   ids.KeyID    `cbor:"3,keyasint,omitempty"` // that signed, for the records
	Session *Session     `cbor:"4,keyasint,omitempty"` // without its secret
}
