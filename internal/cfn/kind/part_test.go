package kind_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/cfn/kind"
	iamshape "github.com/iamd-project/iamd/internal/shapes/iam"
	secretshape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

func TestTypes(t *testing.T) {
	for _, name := range []string{
		"AWS::IAM::AccessKey", "AWS::IAM::Group", "AWS::IAM::GroupPolicy", "AWS::IAM::InstanceProfile", "AWS::IAM::ManagedPolicy", "AWS::IAM::OIDCProvider",
		"AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::RolePolicy", "AWS::IAM::SAMLProvider", "AWS::IAM::ServerCertificate", "AWS::IAM::ServiceLinkedRole",
		"AWS::IAM::User", "AWS::IAM::UserPolicy", "AWS::IAM::UserToGroupAddition", "AWS::IAM::VirtualMFADevice",
		"AWS::SecretsManager::ResourcePolicy", "AWS::SecretsManager::RotationSchedule", "AWS::SecretsManager::Secret", "AWS::SecretsManager::SecretTargetAttachment",
		"AWS::SSM::Parameter", "AWS::CDK::Metadata",
	} {
		if kind.Find(name) == nil {
			t.Errorf("there is no %s", name)
		}
	}
}

func TestNames(t *testing.T) {
	name := func(stack, logical string, most int) string {
		r := kind.Resource{Stack: stack, Logical: logical, Token: "00000000-0000-4000-8000-000000000001"}
		full := r.Name(most)
		if again := r.Name(most); again != full || len(full) > most {
			t.Errorf("%s, then %s, of at most %d", full, again, most)
		}
		return full[:len(full)-12] + "#"
	}
	long := strings.Repeat("Long", 20)
	for _, c := range []struct {
		stack, logical string
		most           int
		want           string
	}{
		{"mystack", "MyUser", 64, "mystack-MyUser-#"},
		{long, "MyUser", 64, long[:44] + "-MyUser-#"},
		{"mystack", long, 64, "mystack-" + long[:43] + "-#"},
		{long, long, 64, long[:25] + "-" + long[:25] + "-#"},
		{"mystack", "MyPolicy", 24, "mysta-MyPol-#"},
		{"s", "MyPolicy", 24, "s-MyPolicy-#"},
	} {
		if got := name(c.stack, c.logical, c.most); got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.stack, c.logical, got, c.want)
		}
	}
	one, two := kind.Resource{Stack: "s", Logical: "L", Token: "1"}, kind.Resource{Stack: "s", Logical: "L", Token: "2"}
	if one.Name(64) == two.Name(64) || one.MixedName("CFN-") == two.MixedName("CFN-") {
		t.Error("two steps make the same name")
	}
	for typ, pattern := range map[string]string{
		"AWS::IAM::User":              "stack-Thing-",
		"AWS::SSM::Parameter":         "CFN-Thing-",
		"AWS::SecretsManager::Secret": "arn:aws:secretsmanager:us-east-1:123456789012:secret:Thing-",
	} {
		r := newWorld(t).resource(typ)
		properties := map[string]string{"AWS::SSM::Parameter": `{"Type":"String","Value":"v"}`}[typ]
		if properties == "" {
			properties = "{}"
		}
		if err := r.create(properties); err != nil || !strings.HasPrefix(r.Physical, pattern) {
			t.Errorf("%s is named %s, %v", typ, r.Physical, err)
		}
	}
}

