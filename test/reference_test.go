package test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// A parameter's name can stand for a secret, which takes the permission on both.
func TestParameterForSecret(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	made := must[*secretsmanager.CreateSecretOutput](t)(s.secrets(s.root(t)).CreateSecret(ctx,
		&secretsmanager.CreateSecretInput{Name: new("db/main"), SecretString: new("first")}))
	must[*secretsmanager.PutSecretValueOutput](t)(s.secrets(s.root(t)).PutSecretValue(ctx,
		&secretsmanager.PutSecretValueInput{SecretId: made.ARN, SecretString: new("second")}))
	bob := s.userKey(t, "Bob")
	get := func(name string, decrypt bool) (*ssm.GetParameterOutput, error) {
		return s.ssm(bob, "us-east-1").GetParameter(ctx, &ssm.GetParameterInput{Name: new("/aws/reference/secretsmanager/" + name), WithDecryption: &decrypt})
	}
	s.allow(t, "Bob", allowing(`"ssm:GetParameter"`, "*"))
	_, err := get("db/main", true)
	refusedAs(t, err, "AccessDeniedException", "User: arn:aws:iam::123456789012:user/Bob is not authorized to perform: secretsmanager:GetSecretValue "+
		"on resource: "+*made.ARN+" because no identity-based policy allows the secretsmanager:GetSecretValue action")

	s.allow(t, "Bob", allowing(`"ssm:GetParameter","secretsmanager:GetSecretValue"`, "*"))
	p := must[*ssm.GetParameterOutput](t)(get("db/main", true)).Parameter
	if *p.Value != "second" || p.Type != types.ParameterTypeSecureString || p.Version != 0 || *p.ARN != *made.ARN ||
		*p.Name != "/aws/reference/secretsmanager/db/main" || !strings.Contains(*p.SourceResult, `"SecretString":"second"`) {
		t.Errorf("the parameter is %+v", p)
	}
	for _, selector := range []string{"AWSPREVIOUS", *made.VersionId} {
		if p := must[*ssm.GetParameterOutput](t)(get("db/main:"+selector, true)).Parameter; *p.Value != "first" {
			t.Errorf("%s is %q", selector, *p.Value)
		}
	}
	_, err = get("db/main", false)
	refusedAs(t, err, "ValidationException", "WithDecryption flag must be True for retrieving a Secret Manager secret.")
	for _, missing := range []string{"db/none", "db/main:NONE"} {
		_, err = get(missing, true)
		refusedAs(t, err, "ParameterNotFound", "")
	}
}
