// Package federation checks what other identity providers say about their users:
// the tokens of OpenID Connect issuers and the assertions of SAML providers. It also
// makes the tokens by which an account vouches for its own principals elsewhere.
//
// It knows no store and no operation. What it is told about a provider is a value,
// what it finds out is one, and its refusals are STS's. Whether a role trusts what was
// found is for others to decide: Identity.Context is what they decide by.
package federation

import (
	"regexp"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
)

// Identity is what both kinds of provider say beside who the user is: what becomes
// part of the session.
type Identity struct {
	SourceIdentity    string // "" for none
	Tags              []Tag  // of the session, by key
	TransitiveTagKeys []string
	// Context has the condition keys that the provider fills, in lower case. Those of
	// the session itself, its tags among them, are not there.
	Context map[string][]string
}

// Tag is a session tag.
type Tag struct{ Key, Value string }

func invalidToken(format string, args ...any) error {
	return awserr.New(400, "InvalidIdentityToken", format, args...)
}

func expiredToken(format string, args ...any) error {
	return awserr.New(400, "ExpiredTokenException", format, args...)
}

func rejectedClaim(format string, args ...any) error {
	return awserr.New(403, "IDPRejectedClaim", format, args...)
}

// What the model asks of the same things in AssumeRole.
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

var (
	sessionName = regexp.MustCompile(`^[a-zA-Z_0-9+=,.@-]{2,64}$`)
	tagText     = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
)

// check makes sure that a session may have all this.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
func (i *Identity) check() error {
	if s := i.SourceIdentity; s != "" {
		if !sessionName.MatchString(s) || strings.HasPrefix(strings.ToLower(s), "aws:") {
			return invalidToken(`Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"`)
		}
	}
	slices.SortFunc(i.Tags, func(a, b Tag) int { return strings.Compare(a.Key, b.Key) })
	if len(i.Tags) > maxTags {
		return invalidToken("The number of session tags must not exceed %d", maxTags)
	}
	seen := map[string]bool{}
	for _, t := range i.Tags {
		key := strings.ToLower(t.Key)
		switch {
		case t.Key == "" || length(t.Key) > maxTagKey || !tagText.MatchString(t.Key):
			return invalidToken("A session tag key is not valid")
		case length(t.Value) > maxTagValue || !tagText.MatchString(t.Value):
			return invalidToken("The value of session tag %s is not valid", t.Key)
		case strings.HasPrefix(key, "aws:"):
			return invalidToken("Tag keys that begin with aws: are reserved for system use.")
		case seen[key]:
			return invalidToken("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		seen[key] = true
	}
	for _, key := range i.TransitiveTagKeys {
		if !seen[strings.ToLower(key)] {
			return invalidToken("A transitive tag key is not the key of a session tag")
		}
	}
	return nil
}

// length is in UTF-16 code units, as AWS counts.
func length(s string) (n int) {
	for _, r := range s {
		if n++; r > 0xFFFF {
			n++
		}
	}
	return n
}