// An update that fails half way is undone by the update back.
func TestUndone(t *testing.T) {
	const none = "arn:aws:iam::123456789012:policy/none"
	for _, c := range []struct{ typ, was, want, code string }{
		{"AWS::IAM::User", `{"UserName":"eve","Groups":["devs"],"LoginProfile":{"Password":"Correct-horse-1"},"Policies":[{"PolicyName":"p","PolicyDocument":` + allow + `}]}`,
			`{"UserName":"eve","Groups":["ops","none"]}`, "NoSuchEntity"},
		{"AWS::IAM::User", `{"UserName":"eve","LoginProfile":{"Password":"Correct-horse-1"},"ManagedPolicyArns":["` + readOnly + `"]}`,
			`{"UserName":"eve","ManagedPolicyArns":["` + viewOnly + `","` + none + `"]}`, "NoSuchEntity"},
		{"AWS::IAM::Role", `{"RoleName":"app","AssumeRolePolicyDocument":` + trustEC2 + `,"PermissionsBoundary":"` + readOnly + `"}`,
			`{"RoleName":"app","AssumeRolePolicyDocument":` + trustECS + `,"PermissionsBoundary":"` + none + `"}`, "NoSuchEntity"},
		{"AWS::IAM::Policy", `{"PolicyName":"p","PolicyDocument":` + allow + `,"Users":["ann"]}`,
			`{"PolicyName":"q","PolicyDocument":` + deny + `,"Users":["ann","ben","none"]}`, "NoSuchEntity"},
		{"AWS::IAM::ManagedPolicy", `{"ManagedPolicyName":"m","PolicyDocument":` + allow + `,"Users":["ann"]}`,
			`{"ManagedPolicyName":"m","PolicyDocument":` + deny + `,"Users":["ben"],"Groups":["none"]}`, "NoSuchEntity"},
		{"AWS::IAM::InstanceProfile", `{"InstanceProfileName":"box","Roles":["web"]}`, `{"InstanceProfileName":"box","Roles":["none"]}`, "NoSuchEntity"},
		{"AWS::IAM::UserToGroupAddition", `{"GroupName":"devs","Users":["ann"]}`, `{"GroupName":"devs","Users":["ben","none"]}`, "NoSuchEntity"},
		{"AWS::SecretsManager::Secret", `{"Name":"s","SecretString":"one","ReplicaRegions":[{"Region":"eu-west-1"}]}`,
			`{"Name":"s","SecretString":"two","ReplicaRegions":[{"Region":"eu-west-2"},{"Region":"us-east-1"}]}`, "InvalidParameterException"},
	} {
		for diesAfter := -1; diesAfter < 4; diesAfter++ {
			l := life{typ: c.typ}
			r := l.begin(t)
			r.diesAfter = diesAfter
			if err := r.create(c.was); err != nil {
				t.Fatalf("%s: %v", c.typ, err)
			}
			before := r.show()
			if e, ok := r.update(c.was, c.want).(*awserr.Error); !ok || e.Code != c.code {
				t.Errorf("%s: the update is refused with %v, not %s", c.typ, e, c.code)
			}
			if err := r.update(c.want, c.was); err != nil {
				t.Errorf("%s: undoing: %v", c.typ, err)
			}
			if after := r.show(); after != before {
				t.Errorf("%s is another, dying after %d: %s", c.typ, diesAfter, difference(after, before))
			}
			if err := r.delete(c.was); err != nil {
				t.Errorf("%s: deleting: %v", c.typ, err)
			}
		}
	}
}

// A policy keeps five versions, the newest of which is the default.
func TestPolicyVersions(t *testing.T) {
	for diesAfter := -1; diesAfter < 6; diesAfter++ {
		r := newWorld(t).resource("AWS::IAM::ManagedPolicy")
		properties := func(n int) string {
			return fmt.Sprintf(`{"ManagedPolicyName":"m","PolicyDocument":%s}`, strings.Replace(allow, "s3:GetObject", fmt.Sprintf("s3:Get%d", n), 1))
		}
		if err := r.create(properties(1)); err != nil {
			t.Fatal(err)
		}
		r.diesAfter = diesAfter
		for n := 2; n <= 8; n++ {
			if err := r.update(properties(n-1), properties(n)); err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf("v%d", n); r.attrs["DefaultVersionId"] != want {
				t.Errorf("the default is %s, not %s", r.attrs["DefaultVersionId"], want)
			}
		}
		var ids []string
		for _, v := range call[iamshape.ListPolicyVersionsResponse](r.world, &iamshape.ListPolicyVersionsRequest{PolicyArn: r.Physical}).Versions {
			ids = append(ids, *v.VersionId)
		}
		if got := strings.Join(ids, " "); got != "v8 v7 v6 v5 v4" {
			t.Errorf("there are %s", got)
		}
		if err := r.delete(properties(8)); err != nil {
			t.Errorf("deleting, dying after %d: %v", diesAfter, err)
		}
		if r.read(properties(8)) != nil {
			t.Error("the policy is still there")
		}
	}
}

// What somebody else has given a user stands in the way of its deletion.
func TestForeignParts(t *testing.T) {
	r := newWorld(t).resource("AWS::IAM::User")
	if err := r.create(`{"UserName":"eve","LoginProfile":{"Password":"Correct-horse-1"}}`); err != nil {
		t.Fatal(err)
	}
	eve := r.User("eve")
	changed := &iamshape.ChangePasswordRequest{OldPassword: "Correct-horse-1", NewPassword: "Correct-horse-2"}
	if _, _, err := r.Do(eve, "ChangePassword", changed); err != nil {
		t.Errorf("the password is another: %v", err)
	}
	if err := r.update(`{"UserName":"eve","LoginProfile":{"Password":"Correct-horse-1"}}`, `{"UserName":"eve","LoginProfile":{"Password":"Correct-horse-3"}}`); err != nil {
		t.Fatal(err)
	}
	changed = &iamshape.ChangePasswordRequest{OldPassword: "Correct-horse-3", NewPassword: "Correct-horse-4"}
	if _, _, err := r.Do(eve, "ChangePassword", changed); err != nil {
		t.Errorf("the password has not changed: %v", err)
	}
	key := call[iamshape.CreateAccessKeyResponse](r.world, &iamshape.CreateAccessKeyRequest{UserName: new("eve")}).AccessKey
	err := r.delete(`{"UserName":"eve","LoginProfile":{"Password":"Correct-horse-3"}}`)
	if err == nil || err.Error() != "DeleteConflict: Cannot delete entity, must delete access keys first." {
		t.Errorf("got %v", err)
	}
	if _, _, err := r.Do(r.Root(), "DeleteAccessKey", &iamshape.DeleteAccessKeyRequest{UserName: new("eve"), AccessKeyId: key.AccessKeyId}); err != nil {
		t.Fatal(err)
	}
	if err := r.delete(`{"UserName":"eve","LoginProfile":{"Password":"Correct-horse-3"}}`); err != nil {
		t.Error(err)
	}
	err = r.update(`{"UserName":"eve","Groups":["devs"]}`, `{"UserName":"eve"}`)
	if err == nil || err.Error() != "NoSuchEntity: The user with name eve cannot be found." {
		t.Errorf("updating what is gone: %v", err)
	}
}

