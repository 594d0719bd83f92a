package iam_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/store"
)

// values are what requests are filled with, by the names of their members.
type values map[string]any

// fill makes a request of an operation, with every member that values has.
func (v values) fill(o op.Operation) any {
	in := reflect.New(o.Input.Elem())
	for name, value := range v {
		f := in.Elem().FieldByName(name)
		if !f.IsValid() {
			continue
		}
		given := reflect.ValueOf(value)
		if f.Kind() == reflect.Pointer && given.Type().ConvertibleTo(f.Type().Elem()) {
			f.Set(reflect.New(f.Type().Elem()))
			f = f.Elem()
		}
		if given.Type().ConvertibleTo(f.Type()) {
			f.Set(given.Convert(f.Type()))
		}
	}
	return in.Interface()
}

// operations is IAM's list of them, by name.
func operations() map[string]op.Operation {
	byName := map[string]op.Operation{}
	for _, o := range iam.Service().Operations {
		byName[o.Name] = o
	}
	return byName
}

// furnish gives an account one of everything, and returns what requests about it say.
func furnish(t *testing.T, w *optest.World, caller op.Principal) values {
	t.Helper()
	leaf := issue(t, "leaf", nil, w.Now.Add(-time.Hour))
	v := values{
		"UserName": "Bob", "GroupName": "devs", "RoleName": "r", "PolicyName": "p", "InstanceProfileName": "ip",
		"PolicyDocument":           `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
		"AssumeRolePolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`,
		"Password":                 "Correct-horse-1", "SSHPublicKeyBody": sshKey(1, 2048), "Encoding": "SSH", "ServiceName": "codecommit.amazonaws.com",
		"ServerCertificateName": "sc", "CertificateBody": leaf.pem, "PrivateKey": leaf.key,
		"VirtualMFADeviceName": "phone", "AWSServiceName": "ecs.amazonaws.com", "AccountAlias": "alias-" + string(caller.Account),
		"Url": "https://idp.example.com", "ThumbprintList": []string{printA}, "ClientIDList": []string{"app"}, "ClientID": "app",
		"Name": "corp", "SAMLMetadataDocument": samlMetadata(leaf, ""),
		"Tags": []shape.Tag{{Key: "k", Value: "v"}}, "TagKeys": []string{"k"},
	}
	all := operations()
	do := func(name string) any {
		t.Helper()
		out, _, err := w.Do(caller, name, v.fill(all[name]))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return out
	}
	do("CreateUser")
	do("CreateGroup")
	do("AddUserToGroup")
	do("CreateRole")
	v["PolicyArn"] = *do("CreatePolicy").(*shape.CreatePolicyResponse).Policy.Arn
	v["PermissionsBoundary"] = v["PolicyArn"]
	for _, name := range []string{
		"CreatePolicyVersion", "AttachUserPolicy", "AttachGroupPolicy", "AttachRolePolicy", "PutUserPolicy", "PutGroupPolicy", "PutRolePolicy",
		"PutUserPermissionsBoundary", "PutRolePermissionsBoundary", "CreateInstanceProfile", "AddRoleToInstanceProfile", "CreateLoginProfile",
		"UploadServerCertificate", "CreateAccountAlias", "UpdateAccountPasswordPolicy", "CreateServiceLinkedRole",
	} {
		do(name)
	}
	v["VersionId"] = "v2"
	v["AccessKeyId"] = do("CreateAccessKey").(*shape.CreateAccessKeyResponse).AccessKey.AccessKeyId
	v["SSHPublicKeyId"] = do("UploadSSHPublicKey").(*shape.UploadSSHPublicKeyResponse).SSHPublicKey.SSHPublicKeyId
	v["CertificateId"] = do("UploadSigningCertificate").(*shape.UploadSigningCertificateResponse).Certificate.CertificateId
	v["ServiceSpecificCredentialId"] = do("CreateServiceSpecificCredential").(*shape.CreateServiceSpecificCredentialResponse).ServiceSpecificCredential.ServiceSpecificCredentialId
	v["SerialNumber"] = do("CreateVirtualMFADevice").(*shape.CreateVirtualMFADeviceResponse).VirtualMFADevice.SerialNumber
	v["OpenIDConnectProviderArn"] = *do("CreateOpenIDConnectProvider").(*shape.CreateOpenIDConnectProviderResponse).OpenIDConnectProviderArn
	v["SAMLProviderArn"] = *do("CreateSAMLProvider").(*shape.CreateSAMLProviderResponse).SAMLProviderArn
	v["Arn"] = "arn:aws:iam::" + string(caller.Account) + ":user/Bob"
	v["PolicySourceArn"], v["ServiceNamespaces"], v["ActionNames"] = v["Arn"], []string{"s3"}, []string{"s3:GetObject"}
	v["JobId"] = *do("GenerateServiceLastAccessedDetails").(*shape.GenerateServiceLastAccessedDetailsResponse).JobId
	v["DeletionTaskId"] = "task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/none"
	v["AuthenticationCode1"], v["AuthenticationCode2"] = "123456", "234567"
	v["Status"], v["SetAsDefault"] = "Inactive", true
	v["OldPassword"], v["NewPassword"], v["Description"] = v["Password"], "Another-horse-2", "d"
	return v
}

