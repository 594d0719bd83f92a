// Package awserr is the error a caller is meant to see. Any other error is ours:
// the caller sees the service's internal failure, the operator all of it.
package awserr

import (
	"errors"
	"fmt"
)

// Error is an answer that refuses: AWS's code, its HTTP status, its words.
type Error struct {
	Code    string // on the wire, e.g. "NoSuchEntity"
	Status  int    // HTTP status
	Message string // shown to the caller; never internal detail
	Reason  string // a member of that name, where the service's model has it; "" for none
	More    []Member
}

// Member is something that S3's errors say beside code and message.
type Member struct{ Name, Value string }

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// New makes an Error whose message is formatted as by fmt.Sprintf.
func New(status int, code, format string, args ...any) *Error {
	return &Error{Code: code, Status: status, Message: fmt.Sprintf(format, args...)}
}

// Kind names a refusal at the door that every service spells its own way. A
// Kind is an error, and may be wrapped to say more to the operator.
type Kind int

// The kinds. A protocol's spelling table (package wire) gives each its code,
// status and text.
const (
	_                      Kind = iota
	MissingAuthentication       // no signature at all
	IncompleteSignature         // an Authorization header or query that cannot be read
	UnknownKey                  // no such access key, or it is not Active
	BadSignature                // the signature does not match
	SignatureExpired            // signed, or valid until, too long ago
	SignatureNotYetCurrent      // signed in the future
	BadToken                    // a session token that is wrong for the key, or is not ours
	ExpiredToken                // a session that has ended
	AccessDenied                // not authorized
	InvalidAction               // the service has no such operation
	Malformed                   // the body cannot be read in this protocol
	TooLarge                    // the body is over the service's limit
	Throttled                   // too much at once
	Validation                  // model constraints not met
	NotBuilt                    // an operation of AWS that iamd does not have
	OtherBody                   // the body is not the one whose hash was signed
	BadDigest                   // nor the one whose MD5 was sent
	BadChecksum                 // nor the one whose checksum was sent
	InvalidDigest               // what was sent as an MD5 is none
	InvalidChecksum             // what was sent as a checksum is none
	IncompleteBody              // it ends before its end
)

// Refusal is a Kind with the words that go with it. An empty Detail leaves the
// text to the service's own spelling.
type Refusal struct {
	Kind   Kind
	Detail string
}

func (r *Refusal) Error() string { return fmt.Sprintf("refused (kind %d): %s", r.Kind, r.Detail) }

// Refuse makes a Refusal with a formatted Detail.
func Refuse(k Kind, format string, args ...any) *Refusal {
	return &Refusal{Kind: k, Detail: fmt.Sprintf(format, args...)}
}

// Default is e as its service words it by itself, without what the refusal said
// about the request: that may quote what nobody has verified.
func Default(err error, spelling Spelling) *Error {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return spelling.spell(&Refusal{Kind: r.Kind})
	}
	e, _ := Public(err, spelling)
	return e
}

// Public returns what a caller may see of err in the words of one service, and
// whether err was meant to be seen at all. Anything else is an internal failure.
func Public(err error, spelling Spelling) (e *Error, meant bool) {
	if e, ok := errors.AsType[*Error](err); ok {
		return e, true
	}
	if r, ok := errors.AsType[*Refusal](err); ok {
		return spelling.spell(r), true
	}
	return spelling.Failure(), false
}
