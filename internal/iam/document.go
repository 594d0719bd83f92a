package iam

import (
	"errors"
	"net/url"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/policy"
)

// checkDocument refuses a text that is no policy of this kind, in AWS's words.
func checkDocument(text string, kind policy.Kind) error {
	_, err := policy.Parse(text, kind)
	if bad, ok := errors.AsType[*policy.Error](err); ok {
		return awserr.New(400, "MalformedPolicyDocument", "%s", bad.Message)
	}
	return err
}

// parseInput reads a policy that a request brings along to be asked, not stored.
func parseInput(text string, kind policy.Kind) (*policy.Document, error) {
	doc, err := policy.Parse(text, kind)
	if bad, ok := errors.AsType[*policy.Error](err); ok {
		return nil, invalidInput("%s", bad.Message)
	}
	return doc, err
}

// encodeDocument is a document as replies have it: percent-encoded by RFC 3986,
// which has no "+" for a space.
func encodeDocument(d directory.Document) string {
	return strings.ReplaceAll(url.QueryEscape(string(d)), "+", "%20")
}
