package sigv4

import "strings"

// Reason is why a request was refused, for code to act on.
type Reason int

// The reasons, in the order in which a request meets them. In brackets, the
// error code of AWS's Query services.
const (
	_             Reason = iota
	Missing              // it is not signed at all [MissingAuthenticationToken]
	Incomplete           // its signature cannot be read [IncompleteSignature]
	Unsigned             // a header that must be signed is not [SignatureDoesNotMatch]
	Expired              // it was signed, or was valid until, too long ago [SignatureDoesNotMatch]
	NotYetCurrent        // it was signed in the future [SignatureDoesNotMatch]
	BadScope             // the credential is scoped to another day or service [SignatureDoesNotMatch]
	BadPayload           // its payload hash is wrong, or of a kind not allowed [SignatureDoesNotMatch]
	Mismatch             // the signature is not the one we calculate [SignatureDoesNotMatch]
)

var reasonNames = [...]string{"unknown", "missing", "incomplete", "unsigned", "expired", "not yet current", "bad scope", "bad payload", "mismatch"}

func (r Reason) String() string {
	if r < 0 || int(r) >= len(reasonNames) {
		r = 0
	}
	return reasonNames[r]
}

// Error is the refusal of a request.
//
// Message is AWS's wording where AWS has one, and may be shown to the caller and
// logged: unlike some of AWS's own it repeats neither the Authorization header
// nor the signature nor the canonical request, for any of these may hold a
// secret that was put in the wrong place.
type Error struct {
	Reason  Reason
	Message string
}

func (e *Error) Error() string { return "sigv4: " + e.Reason.String() + ": " + e.Message }

var (
	errMissing  = &Error{Missing, "Missing Authentication Token"}
	errBoth     = &Error{Mismatch, "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."}
	errMismatch = &Error{Mismatch, "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}
)

func incomplete(message string) *Error { return &Error{Incomplete, message} }

// quoted is a short printable form of what a caller sent, to be put in a message.
func quoted(s string) string {
	if len(s) > 64 {
		s = s[:64] + "..."
	}
	return "'" + strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '\'' {
			return '?'
		}
		return r
	}, s) + "'"
}
