package policy_test

import (
	"fmt"
	"testing"

	"github.com/iamd-project/iamd/policy"
)

func TestPublic(t *testing.T) {
	const everybody = `"Principal":"*"`
	for _, tc := range []struct {
		effect, principal, condition string
		public                       bool
	}{
		{"Allow", everybody, ``, true},
		{"Allow", `"Principal":{"AWS":"*"}`, ``, true},
		{"Allow", `"Principal":{"AWS":["123456789012","*"]}`, ``, true},
		{"Deny", everybody, ``, false},
		{"Allow", `"Principal":{"AWS":"123456789012"}`, ``, false},
		{"Allow", everybody, `"StringEquals":{"aws:PrincipalOrgID":"o-1"}`, false},
		{"Allow", everybody, `"StringEquals":{"aws:PrincipalTag/x":"y"}`, true},
		{"Allow", everybody, `"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}`, true},
		{"Allow", everybody, `"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"}`, true},
		{"Allow", everybody, `"StringLike":{"aws:SourceVpce":"vpce-*"}`, true},
		{"Allow", everybody, `"StringEquals":{"aws:SourceAccount":"${aws:PrincipalAccount}"}`, true},
		{"Allow", everybody, `"ArnLike":{"aws:PrincipalArn":"*"}`, true},
		{"Allow", everybody, `"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:user/a"}`, false},
		{"Allow", everybody, `"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}`, false},
		{"Allow", everybody, `"IpAddress":{"aws:SourceIp":["10.0.0.0/8","0.0.0.0/1"]}`, true},
	} {
		text := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":%q,%s,"Action":"secretsmanager:*","Resource":"*","Condition":{%s}}]}`, tc.effect, tc.principal, tc.condition)
		doc, err := policy.Parse(text, policy.Resource)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := doc.Public(); got != tc.public {
			t.Errorf("%s: public is %t, want %t", text, got, tc.public)
		}
	}
}
