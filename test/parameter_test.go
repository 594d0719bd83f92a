package test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// ssm is AWS's own client. It tries everything once.
func (s *server) ssm(k key, region string) *ssm.Client {
	return ssm.New(ssm.Options{
		Region: region, BaseEndpoint: &s.url, HTTPClient: s.http, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider(k.ID, k.Secret, k.Token),
	})
}

const parameterARN = "arn:aws:ssm:us-east-1:123456789012:parameter"

// put stores a String.
func put(t *testing.T, c *ssm.Client, name, value string, tags ...types.Tag) {
	t.Helper()
	in := &ssm.PutParameterInput{Name: &name, Value: &value, Type: types.ParameterTypeString, Tags: tags}
	must[*ssm.PutParameterOutput](t)(c.PutParameter(t.Context(), in))
}

func TestParameters(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx, c := t.Context(), s.ssm(s.root(t), "us-east-1")
	_, err := c.GetParameter(ctx, &ssm.GetParameterInput{Name: new("/app/db")})
	refusedAs(t, err, "ParameterNotFound", "")
	put(t, c, "/app/db", "one", types.Tag{Key: new("Env"), Value: new("test")})
	secure := &ssm.PutParameterInput{Name: new("/app/token"), Value: new("plain-secret"), Type: types.ParameterTypeSecureString}
	must[*ssm.PutParameterOutput](t)(c.PutParameter(ctx, secure))
	_, err = c.PutParameter(ctx, secure)
	refusedAs(t, err, "ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
	_, err = c.PutParameter(ctx, &ssm.PutParameterInput{Name: new("n"), Value: new("v")})
	refusedAs(t, err, "ValidationException", "A parameter type is required when you create a parameter.")

	made := must[*ssm.PutParameterOutput](t)(c.PutParameter(ctx, &ssm.PutParameterInput{Name: new("/app/db"), Value: new("two"), Overwrite: new(true)}))
	if made.Version != 2 || made.Tier != types.ParameterTierStandard {
		t.Errorf("PutParameter replied %+v", made)
	}
	labelled := must[*ssm.LabelParameterVersionOutput](t)(c.LabelParameterVersion(ctx,
		&ssm.LabelParameterVersionInput{Name: new("/app/db"), ParameterVersion: new(int64(1)), Labels: []string{"live", "1x"}}))
	if labelled.ParameterVersion != 1 || len(labelled.InvalidLabels) != 1 {
		t.Errorf("LabelParameterVersion replied %+v", labelled)
	}
	got := must[*ssm.GetParameterOutput](t)(c.GetParameter(ctx, &ssm.GetParameterInput{Name: new(parameterARN + "/app/db:live")})).Parameter
	if *got.Value != "one" || got.Version != 1 || *got.Selector != ":live" || *got.ARN != parameterARN+"/app/db" || *got.Name != "/app/db" {
		t.Errorf("GetParameter replied %+v", got)
	}
	several := must[*ssm.GetParametersOutput](t)(c.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{"/app/token", "x"}, WithDecryption: new(true)}))
	if len(several.Parameters) != 1 || *several.Parameters[0].Value != "plain-secret" || several.InvalidParameters[0] != "x" {
		t.Errorf("GetParameters replied %+v", several)
	}
	hidden := must[*ssm.GetParametersByPathOutput](t)(c.GetParametersByPath(ctx, &ssm.GetParametersByPathInput{Path: new("/app")}))
	if len(hidden.Parameters) != 2 || strings.Contains(*hidden.Parameters[1].Value, "plain-secret") {
		t.Errorf("GetParametersByPath replied %+v", hidden)
	}
	history := must[*ssm.GetParameterHistoryOutput](t)(c.GetParameterHistory(ctx, &ssm.GetParameterHistoryInput{Name: new("/app/db")}))
	if len(history.Parameters) != 2 || history.Parameters[0].Labels[0] != "live" {
		t.Errorf("GetParameterHistory replied %+v", history)
	}
	off := must[*ssm.UnlabelParameterVersionOutput](t)(c.UnlabelParameterVersion(ctx,
		&ssm.UnlabelParameterVersionInput{Name: new("/app/db"), ParameterVersion: new(int64(1)), Labels: []string{"live"}}))
	if len(off.RemovedLabels) != 1 {
		t.Errorf("UnlabelParameterVersion replied %+v", off)
	}
	s.parameterTags(t, c)

	// Another region has parameters of its own, and a restart loses none.
	_, err = s.ssm(s.root(t), "eu-west-1").GetParameter(ctx, &ssm.GetParameterInput{Name: new("/app/db")})
	refusedAs(t, err, "ParameterNotFound", "")
	s.stop(t)
	if strings.Contains(trailText(t, s.data), "plain-secret") {
		t.Error("the audit trail shows a value")
	}
	s = start(t, onData(s.data))
	c = s.ssm(s.root(t), "us-east-1")
	if got := must[*ssm.GetParameterOutput](t)(c.GetParameter(ctx, &ssm.GetParameterInput{Name: new("/app/token"), WithDecryption: new(true)})); *got.Parameter.Value != "plain-secret" {
		t.Errorf("after a restart it is %s", *got.Parameter.Value)
	}
	gone := must[*ssm.DeleteParametersOutput](t)(c.DeleteParameters(ctx, &ssm.DeleteParametersInput{Names: []string{"/app/token", "/none"}}))
	if len(gone.DeletedParameters) != 1 || len(gone.InvalidParameters) != 1 {
		t.Errorf("DeleteParameters replied %+v", gone)
	}
	must[*ssm.DeleteParameterOutput](t)(c.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: new("/app/db")}))
	_, err = c.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: new("/app/db")})
	refusedAs(t, err, "ParameterNotFound", "")
	doctorIsHappy(t, s)
}

