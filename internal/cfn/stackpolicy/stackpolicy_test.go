package stackpolicy

import (
	"strings"
	"testing"
)

func TestRefuses(t *testing.T) {
	const allow = `{"Effect":"Allow","Action":"Update:*","Principal":"*","Resource":"*"}`
	for _, c := range []struct {
		name, statements string
		action           Action
		want             string
	}{
		{"two denials", allow + `,{"Effect":"Deny","Action":["Update:Replace","Update:Delete"],"Principal":"*","Resource":["LogicalResourceId/A","LogicalResourceId/B"]},
			{"Effect":"Deny","Action":"Update:Delete","Principal":["*"],"Resource":"*"}`, Delete,
			"Action denied by stack policy: Statement [#1] does not allow [Update:Replace, Update:Delete] for resource [LogicalResourceId/A, LogicalResourceId/B]; Statement [#2] does not allow [Update:Delete] for resource [*];"},
		{"not an action", `{"Effect":"Allow","NotAction":"Update:Delete","Principal":"*","Resource":"*"}`, Delete, "Action not allowed by stack policy"},
		{"any other action", `{"Effect":"Allow","NotAction":"Update:Delete","Principal":"*","Resource":"*"}`, Modify, ""},
		{"not a resource", allow + `,{"Effect":"Deny","NotAction":"Update:Modify","Principal":"*","NotResource":"LogicalResourceId/B"}`, Delete,
			"Action denied by stack policy: Statement [#1] does not allow [Update:Delete] for resource [LogicalResourceId/A];"},
		{"another resource", allow + `,{"Effect":"Deny","Action":"Update:*","Principal":"*","NotResource":"LogicalResourceId/?"}`, Delete, ""},
		{"no resource", allow + `,{"Effect":"Deny","Action":"Update:*","Principal":"*"}`, Delete, ""},
		{"all conditions", allow + `,{"Effect":"Deny","Action":"Update:*","Principal":"*","Resource":"*",
			"Condition":{"StringEquals":{"ResourceType":"AWS::IAM::User"},"StringLike":{"ResourceType":"AWS::EC2::*"}}}`, Delete, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Parse(`{"Statement":[` + c.statements + `]}`)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Refuses(c.action, "A", "AWS::IAM::User"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestTooLong(t *testing.T) {
	if _, err := Parse(`{}` + strings.Repeat(" ", MaxLen)); err != ErrInvalid {
		t.Errorf("got %v", err)
	}
}

func TestLike(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"*", "", true}, {"a*b*c", "aXbbYc", true}, {"a*b*c", "acb", false}, {"?", "", false}, {"a?", "ab", true}, {"a", "ab", false}, {"**", "x", true}, {"*ab", "aab", true},
	} {
		if like(c.pattern, c.s) != c.want {
			t.Errorf("like(%q, %q) is not %v", c.pattern, c.s, c.want)
		}
	}
}

// Any text is a policy or ErrInvalid, and a policy decides on anything.
func FuzzParse(f *testing.F) {
	f.Add(`{"Statement":[{"Effect":"Deny","Action":["Update:*"],"Principal":"*","NotResource":"LogicalResourceId/A*?","Condition":{"StringLike":{"ResourceType":["a*"]}}}]}`, "A")
	f.Fuzz(func(t *testing.T, text, logical string) {
		p, err := Parse(text)
		if err != nil {
			if err != ErrInvalid || p != nil {
				t.Fatalf("got %v, %v", p, err)
			}
			return
		}
		p.Unknown(func(string) bool { return false })
		for _, a := range []Action{Modify, Replace, Delete} {
			p.Refuses(a, logical, "AWS::IAM::User")
		}
	})
}
