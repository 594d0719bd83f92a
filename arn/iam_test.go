package arn

import "testing"

var owner = Owner{Partition: "aws", Account: "123456789012"}

func TestEntity(t *testing.T) {
	for resource, want := range map[string]Entity{
		"user/ann":           {User, "/", "ann"},
		"user/team/blue/ann": {User, "/team/blue/", "ann"},
		"user//x/ann":        {User, "//x/", "ann"},
		"role/aws-service-role/ecs.amazonaws.com/R": {Role, "/aws-service-role/ecs.amazonaws.com/", "R"},
		"instance-profile/p":                        {InstanceProfile, "/", "p"},
		"mfa/ann":                                   {MFA, "/", "ann"},
		"oidc-provider/example.com/id/1":            {OIDCProvider, "/", "example.com/id/1"},
		"saml-provider/corp":                        {SAMLProvider, "/", "corp"},
	} {
		a := ARN{Partition: "aws", Service: "iam", Account: "123456789012", Resource: resource}
		got, ok := a.Entity()
		if !ok || got != want {
			t.Errorf("%s: %+v, %v; want %+v", resource, got, ok, want)
		}
		if back := owner.Entity(got); back != a {
			t.Errorf("%s came back as %s", a, back)
		}
	}
	if got := owner.Entity(Entity{Kind: User, Name: "ann"}).String(); got != "arn:aws:iam::123456789012:user/ann" {
		t.Errorf("an entity without a path: %s", got)
	}
}

func TestNotAnEntity(t *testing.T) {
	for _, s := range []string{
		"arn:aws:iam::123456789012:root",
		"arn:aws:iam::123456789012:user",
		"arn:aws:iam::123456789012:user/",
		"arn:aws:iam::123456789012:user/team/",
		"arn:aws:iam::123456789012:User/ann",
		"arn:aws:iam:eu-west-1:123456789012:user/ann",
		"arn:aws:s3:::user/ann",
	} {
		a, err := Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := a.Entity(); ok {
			t.Errorf("%s is %+v; want no entity", s, e)
		}
	}
}

func TestSession(t *testing.T) {
	a := owner.Session(Session{Role: "deploy", Name: "run-1"})
	if a.String() != "arn:aws:sts::123456789012:assumed-role/deploy/run-1" {
		t.Error(a)
	}
	if s, ok := a.Session(); !ok || s != (Session{"deploy", "run-1"}) {
		t.Errorf("%s: %+v, %v", a, s, ok)
	}
	for _, resource := range []string{"assumed-role/r", "assumed-role/r/", "assumed-role//s", "assumed-role/r/s/t", "role/r/s"} {
		if s, ok := owner.in("sts", resource).Session(); ok {
			t.Errorf("%s is %+v; want no session", resource, s)
		}
	}
}

func TestRootAndFederatedUser(t *testing.T) {
	root := owner.Root()
	if !root.IsRoot() || root.String() != "arn:aws:iam::123456789012:root" || root.Owner() != owner {
		t.Error(root)
	}
	bob := owner.FederatedUser("bob")
	if bob.IsRoot() || bob.String() != "arn:aws:sts::123456789012:federated-user/bob" {
		t.Error(bob)
	}
}
