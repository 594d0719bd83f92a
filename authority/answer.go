package authority

import (
	"time"

	"github.com/iamd-project/iamd/sigv4"
)

// Answer is what iamd says to a Question.
type Answer struct {
	RequestID string `json:"requestId"` // of the question, in iamd's log and audit records
	// Allowed: the caller is who it says, and may do all that was asked for.
	Allowed bool `json:"allowed"`
	// Refusal is what to tell the caller; nil if it is allowed.
	Refusal *Refusal `json:"refusal,omitempty"`
	// Principal is who calls, once that is proved, also if it is then denied. Nil is
	// nobody.
	Principal *Principal `json:"principal,omitempty"`
	Signature *Signature `json:"signature,omitempty"` // nil unless it was verified
	// Decisions are those on the permissions, in their order. There are none for a
	// caller that is not known.
	Decisions []Decision `json:"decisions,omitempty"`
}

// Principal is who makes a request.
type Principal struct {
	Type        string `json:"type"` // Root, User, RoleSession or FederatedUser
	ARN         string `json:"arn"`
	ID          string `json:"id"` // aws:userid: AIDA…, AROA…:session, the account for root
	Account     string `json:"account"`
	Name        string `json:"name,omitempty"` // of a user
	AccessKeyID string `json:"accessKeyId"`
}

// Signature is what was signed.
type Signature struct {
	Day       string    `json:"day"` // with Region and Service, the scope of the signature
	Region    string    `json:"region"`
	Service   string    `json:"service"`
	Time      time.Time `json:"time"`
	Presigned bool      `json:"presigned,omitempty"`
	// SignedHeaders are in lower case, sorted, joined by ';'.
	SignedHeaders string `json:"signedHeaders"`
	// Payload is the hash of the body that was signed, or a marker in its place.
	Payload sigv4.PayloadHash `json:"payload"`
	// SigningKey is there if it was asked for. It signs whatever the secret could within
	// the scope: keep it no longer than the request.
	SigningKey []byte `json:"signingKey,omitempty"`
}

// Decision is the answer on one permission.
type Decision struct {
	Result     string      `json:"result"` // Allow, ImplicitDeny or ExplicitDeny
	Statements []Statement `json:"statements,omitempty"`
}

// Statement is a policy statement that applied.
type Statement struct {
	Policy string `json:"policy"` // its ARN, the name of an inline one, or the resource's ARN
	Sid    string `json:"sid,omitempty"`
}

// Refusal is an error as AWS has it.
type Refusal struct {
	Code    string `json:"code"`
	Status  int    `json:"status"` // HTTP status
	Message string `json:"message"`
	// Encoded opens with `aws sts decode-authorization-message`; only denials have it.
	Encoded string `json:"encodedMessage,omitempty"`
}

func (r *Refusal) Error() string { return r.Code + ": " + r.Message }
