package ssm

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

// mostPolicies is how many policies a parameter may have.
const mostPolicies = 10

// The types of policies.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-policies.html
const (
	expirationPolicy   = "Expiration"
	notificationPolicy = "ExpirationNotification"
	noChangePolicy     = "NoChangeNotification"
)

// policyText is a policy as requests have it.
type policyText struct {
	Type       string
	Version    string
	Attributes struct{ Timestamp, Before, After, Unit string }
}

var (
	errPolicyType      = awserr.New(400, "InvalidPolicyTypeException", "The policy type isn't supported. Parameter Store supports the following policy types: Expiration, ExpirationNotification, and NoChangeNotification.")
	errPolicyAttribute = awserr.New(400, "InvalidPolicyAttributeException", "A policy attribute or its value is invalid.")
	errPolicyConflict  = awserr.New(400, "IncompatiblePolicyException", "There is a conflict in the policies specified for this parameter. You can't, for example, specify two Expiration policies for a parameter. Review your policies, and try again.")
	errPolicyLimit     = awserr.New(400, "PoliciesLimitExceededException", "You specified more than the maximum number of allowed policies for the parameter. The maximum is 10.")
)

// parsePolicies reads the policies of a request: none for an empty list or policy,
// which takes away those that there are.
func parsePolicies(text string, now time.Time) ([]directory.ParameterPolicy, error) {
	var list []json.RawMessage
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, errPolicyAttribute
	}
	if len(list) == 1 && bytes.Equal(bytes.Join(bytes.Fields(list[0]), nil), []byte("{}")) {
		return nil, nil
	}
	if len(list) > mostPolicies {
		return nil, errPolicyLimit
	}
	policies := make([]directory.ParameterPolicy, 0, len(list))
	expires := false
	for _, raw := range list {
		kind, err := checkPolicy(raw, now)
		if err != nil {
			return nil, err
		}
		if kind == expirationPolicy && expires {
			return nil, errPolicyConflict
		}
		expires = expires || kind == expirationPolicy
		var compact bytes.Buffer
		if err := json.Compact(&compact, raw); err != nil {
			return nil, errPolicyAttribute
		}
		policies = append(policies, directory.ParameterPolicy{Type: kind, Text: compact.String()})
	}
	return policies, nil
}

// checkPolicy returns the policy's type if all of it is well-formed.
func checkPolicy(raw []byte, now time.Time) (kind string, _ error) {
	var p policyText
	strict := json.NewDecoder(bytes.NewReader(raw))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&p); err != nil || p.Version != "1.0" {
		return "", errPolicyAttribute
	}
	a := p.Attributes
	valid := false
	switch p.Type {
	case expirationPolicy:
		at, err := time.Parse(time.RFC3339, a.Timestamp)
		valid = err == nil && at.After(now) && a.Before+a.After+a.Unit == ""
	case notificationPolicy:
		valid = isSpan(a.Before, a.Unit) && a.Timestamp+a.After == ""
	case noChangePolicy:
		valid = isSpan(a.After, a.Unit) && a.Timestamp+a.Before == ""
	default:
		return "", errPolicyType
	}
	if !valid {
		return "", errPolicyAttribute
	}
	return p.Type, nil
}

func isSpan(number, unit string) bool {
	n, err := strconv.ParseUint(number, 10, 31)
	return err == nil && n > 0 && (unit == "Days" || unit == "Hours")
}

// expiration is when policies delete their parameter; zero for never.
func expiration(policies []directory.ParameterPolicy) directory.Millis {
	for _, stored := range policies {
		var p policyText
		if stored.Type != expirationPolicy || json.Unmarshal([]byte(stored.Text), &p) != nil {
			continue
		}
		if at, err := time.Parse(time.RFC3339, p.Attributes.Timestamp); err == nil {
			return directory.At(at)
		}
	}
	return 0
}

func describePolicies(policies []directory.ParameterPolicy) []shape.ParameterInlinePolicy {
	out := make([]shape.ParameterInlinePolicy, len(policies))
	for i, p := range policies {
		out[i] = shape.ParameterInlinePolicy{PolicyStatus: new("Pending"), PolicyText: new(p.Text), PolicyType: new(p.Type)}
	}
	return out
}
