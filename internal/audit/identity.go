package audit

import "time"

// IdentityType says what made a request, in CloudTrail's words.
type IdentityType string

// The types of identity.
const (
	Root          IdentityType = "Root"
	IAMUser       IdentityType = "IAMUser"
	AssumedRole   IdentityType = "AssumedRole"
	FederatedUser IdentityType = "FederatedUser"
	AWSService    IdentityType = "AWSService"
	Unknown       IdentityType = "Unknown" // nobody has been proved to call

	WebIdentityUser IdentityType = "WebIdentityUser" // for whom an OpenID Connect provider vouches
	SAMLUser        IdentityType = "SAMLUser"        // for whom a SAML provider vouches
)

// Identity is who made a request.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
type Identity struct {
	Type        IdentityType // empty is Unknown
	PrincipalID string
	ARN         string
	Account     string
	KeyID       string // for Unknown, the one that was claimed
	UserName    string
	Session     *Session // of temporary credentials
	InvokedBy   string   // the service that calls for the identity
	Provider    string   // the identity provider of a WebIdentityUser or SAMLUser
}

// Session is how temporary credentials came to be.
type Session struct {
	Issuer         Issuer
	Created        time.Time
	MFA            bool
	Provider       string // the identity provider of a web identity session
	SourceIdentity string
}

// Issuer is the role, user or account that a session's credentials are of.
type Issuer struct{ Type, PrincipalID, ARN, Account, UserName string }

// hidden is what CloudTrail shows in place of a value that may be secret.
const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"

func (w *writer) identity(i *Identity) {
	kind, key := i.Type, i.KeyID
	if kind == "" {
		kind = Unknown
	}
	if kind == Unknown && !looksLikeKeyID(key) {
		key = hidden
	}
	if i.KeyID == "" {
		key = ""
	}
	w.raw(`{"type":`)
	w.text(string(kind), maxName, cutIdentity)
	w.optional(`,"principalId":`, i.PrincipalID, maxName, cutIdentity)
	w.optional(`,"arn":`, i.ARN, maxText, cutIdentity)
	w.optional(`,"accountId":`, i.Account, maxName, cutIdentity)
	w.optional(`,"accessKeyId":`, key, maxName, cutIdentity)
	w.optional(`,"userName":`, i.UserName, maxName, cutIdentity)
	if i.Session != nil {
		w.session(i.Session)
	}
	w.optional(`,"identityProvider":`, i.Provider, maxText, cutIdentity)
	w.optional(`,"invokedBy":`, i.InvokedBy, maxName, cutIdentity)
	w.raw("}")
}

func (w *writer) session(s *Session) {
	w.raw(`,"sessionContext":{`)
	if s.Issuer != (Issuer{}) {
		w.raw(`"sessionIssuer":{"type":`)
		w.text(s.Issuer.Type, maxName, cutIdentity)
		w.optional(`,"principalId":`, s.Issuer.PrincipalID, maxName, cutIdentity)
		w.optional(`,"arn":`, s.Issuer.ARN, maxText, cutIdentity)
		w.optional(`,"accountId":`, s.Issuer.Account, maxName, cutIdentity)
		w.optional(`,"userName":`, s.Issuer.UserName, maxName, cutIdentity)
		w.raw("},")
	}
	if s.Provider != "" {
		w.raw(`"webIdFederationData":{"federatedProvider":`)
		w.text(s.Provider, maxText, cutIdentity)
		w.raw(`,"attributes":{}},`)
	}
	w.raw(`"attributes":{"creationDate":"`)
	w.buf = s.Created.UTC().AppendFormat(w.buf, isoTime)
	// CloudTrail has this boolean as a string.
	if s.MFA {
		w.raw(`","mfaAuthenticated":"true"}`)
	} else {
		w.raw(`","mfaAuthenticated":"false"}`)
	}
	w.optional(`,"sourceIdentity":`, s.SourceIdentity, maxName, cutIdentity)
	w.raw("}")
}

// looksLikeKeyID tells an access key id from what else people put in its place
// by mistake, a secret above all: that must not be written down.
func looksLikeKeyID(s string) bool {
	if len(s) < 16 || len(s) > 32 || s[0] != 'A' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
