package sts

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/sts"
	"github.com/iamd-project/iamd/policy"
)

// The limits of what is passed with a session.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	mostSessionPolicies = 10
	mostPolicyText      = 2048 // characters of the inline policy and the ARNs together
	// mostPacked is how many bytes the policies and tags of a session may have when they
	// are compressed. AWS does not say what its limit is.
	mostPacked = 4096
)

var errTokenTooLarge = awserr.New(400, "PackedPolicyTooLarge", "Serialized token too large for session")

// limit puts the session policies of a request into s. They are policies of the
// session's own account.
func limit(c *op.Call, s *directory.Session, text *string, policies []shape.PolicyDescriptorType) error {
	if text != nil {
		if err := checkSessionPolicy(*text); err != nil {
			return err
		}
		s.Policy, s.Limited = directory.Document(*text), true
	}
	if len(policies) > mostSessionPolicies {
		return validationError("The requested number of session policy ARNs exceeds the limit of %d.", mostSessionPolicies)
	}
	size := utf8.RuneCountInString(string(s.Policy))
	for _, p := range policies {
		id, err := sessionPolicyID(c, s, p.Arn)
		if err != nil {
			return err
		}
		s.Managed, s.Limited = append(s.Managed, id), true
		size += len(*p.Arn)
	}
	if size > mostPolicyText {
		return errPacked(100 * size / mostPolicyText)
	}
	return nil
}

func checkSessionPolicy(text string) error {
	_, err := policy.Parse(text, policy.Session)
	if bad, ok := errors.AsType[*policy.Error](err); ok {
		return awserr.New(400, "MalformedPolicyDocument", "%s", bad.Message)
	}
	return err
}

func sessionPolicyID(c *op.Call, s *directory.Session, name *string) (ids.EntityID, error) {
	if name == nil {
		return "", validationError("A session policy needs an ARN.")
	}
	parsed, err := arn.Parse(*name)
	if err != nil {
		return "", validationError("Invalid ARN:  Could not be parsed!")
	}
	if parsed.Account != string(s.Account) && parsed.Account != string(directory.AWS) {
		return "", awserr.New(400, "MalformedPolicyDocument", "Policy %s is not of the account of the session.", *name)
	}
	p, err := directory.FindPolicy(c.Snap, parsed)
	if err == nil && p == nil {
		err = awserr.New(400, "MalformedPolicyDocument", "Policy %s does not exist.", *name)
	}
	if err != nil {
		return "", err
	}
	return p.ID, nil
}

// packed is how much of the room for policies and tags a session takes, in percent;
// nil for a session that has neither.
func packed(s *directory.Session) (*int32, error) {
	if !s.Limited && len(s.Tags) == 0 {
		return nil, nil
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = io.WriteString(w, string(s.Policy))
	for _, id := range s.Managed {
		_, e := io.WriteString(w, string(id))
		err = errors.Join(err, e)
	}
	for _, t := range s.Tags {
		_, e := io.WriteString(w, t.Key+"\x00"+t.Value+"\x00")
		err = errors.Join(err, e)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	percent := (100*b.Len() + mostPacked - 1) / mostPacked
	if percent > 100 {
		return nil, errPacked(percent)
	}
	return new(int32(percent)), nil
}

func errPacked(percent int) error {
	return awserr.New(400, "PackedPolicyTooLarge", "Packed policy consumes %d%% of allotted space, please use smaller policy.", max(percent, 101))
}
