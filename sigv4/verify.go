package sigv4

import (
	"bytes"
	"crypto/subtle"
	"strconv"
	"strings"
	"time"
)

// DefaultMaxSkew is how far AWS lets a client's clock be off.
const DefaultMaxSkew = 15 * time.Minute

// Verifier is what a service demands of a signature. The zero value is that of
// AWS's services other than S3, for any service name. It may be used by several
// goroutines, and must not be changed while it is.
type Verifier struct {
	// Service is the name that credentials must be scoped to, such as "iam".
	// "" accepts any, and leaves it to the caller to look at Claim.Scope.
	Service string

	// MaxSkew is how far the time of a signature may be from ours, in either
	// direction. 0 means DefaultMaxSkew.
	MaxSkew time.Duration

	// S3 selects the rules of S3: a path is escaped once and not normalised, the
	// session token must be signed, a presigned request says how long it is valid,
	// and is then valid exactly that long, and its body is not signed (so that
	// Payloads must include AllowUnsigned for it).
	//
	// Elsewhere a presigned request is valid for MaxSkew, or for X-Amz-Expires if
	// that is longer: as on AWS, where STS ignores a shorter one and clients (those
	// of EKS clusters) rely on it.
	S3 bool

	// Payloads are the markers accepted in place of a payload hash.
	Payloads Payloads

	// PublicHosts are names under which clients know this server, where a proxy
	// changes the Host header or the path on the way. They are tried in turn after
	// the request as it was received, each at the cost of another calculation for
	// every wrong signature: keep the list short. List what you configured, never
	// what a request says of itself (X-Forwarded-Host).
	PublicHosts []PublicHost
}

// PublicHost is where clients find a server that sits behind a proxy.
type PublicHost struct {
	Host       string // as clients send it: with the port, unless it is the default one
	PathPrefix string // a prefix, such as "/iam", that the proxy takes away; mostly ""
}

// Check does the part of Verify that needs no key: are host and x-amz-* headers
// signed, is it the right time, is it the right scope. It takes nothing on trust
// but promises nothing either: whatever it accepts may still be forged.
func (v *Verifier) Check(c *Claim, now time.Time) error {
	if c.r == nil {
		return errMissing
	}
	if err := v.checkSigned(c); err != nil {
		return err
	}
	if err := v.checkTime(c, now); err != nil {
		return err
	}
	return v.checkScope(c)
}

