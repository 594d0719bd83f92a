package explain

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/internal/store/pebble"
)

const account ids.Account = "123456789012"

const (
	bob  = "arn:aws:iam::123456789012:user/eng/Bob"
	role = "arn:aws:iam::123456789012:role/R"
)

func allow(action, resource, condition string) directory.Document {
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	return directory.Document(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"S","Effect":"Allow","Action":%q,"Resource":%q%s}]}`, action, resource, condition))
}

// filled is a store with Bob, who has a tag, an inline policy and a group with another,
// and with a role that Bob may assume.
func filled(t *testing.T) store.Store {
	db, err := pebble.Open(t.TempDir(), pebble.Options{InMemory: true})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	u := &directory.User{Entity: directory.Entity{ID: "AIDABOB", Account: account, Name: "Bob", Path: "/eng/", Tags: []directory.Tag{{Key: "Team", Value: "red"}}}}
	g := &directory.Group{Entity: directory.Entity{ID: "AGPADEVS", Account: account, Name: "Devs", Path: "/"}}
	r := &directory.Role{Entity: directory.Entity{ID: "AROAR", Account: account, Name: "R", Path: "/"},
		Trust: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + bob + `"},"Action":"sts:AssumeRole"}}`}
	must(t, db.Update(t.Context(), func(tx store.Tx) error {
		must(t, directory.PutAccount(tx, &directory.Account{ID: account}))
		must(t, directory.Users.Put(tx, nil, u))
		must(t, directory.Groups.Put(tx, nil, g))
		must(t, directory.Roles.Put(tx, nil, r))
		must(t, directory.Users.PutInline(tx, u, "own", allow("s3:Get*", "arn:aws:s3:::b/${aws:PrincipalTag/Team}/*", "")))
		must(t, directory.Groups.PutInline(tx, g, "ours", allow("s3:*", "*", `{"Bool":{"aws:SecureTransport":"true"}}`)))
		u, err = directory.Users.ByID(tx, account, u.ID)
		must(t, err)
		must(t, directory.Join(tx, u, g))
		return directory.Roles.PutInline(tx, r, "p", allow("iam:*", "*", ""))
	}))
	return db
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, s store.Store, q Question) (a *Answer, err error) {
	t.Helper()
	q.At = time.Unix(1e9, 0)
	_ = s.View(t.Context(), func(r store.Reader) error {
		a, err = Ask(r, &q)
		return nil
	})
	return a, err
}

func TestAsk(t *testing.T) {
	s := filled(t)
	denied := func(who, action, resource, why string) string {
		return "User: " + who + " is not authorized to perform: " + action + " on resource: " + resource + " " + why
	}
	for name, tc := range map[string]struct {
		q        Question
		decision string
		message  string
		policies []string // kind, name, holder, and what the first statement does
		missing  []string
	}{
		"by a variable": {
			q:        Question{Principal: bob, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/red/x"},
			decision: "allowed",
			policies: []string{"identity-based policy own user Bob: true", "identity-based policy ours group Devs: false Condition Bool aws:SecureTransport"},
			missing:  []string{"aws:SecureTransport"},
		},
		"for want of a key": {
			q:        Question{Principal: bob, Action: "s3:PutObject", Resource: "arn:aws:s3:::b"},
			decision: "implicitDeny",
			message:  denied(bob, "s3:PutObject", "arn:aws:s3:::b", "because no identity-based policy allows the s3:PutObject action"),
			policies: []string{"identity-based policy own user Bob: false Action ", "identity-based policy ours group Devs: false Condition Bool aws:SecureTransport"},
			missing:  []string{"aws:SecureTransport"},
		},
		"with the key": {
			q:        Question{Principal: bob, Action: "s3:PutObject", Resource: "arn:aws:s3:::b", Context: map[string][]string{"AWS:securetransport": {"true"}}},
			decision: "allowed",
			policies: []string{"identity-based policy own user Bob: false Action ", "identity-based policy ours group Devs: true"},
		},
		"by the resource": {
			q: Question{Principal: bob, Action: "sqs:SendMessage", Resource: "arn:aws:sqs:us-east-1:123456789012:q",
				ResourcePolicy: `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}}`},
			decision: "explicitDeny",
			message:  denied(bob, "sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:q", "with an explicit deny in a resource-based policy"),
			policies: []string{"identity-based policy own user Bob: false Action ", "identity-based policy ours group Devs: false Action ", "resource-based policy arn:aws:sqs:us-east-1:123456789012:q : true"},
		},
		"by the trust policy": {
			q:        Question{Principal: bob, Action: "sts:AssumeRole", Resource: role},
			decision: "allowed",
			policies: []string{"identity-based policy own user Bob: false Action ", "identity-based policy ours group Devs: false Action ", "role trust policy trust policy role R: true"},
		},
		"a role": {
			q:        Question{Principal: role, Action: "iam:GetUser", Resource: bob},
			decision: "allowed",
			policies: []string{"identity-based policy p role R: true"},
		},
		"a session": {
			q:        Question{Principal: "arn:aws:sts::123456789012:assumed-role/R/me", Action: "s3:GetObject", Resource: "*"},
			decision: "implicitDeny",
			message:  denied("arn:aws:sts::123456789012:assumed-role/R/me", "s3:GetObject", "*", "because no identity-based policy allows the s3:GetObject action"),
			policies: []string{"identity-based policy p role R: false Action "},
		},
		"root": {q: Question{Principal: "arn:aws:iam::123456789012:root", Action: "s3:GetObject", Resource: "*"}, decision: "allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := ask(t, s, tc.q)
			must(t, err)
			var policies []string
			for _, p := range a.Policies {
				s := p.Statements[0]
				line := fmt.Sprintf("%s %s %s: %v", p.Kind, p.Name, p.Holder, s.Matched)
				if !s.Matched {
					line += " " + s.Unmatched + " " + s.Condition
				}
				policies = append(policies, line)
			}
			if a.Decision != tc.decision || a.Message != tc.message || a.Allowed != (tc.decision == "allowed") {
				t.Errorf("%s: %s", a.Decision, a.Message)
			}
			if !slices.Equal(policies, tc.policies) || !slices.Equal(a.Missing, tc.missing) {
				t.Errorf("policies %q\nmissing %q", policies, a.Missing)
			}
		})
	}
}

func TestAskRefuses(t *testing.T) {
	s := filled(t)
	for want, q := range map[string]Question{
		"principal arn:aws:iam::123456789012:user/Bob does not exist":                                                {Principal: "arn:aws:iam::123456789012:user/Bob"},
		"principal arn:aws:iam::123456789012:role/S does not exist":                                                  {Principal: "arn:aws:iam::123456789012:role/S"},
		"principal arn:aws:iam::210987654321:root does not exist":                                                    {Principal: "arn:aws:iam::210987654321:root"},
		"principal arn:aws:iam::123456789012:group/Devs is not a user, a role, a session of a role or the root user": {Principal: "arn:aws:iam::123456789012:group/Devs"},
		"resource-based policy *: policy: This policy contains invalid Json (the text is not a JSON object)":         {Principal: bob, Resource: "*", ResourcePolicy: "x"},
	} {
		q.Action = "s3:GetObject"
		if a, err := ask(t, s, q); err == nil || err.Error() != want {
			t.Errorf("%+v: %v, %v\nwant %s", q, a, err, want)
		}
	}
}
