package sigv4

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
)

// Scope is what a signing key, and so a signature, is good for.
type Scope struct {
	Day     string // "20150830", in UTC
	Region  string // "us-east-1"; what is acceptable is for the caller to say
	Service string // "iam"
}

// Claim is what a request says about its own signature. Nothing in it is to be
// trusted until Verify has returned nil. Its strings share memory with the
// request: clone what is kept longer.
type Claim struct {
	AccessKeyID   string
	Scope         Scope
	SessionToken  string `json:"-"` // "" if there is none
	SignedHeaders string // as sent: lower case, sorted, joined by ';'
	Time          time.Time
	Presigned     bool          // signed in the query instead of a header
	Expires       time.Duration // how long a presigned request asks to be valid; 0 if it does not say
	Payload       PayloadHash   // X-Amz-Content-Sha256 as sent; "" if absent

	terminator string
	timestamp  string // Time as it is signed
	signature  string
	r          *http.Request

	signsHost, signsDate bool // what every request is asked for, found on the way
}

// Format prints the claim without signature, token or request, whatever the verb.
func (c Claim) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "%s/%s/%s/%s at %s", c.AccessKeyID, c.Scope.Day, c.Scope.Region, c.Scope.Service, c.timestamp)
}

// Parse reads the signature of r: its Authorization header or, if it is
// presigned, its query. The claim keeps r, so that it cannot be verified against
// another request; r must not be changed before Verify.
//
// A request without a signature, or with an Authorization header of some other
// scheme, is refused as Missing, one with a signature that cannot be read as
// Incomplete, and one with a signature in both places as a Mismatch.
func Parse(r *http.Request) (Claim, error) {
	auths := r.Header["Authorization"]
	query, err := parseAuthQuery(r.URL.RawQuery)
	switch {
	case err != nil:
		return Claim{}, err
	case query.present && len(auths) > 0:
		return Claim{}, errBoth
	case query.present:
		return parsePresigned(r, query)
	case len(auths) > 1:
		return Claim{}, incomplete("Request has more than one Authorization header.")
	case len(auths) == 0 || !strings.HasPrefix(auths[0], "AWS"):
		return Claim{}, errMissing
	}
	return parseHeader(r, auths[0])
}

func parseHeader(r *http.Request, auth string) (Claim, error) {
	dates, hasDate := r.Header["X-Amz-Date"]
	if !hasDate {
		dates, hasDate = r.Header["Date"]
	}
	a, err := parseAuthorization(auth, hasDate)
	if err != nil {
		return Claim{}, err
	}
	c := Claim{r: r, SignedHeaders: a.signedHeaders, signature: a.signature}
	if err := c.setDate(dates); err != nil {
		return Claim{}, err
	}
	if a.algorithm != algorithm {
		return Claim{}, unsupported(a.algorithm)
	}
	if err := c.setCredential(a.credential); err != nil {
		return Claim{}, err
	}
	if err := c.checkSignedHeaders(); err != nil {
		return Claim{}, err
	}
	if c.SessionToken, err = single(r.Header, "X-Amz-Security-Token"); err != nil {
		return Claim{}, err
	}
	payload, err := single(r.Header, "X-Amz-Content-Sha256")
	c.Payload = PayloadHash(payload)
	return c, err
}

// single is the value of a header that may be there once.
func single(h http.Header, name string) (string, error) {
	values := h[name]
	switch len(values) {
	case 0:
		return "", nil
	case 1:
		return values[0], nil
	}
	return "", incomplete("Request has more than one " + name + " header.")
}

func (c *Claim) setDate(values []string) error {
	if len(values) != 1 {
		return incomplete("Request must have one 'X-Amz-Date' or one 'Date' header.")
	}
	t, ok := parseISO(values[0])
	c.Time, c.timestamp = t, values[0]
	if ok {
		return nil
	}
	if _, amz := c.r.Header["X-Amz-Date"]; !amz && !c.Presigned {
		if t, ok = parseDate(values[0]); ok {
			c.Time, c.timestamp = t, t.Format(isoBasic)
			return nil
		}
	}
	return incomplete("Date must be in ISO-8601 'basic format'. Got " + quoted(values[0]) + ". See http://en.wikipedia.org/wiki/ISO_8601")
}

// setCredential takes "keyid/day/region/service/aws4_request" apart. The ends of
// the scope are checked by Check, where AWS reports all of them at once.
func (c *Claim) setCredential(s string) error {
	rest, ok := s, strings.IndexByte(s, '\n') < 0 // a query can carry one, and it ends a line of what is signed
	for _, part := range []*string{&c.AccessKeyID, &c.Scope.Day, &c.Scope.Region, &c.Scope.Service} {
		var found bool
		*part, rest, found = cut(rest, '/')
		ok = ok && found && *part != ""
	}
	c.terminator = rest
	if !ok || strings.Contains(rest, "/") {
		return incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term")
	}
	return nil
}

// checkSignedHeaders insists on one order of the list, so that a set of headers
// has one canonical request. The names themselves prove good when they are looked
// up. The list may be empty here; Check wants "host".
func (c *Claim) checkSignedHeaders() error {
	last := ""
	for rest := c.SignedHeaders; rest != ""; {
		var name string
		var more bool
		name, rest, more = cut(rest, ';')
		if name <= last || more && rest == "" {
			return incomplete("SignedHeaders must be names of headers in lower case, sorted, each once, separated by ';'.")
		}
		last = name
		c.signsHost = c.signsHost || name == "host"
		c.signsDate = c.signsDate || name == "x-amz-date"
	}
	return nil
}

// cut is strings.Cut at a byte, without its detour: it is called thirty times for
// a request, and was a tenth of the whole cost.
func cut(s string, at byte) (before, after string, found bool) {
	if i := strings.IndexByte(s, at); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// signs says whether a header, in lower case, is among the signed ones.
func (c *Claim) signs(name string) bool {
	for rest := c.SignedHeaders; rest != ""; {
		var signed string
		signed, rest, _ = cut(rest, ';')
		if signed == name {
			return true
		}
	}
	return false
}

func unsupported(name string) error {
	if len(name) > 32 || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
		return incomplete("Unsupported AWS 'algorithm'.")
	}
	return incomplete("Unsupported AWS 'algorithm': '" + name + "'.")
}
