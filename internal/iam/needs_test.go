package iam_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/store"
)

// needsWorld has one of each noun, tagged team=blue where it can be. Ann and the role
// app have a permissions boundary.
type needsWorld struct {
	*optest.World
	key, credential string // Ann's access key and credential for Bedrock
}

const limitARN = ownPolicyARN + "eng/limit"

func newNeedsWorld(t *testing.T) needsWorld {
	t.Helper()
	w := needsWorld{World: optest.New(t, iam.Service())}
	blue, eng := []shape.Tag{{Key: "team", Value: "blue"}}, new("/eng/")
	site := issue(t, "site", nil, w.Now)
	for _, made := range []struct {
		operation string
		in        any
	}{
		{"CreatePolicy", &shape.CreatePolicyRequest{PolicyName: "limit", Path: eng, PolicyDocument: sized(200), Tags: blue}},
		{"CreateUser", &shape.CreateUserRequest{UserName: "Ann", Path: eng, PermissionsBoundary: new(limitARN), Tags: blue}},
		{"CreateGroup", &shape.CreateGroupRequest{GroupName: "Devs", Path: eng}},
		{"CreateRole", &shape.CreateRoleRequest{RoleName: "App", Path: eng, AssumeRolePolicyDocument: ec2Trust, PermissionsBoundary: new(limitARN), Tags: blue}},
		{"CreateInstanceProfile", &shape.CreateInstanceProfileRequest{InstanceProfileName: "Web", Path: eng, Tags: blue}},
		{"CreateVirtualMFADevice", &shape.CreateVirtualMFADeviceRequest{VirtualMFADeviceName: "Phone", Path: eng, Tags: blue}},
		{"CreateServiceLinkedRole", &shape.CreateServiceLinkedRoleRequest{AWSServiceName: "ecs.amazonaws.com"}},
		{"UploadServerCertificate", &shape.UploadServerCertificateRequest{
			ServerCertificateName: "Site", Path: eng, CertificateBody: site.pem, PrivateKey: site.key, Tags: blue,
		}},
		{"CreateOpenIDConnectProvider", &shape.CreateOpenIDConnectProviderRequest{Url: "https://idp.example.com", ThumbprintList: []string{printA}, Tags: blue}},
		{"CreateSAMLProvider", &shape.CreateSAMLProviderRequest{Name: "Corp", SAMLMetadataDocument: samlMetadata(site, ""), Tags: blue}},
	} {
		if _, _, err := w.Do(w.Root(), made.operation, made.in); err != nil {
			t.Fatalf("%s: %v", made.operation, err)
		}
	}
	w.key = createKey(w.World, w.Root(), new("Ann")).AccessKeyId
	w.credential = createServiceCredential(w.World, "Ann", bedrock).ServiceSpecificCredentialId
	return w
}

// needs is what an operation asks for, without doing it.
func (w needsWorld) needs(t *testing.T, caller op.Principal, o op.Operation, in any) (needs []op.Need) {
	t.Helper()
	err := w.Store.View(t.Context(), func(r store.Reader) (err error) {
		needs, err = o.Needs(&op.Call{Snap: r, Caller: caller, Now: w.Now, Region: "us-east-1"}, in)
		return err
	})
	if err != nil {
		t.Errorf("%s: %v", o.Name, err)
	}
	return needs
}

// needText is a need in one line: the action, the resource, and each key that
// conditions may ask for, with its values. Of tags it leaves out that keys begin with
// aws: (and iam: for those of a resource), and that aws:TagKeys has those of a request.
func needText(n op.Need) string {
	words := []string{strings.TrimPrefix(n.Action, "iam:"), strings.TrimPrefix(n.Resource, "arn:aws:iam::123456789012:")}
	for _, key := range slices.Sorted(maps.Keys(n.Context)) {
		words = append(words, key+"="+strings.TrimPrefix(strings.Join(n.Context[key], ","), "arn:aws:iam::123456789012:"))
	}
	for _, tag := range n.Tags {
		words = append(words, "resourcetag/"+tag.Key+"="+tag.Value)
	}
	for _, tag := range n.NewTags {
		words = append(words, "requesttag/"+tag.Key+"="+tag.Value)
	}
	for _, key := range n.TagKeys {
		words = append(words, "tagkeys="+key)
	}
	return strings.Join(words, " ")
}

func needTexts(needs []op.Need) (texts []string) {
	for _, n := range needs {
		texts = append(texts, needText(n))
	}
	return texts
}

// Every operation asks for what the Service Authorization Reference has. Names are
// given in another case than the entity's, whose own the ARNs have.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
func TestNeeds(t *testing.T) {
	w := newNeedsWorld(t)
	ann := w.User("Ann")
	table := needsTable(w)
	for _, o := range iam.Service().Operations {
		row := slices.IndexFunc(table, func(r needsRow) bool { return r.operation == o.Name })
		if row < 0 {
			t.Errorf("%s has no row", o.Name)
		}
	}
	for _, row := range table {
		at := slices.IndexFunc(iam.Service().Operations, func(o op.Operation) bool { return o.Name == row.operation })
		if at < 0 {
			t.Errorf("%s is no operation", row.operation)
			continue
		}
		o := iam.Service().Operations[at]
		if got := needTexts(w.needs(t, ann, o, row.in)); !slices.Equal(got, row.want) {
			t.Errorf("%s needs\n got %q\nwant %q", o.Name, got, row.want)
		}
	}
}

// An operation whose UserName may be left out asks the same of its caller, by that or
// by name.
func TestNeedsWithoutUserName(t *testing.T) {
	w := newNeedsWorld(t)
	ann := w.User("Ann")
	for _, row := range needsTable(w) {
		named := reflect.ValueOf(row.in).Elem()
		field := named.FieldByName("UserName")
		if !field.IsValid() || field.Kind() != reflect.Pointer {
			continue
		}
		unnamed := reflect.New(named.Type())
		unnamed.Elem().Set(named)
		unnamed.Elem().FieldByName("UserName").SetZero()
		o := iam.Service().Operations[slices.IndexFunc(iam.Service().Operations, func(o op.Operation) bool { return o.Name == row.operation })]
		if got := needTexts(w.needs(t, ann, o, unnamed.Interface())); !slices.Equal(got, row.want) {
			t.Errorf("%s without a name needs\n got %q\nwant %q", o.Name, got, row.want)
		}
	}
}