// pairsOf are the keys and values that are an account's.
func pairsOf(t *testing.T, w *optest.World, a ids.Account) map[string]string {
	t.Helper()
	pairs := map[string]string{}
	err := w.Store.View(t.Context(), func(r store.Reader) error {
		for pair, err := range r.Scan("\x00", "\xff") {
			if err != nil {
				return err
			}
			if strings.Contains(pair.Key, string(a)) || strings.Contains(string(pair.Value), string(a)) {
				pairs[pair.Key] = string(pair.Value)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return pairs
}

// Nothing of one account can be found, listed or changed from another, whatever
// name, ARN, ID or serial number a request has.
func TestAccountsAreApart(t *testing.T) {
	w := optest.New(t, iam.Service())
	v := furnish(t, w, w.Root())
	before := pairsOf(t, w, optest.Account)
	other := otherAccount(t, w)
	all := operations()
	tried := 0
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if strings.HasPrefix(name, "Create") || strings.HasPrefix(name, "Upload") {
			continue // below: what these make is the other account's own
		}
		out, _, err := w.Do(other, name, v.fill(all[name]))
		if err == nil {
			checkSilent(t, name, out)
		} else if _, meant := awserr.Public(err, awserr.Query); !meant {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && names(all[name], v) {
			t.Errorf("%s finds something of the other account: %+v", name, out)
		}
		tried++
	}
	if tried < 90 {
		t.Errorf("%d operations were tried", tried)
	}
	// The same names are free in the other account.
	v2 := furnish(t, w, other)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if strings.HasPrefix(name, "List") || strings.HasPrefix(name, "Get") {
			if out, _, err := w.Do(other, name, v2.fill(all[name])); err == nil {
				checkSilent(t, name, out)
			}
		}
	}
	if after := pairsOf(t, w, optest.Account); !maps.Equal(before, after) {
		for key := range before {
			if before[key] != after[key] {
				t.Errorf("%s changed", key)
			}
		}
		t.Errorf("%d pairs of the first account became %d", len(before), len(after))
	}
}

// naming are the members that name something of one account.
var naming = []string{
	"UserName", "GroupName", "RoleName", "InstanceProfileName", "PolicyArn", "AccessKeyId", "SerialNumber", "SSHPublicKeyId",
	"CertificateId", "ServerCertificateName", "ServiceSpecificCredentialId", "DeletionTaskId", "AccountAlias",
	"OpenIDConnectProviderArn", "SAMLProviderArn",
}

// names reports whether a request filled with v names something.
func names(o op.Operation, v values) bool {
	return slices.ContainsFunc(naming, func(name string) bool {
		_, there := o.Input.Elem().FieldByName(name)
		return there && v[name] != nil
	})
}

// checkSilent makes sure that a reply to the other account tells nothing of the first.
func checkSilent(t *testing.T, name string, out any) {
	t.Helper()
	text, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), string(optest.Account)) {
		t.Errorf("%s tells of the first account: %s", name, text)
	}
}

// aboutNothing are lists about a job or by an ARN, of which furnish makes none.
var aboutNothing = []string{
	"GetServiceLastAccessedDetails", "GetServiceLastAccessedDetailsWithEntities", "GetOrganizationsAccessReport",
	"SimulatePrincipalPolicy", "ListPoliciesGrantingServiceAccess",
}

// A marker says where a list has got to, and not in which account.
func TestMarkersOfOtherAccounts(t *testing.T) {
	w := optest.New(t, iam.Service())
	other := otherAccount(t, w)
	ours, theirs := furnish(t, w, w.Root()), furnish(t, w, other)
	for i, caller := range []op.Principal{w.Root(), other} {
		v := []values{ours, theirs}[i]
		more := maps.Clone(v)
		for _, member := range []string{"UserName", "GroupName", "RoleName", "PolicyName", "InstanceProfileName", "VirtualMFADeviceName", "ServerCertificateName"} {
			more[member] = "a" + v[member].(string)
		}
		for _, name := range []string{"CreateUser", "CreateGroup", "CreateRole", "CreatePolicy", "CreateInstanceProfile", "CreateVirtualMFADevice", "UploadServerCertificate"} {
			in := more.fill(operations()[name])
			if f := reflect.ValueOf(in).Elem().FieldByName("PermissionsBoundary"); f.IsValid() {
				f.SetZero()
			}
			if _, _, err := w.Do(caller, name, in); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
	marked := 0
	for name, o := range operations() {
		if _, pages := o.Input.Elem().FieldByName("Marker"); !pages || slices.Contains(aboutNothing, name) {
			continue
		}
		ours["MaxItems"], theirs["MaxItems"], ours["Scope"] = int32(1), int32(1), "Local"
		theirs["Scope"] = "Local"
		out, _, err := w.Do(w.Root(), name, ours.fill(o))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		marker := reflect.ValueOf(out).Elem().FieldByName("Marker").Interface().(*string)
		if marker == nil {
			continue // a list of one
		}
		marked++
		theirs["Marker"] = *marker
		if out, _, err = w.Do(other, name, theirs.fill(o)); err == nil {
			checkSilent(t, name, out)
		}
		delete(theirs, "Marker")
	}
	if marked < 7 {
		t.Errorf("%d lists had a second page", marked)
	}
}