// checkSigned demands that host is signed and every x-amz-* header that is
// there: an x-amz-target added to a captured request would make it another one.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
//
// Outside S3 the session token is excepted, as in AWS's test suite
// (post-sts-header-after): it can only be the right one for the key.
func (v *Verifier) checkSigned(c *Claim) error {
	if !c.signsHost {
		return &Error{Unsigned, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."}
	}
	for name := range c.r.Header {
		if len(name) < 6 || name[0]|0x20 != 'x' || !strings.EqualFold(name[:6], "X-Amz-") || !v.S3 && name == "X-Amz-Security-Token" {
			continue
		}
		if name == "X-Amz-Date" && c.signsDate {
			continue
		}
		if name := strings.ToLower(name); !c.signs(name) {
			return &Error{Unsigned, quoted(name) + " must be a 'SignedHeader' in the AWS Authorization."}
		}
	}
	return nil
}

func (v *Verifier) checkTime(c *Claim, now time.Time) error {
	now = now.UTC()
	skew := v.MaxSkew
	if skew == 0 {
		skew = DefaultMaxSkew
	}
	if c.Time.After(now.Add(skew)) {
		return &Error{NotYetCurrent, "Signature not yet current: " + c.timestamp + " is still later than " +
			now.Add(skew).Format(isoBasic) + " (" + now.Format(isoBasic) + " + " + minutes(skew) + ")"}
	}
	valid := skew
	if c.Presigned {
		if v.S3 && c.Expires == 0 {
			return incomplete("Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, " +
				"X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")
		}
		if v.S3 || c.Expires > skew {
			valid = c.Expires
		}
	}
	if !c.Time.Before(now.Add(-valid)) {
		return nil
	}
	if v.S3 && c.Presigned {
		return &Error{Expired, "Request has expired"}
	}
	return &Error{Expired, "Signature expired: " + c.timestamp + " is now earlier than " +
		now.Add(-valid).Format(isoBasic) + " (" + now.Format(isoBasic) + " - " + minutes(valid) + ")"}
}

// minutes spells a duration as AWS does: "15 min.".
func minutes(d time.Duration) string {
	if d%time.Minute != 0 {
		return strconv.Itoa(int(d/time.Second)) + " sec."
	}
	return strconv.Itoa(int(d/time.Minute)) + " min."
}

// checkScope reports, like AWS, all that is wrong with a scope in one message.
func (v *Verifier) checkScope(c *Claim) error {
	day := c.timestamp[:len(isoDay)]
	if c.Scope.Day == day && c.terminator == terminator && (v.Service == "" || c.Scope.Service == v.Service) {
		return nil
	}
	var wrong []string
	if v.Service != "" && c.Scope.Service != v.Service {
		wrong = append(wrong, "Credential should be scoped to correct service: '"+v.Service+"'.")
	}
	if c.terminator != terminator {
		wrong = append(wrong, "Credential should be scoped with a valid terminator: '"+terminator+"', not "+quoted(c.terminator)+".")
	}
	if c.Scope.Day != day {
		wrong = append(wrong, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "+
			quoted(c.Scope.Day)+" != '"+day+"', from '"+c.timestamp+"'.")
	}
	return &Error{BadScope, strings.Join(wrong, " ")}
}

// Verify checks the signature of a claim. key must be the key of
// c.AccessKeyID for c.Scope, and body the hash of the body that was received.
//
// A server that verifies before it reads a large body passes c.Payload as body,
// and then must read the body through a Body, which compares it with c.Payload.
func (v *Verifier) Verify(c *Claim, key SigningKey, body PayloadHash, now time.Time) error {
	if err := v.Check(c, now); err != nil {
		return err
	}
	payload, err := v.signedPayload(c, body)
	if err != nil {
		return err
	}
	if err := v.checkSignature(c, &key, payload); err != nil {
		return err
	}
	if c.Payload.IsHash() && c.Payload != body {
		return errPayloadMismatch
	}
	return nil
}

func (v *Verifier) checkSignature(c *Claim, key *SigningKey, payload PayloadHash) error {
	path, ok := receivedPath(c.r.URL)
	if !ok {
		return errMismatch
	}
	s := scratches.Get().(*scratch)
	defer s.release()
	var err error
	if s.query, err = s.appendQuery(s.query[:0], c.r.URL.RawQuery, c.Presigned); err != nil {
		return err
	}
	if v.matches(s, c, key, payload, requestHost(c.r), path) {
		return nil
	}
	for _, p := range v.PublicHosts {
		if v.matches(s, c, key, payload, p.Host, strings.TrimSuffix(p.PathPrefix, "/")+path) {
			return nil
		}
	}
	return errMismatch
}

// matches compares the signature with the one for a host and a path, the latter
// in the two forms that clients use.
func (v *Verifier) matches(s *scratch, c *Claim, key *SigningKey, payload PayloadHash, host, path string) bool {
	s.path = appendPath(s.path[:0], path, v.S3)
	in := canonical{host: host, path: s.path, query: s.query, signedHeaders: c.SignedHeaders, payload: payload}
	if s.equal(c, in, key) {
		return true
	}
	s.other = appendSentPath(s.other[:0], path, v.S3)
	if bytes.Equal(s.path, s.other) {
		return false
	}
	in.path = s.other
	return s.equal(c, in, key)
}

func (s *scratch) equal(c *Claim, in canonical, key *SigningKey) bool {
	want, ok := s.signature(c.r, in, c.timestamp, c.Scope, key)
	return ok && subtle.ConstantTimeCompare(want[:], []byte(c.signature)) == 1
}
