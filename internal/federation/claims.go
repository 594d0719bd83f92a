package federation

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"time"
)

// claims are those of a token that mean something to us.
type claims struct {
	Issuer          string  `json:"iss"`
	Subject         string  `json:"sub"`
	Audience        texts   `json:"aud"`
	AuthorizedParty string  `json:"azp"`
	Expires         *moment `json:"exp"`
	NotBefore       *moment `json:"nbf"`
	IssuedAt        *moment `json:"iat"`
	Methods         texts   `json:"amr"`

	SourceIdentity string `json:"https://aws.amazon.com/source_identity"`
	Tags           struct {
		Principal  map[string]texts `json:"principal_tags"`
		Transitive texts            `json:"transitive_tag_keys"`
	} `json:"https://aws.amazon.com/tags"`
	// For providers that cannot nest, each tag is a claim of its own, whose name
	// begins with flatTag.
	FlatTransitive texts `json:"https://aws.amazon.com/tags/transitive_tag_keys"`
	flat           map[string]texts
}

const (
	flatTag   = "https://aws.amazon.com/tags/principal_tags/"
	clockSkew = 5 * time.Minute // of an issuer whose clock is ahead

	maxSubject = 255
)

func parseClaims(payload []byte) (*claims, error) {
	c := &claims{flat: map[string]texts{}}
	if err := json.Unmarshal(payload, c); err != nil {
		return nil, err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(payload, &all); err != nil {
		return nil, err
	}
	for name, raw := range all {
		if key, ok := strings.CutPrefix(name, flatTag); ok {
			var value texts
			if err := json.Unmarshal(raw, &value); err != nil {
				return nil, err
			}
			c.flat[key] = value
		}
	}
	return c, nil
}

func missingClaim(name string) error { return invalidToken("Missing a required claim: %s", name) }

// check compares what a token says with the provider and the time.
func (c *claims) check(p Provider, now time.Time) (*WebIdentity, error) {
	switch {
	case c.Issuer == "":
		return nil, missingClaim("iss")
	case c.Issuer != p.Issuer:
		return nil, invalidToken("Issuer does not match the OpenIDConnect provider")
	case c.Subject == "":
		return nil, missingClaim("sub")
	case len(c.Audience) == 0:
		return nil, missingClaim("aud")
	case c.Expires == nil:
		return nil, missingClaim("exp")
	case c.IssuedAt == nil:
		return nil, missingClaim("iat")
	case length(c.Subject) > maxSubject:
		return nil, rejectedClaim("The subject of the token must not exceed %d characters", maxSubject)
	}
	audience, err := c.audience(p)
	if err != nil {
		return nil, err
	}
	if err := c.checkTime(now); err != nil {
		return nil, err
	}
	found := &WebIdentity{Issuer: c.Issuer, Subject: c.Subject, Audience: audience, Expires: c.Expires.time()}
	found.Context = c.context(audience)
	if err := c.session(&found.Identity); err != nil {
		return nil, err
	}
	return found, found.check()
}

func (c *claims) checkTime(now time.Time) error {
	if !now.Before(c.Expires.time()) {
		return expiredToken("Token expired: current date/time %d must be before the expiration date/time %d", now.Unix(), c.Expires.time().Unix())
	}
	if c.NotBefore != nil && now.Add(clockSkew).Before(c.NotBefore.time()) || now.Add(clockSkew).Before(c.IssuedAt.time()) {
		return invalidToken("Token is not valid yet")
	}
	return nil
}

// context has the keys under the name of the provider.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
func (c *claims) context(audience string) map[string][]string {
	name := strings.ToLower(providerName(c.Issuer))
	keys := map[string][]string{
		name + ":aud":  {audience},
		name + ":sub":  {c.Subject},
		name + ":oaud": c.Audience,
	}
	if len(c.Methods) > 0 {
		keys[name+":amr"] = c.Methods
	}
	return keys
}

// session reads what the token says about the session.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp
func (c *claims) session(i *Identity) error {
	i.SourceIdentity = c.SourceIdentity
	for _, tags := range []map[string]texts{c.Tags.Principal, c.flat} {
		for key, values := range tags {
			if len(values) != 1 {
				return invalidToken("Session tag %s must have one value", key)
			}
			i.Tags = append(i.Tags, Tag{key, values[0]})
		}
	}
	i.TransitiveTagKeys = append(append(i.TransitiveTagKeys, c.Tags.Transitive...), c.FlatTransitive...)
	return nil
}

// texts is a claim that is a text or a list of them.
type texts []string

func (t *texts) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '[' {
		return json.Unmarshal(raw, (*[]string)(t))
	}
	var one *string
	if err := json.Unmarshal(raw, &one); err != nil {
		return err
	}
	if one != nil {
		*t = texts{*one}
	}
	return nil
}

// moment is a claim in seconds since 1970, which may have a fraction.
type moment float64

func (m *moment) UnmarshalJSON(raw []byte) error {
	if err := json.Unmarshal(raw, (*float64)(m)); err != nil {
		return err
	}
	if math.Abs(float64(*m)) > 1<<40 { // some 35,000 years
		return errors.New("a time out of range")
	}
	return nil
}

func (m moment) time() time.Time {
	whole, part := math.Modf(float64(m))
	return time.Unix(int64(whole), int64(part*1e9)).UTC()
}