func TestSAMLKeys(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text := quoted(string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})))
	r := newWorld(t).resource("AWS::IAM::SAMLProvider")
	rest := `"SamlMetadataDocument":` + quoted(samlMetadata("one")) + `,"AddPrivateKey":` + text
	if err := r.create(`{` + rest + `,"AssertionEncryptionMode":"Required"}`); err != nil {
		t.Fatal(err)
	}
	is := r.read(`{` + rest + `,"AssertionEncryptionMode":"Required","PrivateKeyList":[]}`)
	keys := is.Get("PrivateKeyList")
	if keys == nil || len(keys.Items) != 1 || is.Get("AssertionEncryptionMode").Text != "Required" {
		t.Fatalf("read %s", is.JSON())
	}
	if err := r.create(`{` + rest + `,"PrivateKeyList":` + keys.JSON() + `}`); err == nil ||
		err.Error() != "#/PrivateKeyList: the IDs of private keys are given by the service; AddPrivateKey adds a key" {
		t.Errorf("a new provider with a key's ID: %v", err)
	}
	if err := r.update(`{`+rest+`,"AssertionEncryptionMode":"Required","PrivateKeyList":`+keys.JSON()+`}`, `{`+rest+`}`); err != nil {
		t.Fatal(err)
	}
	if is := r.read(`{` + rest + `,"PrivateKeyList":[]}`); is.Get("PrivateKeyList") != nil {
		t.Errorf("read %s", is.JSON())
	}
}

// A replica where a secret of the same name is already fails, and the secret with it.
func TestReplicaRefused(t *testing.T) {
	w := newWorld(t)
	w.Region = "eu-west-1"
	call[secretshape.CreateSecretResponse](w, &secretshape.CreateSecretRequest{Name: "s", ClientRequestToken: new("00000000-0000-4000-9000-000000000000")})
	w.Region = "us-east-1"
	r := w.resource("AWS::SecretsManager::Secret")
	const properties = `{"Name":"s","ReplicaRegions":[{"Region":"eu-west-1"}]}`
	err := r.create(properties)
	if err == nil || err.Error() != "InvalidRequestException: Replication to region eu-west-1 failed: Secret with this name already exists in this region" {
		t.Errorf("got %v", err)
	}
	if err := r.delete(properties); err != nil {
		t.Error(err)
	}
	if r.read(properties) != nil {
		t.Error("the secret is still there")
	}
}

func TestMetadata(t *testing.T) {
	r := newWorld(t).resource("AWS::CDK::Metadata")
	if err := r.create(`{"Analytics":"v2:deflate64:x"}`); err != nil || r.Physical != r.Token {
		t.Errorf("%s, %v", r.Physical, err)
	}
	if err := r.update(`{"Analytics":"v2:deflate64:x"}`, `{"Analytics":"v2:deflate64:y"}`); err != nil {
		t.Error(err)
	}
	if err := r.delete(`{}`); err != nil {
		t.Error(err)
	}
}

// For an import, a resource is read by its Ref alone.
func TestImport(t *testing.T) {
	for _, l := range lives {
		r := l.begin(t)
		if err := r.create(l.first); err != nil {
			t.Fatal(err)
		}
		is, made, err := r.typ.Read(t.Context(), r.world, r.Resource, nil)
		switch {
		case err != nil:
			t.Errorf("%s: %v", l.typ, err)
		case is == nil && l.typ != "AWS::IAM::Policy" && l.typ != "AWS::IAM::UserToGroupAddition":
			t.Errorf("%s: %s can't be imported", l.typ, r.Physical)
		case is != nil && made.Physical != r.Physical:
			t.Errorf("%s: read %s as %s", l.typ, r.Physical, made.Physical)
		}
	}
}
