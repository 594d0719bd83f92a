package directory

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/seal"
)

// SessionKind says what temporary credentials stand for.
type SessionKind int

// The kinds of session. Their numbers are in tokens.
const (
	OwnSession       SessionKind = 1 // a user, or root, by other credentials: GetSessionToken
	RoleSession      SessionKind = 2 // a role in use: AssumeRole and its kin
	FederatedSession SessionKind = 3 // somebody for whom a user vouches: GetFederationToken
	DelegatedSession SessionKind = 4 // another account, in the place of who approved: GetDelegatedAccessToken
)

// Session is temporary credentials. It is not stored: its token is the record, sealed,
// and brought along by each request. What it was made from must still exist when it
// is used, see package authn.
type Session struct {
	KeyID   ids.KeyID     `cbor:"1,keyasint"`
	Account ids.Account   `cbor:"2,keyasint"`
	Secret  ids.SecretKey `cbor:"3,keyasint"`
	Kind    SessionKind   `cbor:"4,keyasint"`
	Of      ids.EntityID  `cbor:"5,keyasint,omitempty"` // the user or role behind it; "" for root
	Name    string        `cbor:"6,keyasint,omitempty"` // of the role session or the federated user
	Issued  Millis        `cbor:"7,keyasint"`
	Expires Millis        `cbor:"8,keyasint"`
	MFA     Millis        `cbor:"9,keyasint,omitempty"` // when a code of an MFA device was given; zero for none
	// Began is the long-term key that the chain of sessions began with; "" for one that
	// began with an identity provider.
	Began ids.KeyID `cbor:"10,keyasint,omitempty"`
	// Limited: session policies were passed, so that what they do not allow is denied.
	Limited bool           `cbor:"11,keyasint,omitempty"`
	Policy  Document       `cbor:"12,keyasint,omitempty"`
	Managed []ids.EntityID `cbor:"13,keyasint,omitempty"` // session policies by ID

	Tags           []Tag    `cbor:"14,keyasint,omitempty"`
	Transitive     []string `cbor:"15,keyasint,omitempty"` // keys of the tags that a next session inherits
	SourceIdentity string   `cbor:"16,keyasint,omitempty"`
	// Provider is the identity provider that vouched for the caller, as
	// aws:FederatedProvider has it, and Claims are the condition keys, in lower case,
	// that it filled.
	Provider string              `cbor:"17,keyasint,omitempty"`
	Claims   map[string][]string `cbor:"18,keyasint,omitempty"`
	// AssumedRoot: the session of a member account's root that AssumeRoot gave.
	AssumedRoot bool `cbor:"19,keyasint,omitempty"`
}

// MaxToken is the longest session token that is read, in bytes.
const MaxToken = 48 << 10

// OfRole reports whether a role is behind the session.
func (s *Session) OfRole() bool { return strings.HasPrefix(string(s.Of), string(ids.Role)) }

// Expired reports whether the session is over.
func (s *Session) Expired(now time.Time) bool { return At(now) >= s.Expires }

// Token is what the session's bearer sends along with every request.
func (s *Session) Token(ring *seal.Keyring) (string, error) {
	raw, err := encoding.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("session %s: %w", s.KeyID, err)
	}
	sealed, err := ring.Seal(raw, sessionPlace(s.KeyID))
	if err != nil {
		return "", fmt.Errorf("session %s: %w", s.KeyID, err)
	}
	return base64.StdEncoding.EncodeToString(sealed), nil
}

// OpenSession reads a token that came with a key. It returns nil for one that this
// keyring did not seal for that key.
func OpenSession(ring *seal.Keyring, id ids.KeyID, token string) *Session {
	if len(token) > MaxToken {
		return nil
	}
	sealed, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return nil
	}
	raw, err := ring.Open(sealed, sessionPlace(id))
	if err != nil {
		return nil
	}
	s, err := decode[Session]("session", raw)
	if err != nil || s.KeyID != id {
		return nil
	}
	return s
}

// sessionPlace binds a token to the ID of its key.
func sessionPlace(id ids.KeyID) string { return "session/" + string(id) }
