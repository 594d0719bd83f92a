package authz

import (
	"slices"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
)

var (
	noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	ann  = &directory.Entity{ID: "AIDAANN", Account: "123456789012", Name: "Ann", Path: "/eng/", Tags: []directory.Tag{{Key: "Team", Value: "red"}, {Key: "Cost", Value: "7"}}}
	crew = &directory.Entity{ID: "AROACREW", Account: "123456789012", Name: "crew", Path: "/ops/", Tags: []directory.Tag{{Key: "Team", Value: "blue"}}}
)

func userCall() *op.Call {
	return &op.Call{Now: noon, Region: "eu-west-1",
		Client: op.Client{IP: "203.0.113.9", UserAgent: "aws-cli/2", Referer: "http://example.com/", Secure: true},
		Caller: op.Principal{Kind: op.User, Account: ann.Account, ARN: "arn:aws:iam::123456789012:user/eng/Ann", ID: "AIDAANN", Name: "Ann", Bearer: ann}}
}

func sessionCall() *op.Call {
	return &op.Call{Now: noon, Region: "us-east-1",
		Client: op.Client{IP: "cloudformation.amazonaws.com", Via: []string{"cloudformation.amazonaws.com", "athena.amazonaws.com"}},
		Caller: op.Principal{
			Kind: op.RoleSession, Account: crew.Account, ARN: "arn:aws:sts::123456789012:assumed-role/crew/work", ID: "AROACREW:work", Bearer: crew,
			Session: &directory.Session{
				Kind: directory.RoleSession, Issued: directory.At(noon.Add(-time.Minute)), MFA: directory.At(noon.Add(-90 * time.Second)),
				Tags: []directory.Tag{{Key: "team", Value: "green"}}, SourceIdentity: "ann@example.com",
				Provider: "arn:aws:iam::123456789012:oidc-provider/id.example.com/a",
				Claims:   map[string][]string{"id.example.com/a:sub": {"42"}},
			},
		}}
}

func rootCall() *op.Call {
	return &op.Call{Now: noon, Caller: op.Principal{Kind: op.Root, Account: "123456789012", ARN: "arn:aws:iam::123456789012:root", ID: "123456789012"}}
}

// The values of condition keys, by who calls; none means that the key is absent.
func TestValues(t *testing.T) {
	need := &op.Need{
		Action: "iam:TagUser", Resource: "arn:aws:iam::210987654321:user/Bob", Owner: "210987654321",
		Context: map[string][]string{"iam:policyarn": {"arn:aws:iam::aws:policy/ReadOnlyAccess"}},
		Tags:    []directory.Tag{{Key: "Owner", Value: "Bob"}}, NewTags: []directory.Tag{{Key: "Env", Value: "test"}}, TagKeys: []string{"Old"},
	}
	for _, test := range []struct {
		key                 string
		user, session, root []string
	}{
		{"aws:username", one("Ann"), nil, nil},
		{"aws:userid", one("AIDAANN"), one("AROACREW:work"), one("123456789012")},
		{"aws:principaltype", one("User"), one("AssumedRole"), one("Account")},
		{"aws:principalarn", one("arn:aws:iam::123456789012:user/eng/Ann"), one("arn:aws:iam::123456789012:role/ops/crew"), one("arn:aws:iam::123456789012:root")},
		{"aws:principalaccount", one("123456789012"), one("123456789012"), one("123456789012")},
		{"aws:principaltag/team", one("red"), one("green"), nil},
		{"aws:principaltag/cost", one("7"), nil, nil},
		{"aws:principalisawsservice", one("false"), one("false"), one("false")},
		{"aws:sourceip", one("203.0.113.9"), nil, nil},
		{"aws:securetransport", one("true"), one("false"), one("false")},
		{"aws:useragent", one("aws-cli/2"), nil, nil},
		{"aws:referer", one("http://example.com/"), nil, nil},
		{"aws:requestedregion", one("eu-west-1"), one("us-east-1"), nil},
		{"aws:currenttime", one("2026-11-22T12:00:00Z"), one("2026-11-22T12:00:00Z"), one("2026-11-22T12:00:00Z")},
		{"aws:epochtime", one("1795348800"), one("1795348800"), one("1795348800")},
		{"aws:tokenissuetime", nil, one("2026-11-22T11:59:00Z"), nil},
		{"aws:multifactorauthpresent", nil, one("true"), nil},
		{"aws:multifactorauthage", nil, one("90"), nil},
		{"aws:sourceidentity", nil, one("ann@example.com"), nil},
		{"aws:federatedprovider", nil, one("arn:aws:iam::123456789012:oidc-provider/id.example.com/a"), nil},
		{"id.example.com/a:sub", nil, one("42"), nil},
		{"aws:viaawsservice", one("false"), one("true"), one("false")},
		{"aws:calledvia", nil, []string{"cloudformation.amazonaws.com", "athena.amazonaws.com"}, nil},
		{"aws:calledviafirst", nil, one("cloudformation.amazonaws.com"), nil},
		{"aws:calledvialast", nil, one("athena.amazonaws.com"), nil},
		{"aws:resourceaccount", one("210987654321"), one("210987654321"), one("210987654321")},
		{"aws:resourcetag/owner", one("Bob"), one("Bob"), one("Bob")},
		{"iam:resourcetag/owner", one("Bob"), one("Bob"), one("Bob")},
		{"aws:requesttag/env", one("test"), one("test"), one("test")},
		{"aws:requesttag/owner", nil, nil, nil},
		{"aws:tagkeys", []string{"Old", "Env"}, []string{"Old", "Env"}, []string{"Old", "Env"}},
		{"iam:policyarn", one("arn:aws:iam::aws:policy/ReadOnlyAccess"), one("arn:aws:iam::aws:policy/ReadOnlyAccess"), one("arn:aws:iam::aws:policy/ReadOnlyAccess")},
		{"aws:principalorgid", nil, nil, nil},
	} {
		for _, who := range []struct {
			name string
			call *op.Call
			want []string
		}{{"user", userCall(), test.user}, {"session", sessionCall(), test.session}, {"root", rootCall(), test.root}} {
			got, ok := (&asked{who.call, need}).Values(test.key)
			if ok != (len(who.want) > 0) || !slices.Equal(got, who.want) {
				t.Errorf("%s of the %s: got %q, want %q", test.key, who.name, got, who.want)
			}
		}
	}
}