func (s *server) parameterTags(t *testing.T, c *ssm.Client) {
	t.Helper()
	ctx, kind, id := t.Context(), types.ResourceTypeForTaggingParameter, new("/app/db")
	must[*ssm.AddTagsToResourceOutput](t)(c.AddTagsToResource(ctx, &ssm.AddTagsToResourceInput{ResourceType: kind, ResourceId: id, Tags: []types.Tag{{Key: new("a"), Value: new("b")}}}))
	must[*ssm.RemoveTagsFromResourceOutput](t)(c.RemoveTagsFromResource(ctx, &ssm.RemoveTagsFromResourceInput{ResourceType: kind, ResourceId: id, TagKeys: []string{"Env"}}))
	tags := must[*ssm.ListTagsForResourceOutput](t)(c.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{ResourceType: kind, ResourceId: id})).TagList
	if len(tags) != 1 || *tags[0].Key != "a" || *tags[0].Value != "b" {
		t.Errorf("tags %+v", tags)
	}
	found := must[*ssm.DescribeParametersOutput](t)(c.DescribeParameters(ctx,
		&ssm.DescribeParametersInput{ParameterFilters: []types.ParameterStringFilter{{Key: new("tag:a"), Values: []string{"b"}}}})).Parameters
	if len(found) != 1 || *found[0].Name != "/app/db" || *found[0].LastModifiedUser != accountRoot {
		t.Errorf("DescribeParameters replied %+v", found)
	}
}

// Who may do what is said by path, by tag, and by what a request asks for.
func TestParameterPermissions(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx, root, bob := t.Context(), s.ssm(s.root(t), "us-east-1"), s.userKey(t, "Bob")
	put(t, root, "/app/db", "v")
	put(t, root, "/open/x", "v", types.Tag{Key: new("Open"), Value: new("yes")})
	c := s.ssm(bob, "us-east-1")
	get := func(name string) error {
		_, err := c.GetParameter(ctx, &ssm.GetParameterInput{Name: &name})
		return err
	}
	denied := func(err error, action, resource, why string) {
		t.Helper()
		refusedAs(t, err, "AccessDeniedException", "User: arn:aws:iam::123456789012:user/Bob is not authorized to perform: ssm:"+action+
			" on resource: "+resource+" "+why)
	}
	const none = "because no identity-based policy allows the ssm:"
	denied(get("/app/db"), "GetParameter", parameterARN+"/app/db", none+"GetParameter action")

	s.allow(t, "Bob", new(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":["ssm:Get*","ssm:PutParameter"],"Resource":"`+parameterARN+`/app*"},
		{"Effect":"Allow","Action":"ssm:GetParameter","Resource":"*","Condition":{"StringEquals":{"ssm:resourceTag/Open":"yes"}}},
		{"Effect":"Deny","Action":"ssm:PutParameter","Resource":"*","Condition":{"StringEquals":{"ssm:Overwrite":"true"}}},
		{"Effect":"Deny","Action":"ssm:GetParametersByPath","Resource":"*","Condition":{"StringEquals":{"ssm:Recursive":"true"}}}]}`))
	for _, name := range []string{"/app/db", "/app/db:1", "/open/x"} {
		if err := get(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	denied(get("/other"), "GetParameter", parameterARN+"/other", none+"GetParameter action")
	must[*ssm.GetParametersByPathOutput](t)(c.GetParametersByPath(ctx, &ssm.GetParametersByPathInput{Path: new("/app")}))
	_, err := c.GetParametersByPath(ctx, &ssm.GetParametersByPathInput{Path: new("/app"), Recursive: new(true)})
	denied(err, "GetParametersByPath", parameterARN+"/app", "with an explicit deny in an identity-based policy")
	put(t, c, "/app/new", "v")
	_, err = c.PutParameter(ctx, &ssm.PutParameterInput{Name: new("/app/new"), Value: new("v"), Overwrite: new(true)})
	denied(err, "PutParameter", parameterARN+"/app/new", "with an explicit deny in an identity-based policy")
	_, err = c.PutParameter(ctx, &ssm.PutParameterInput{Name: new("/app/tagged"), Value: new("v"), Type: types.ParameterTypeString, Tags: []types.Tag{{Key: new("a"), Value: new("b")}}})
	denied(err, "AddTagsToResource", parameterARN+"/app/tagged", none+"AddTagsToResource action")
	_, err = c.DescribeParameters(ctx, &ssm.DescribeParametersInput{})
	denied(err, "DescribeParameters", "arn:aws:ssm:us-east-1:123456789012:*", none+"DescribeParameters action")
}

func TestParameterCommands(t *testing.T) {
	needCLI(t)
	t.Parallel()
	s := start(t)
	var made struct{ Version int }
	s.bash(t, `aws ssm put-parameter --name /cli/p --type SecureString --value plain-secret`).json(t, &made)
	var got struct{ Parameter struct{ Value, ARN string } }
	s.bash(t, `aws ssm get-parameter --name /cli/p:1 --with-decryption`).json(t, &got)
	if made.Version != 1 || got.Parameter.Value != "plain-secret" || got.Parameter.ARN != parameterARN+"/cli/p" {
		t.Errorf("made %+v, got %+v", made, got)
	}
	s.bash(t, `aws ssm get-parameter --name /cli/q`).refused(t, "An error occurred (ParameterNotFound) when calling the GetParameter operation:")
}
