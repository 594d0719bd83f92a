package iam_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

const samlARN = "arn:aws:iam::123456789012:saml-provider/"

func samlMetadata(cert *issued, validity string) string {
	return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com" ` + validity + `>` +
		`<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor>` +
		`<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` + base64.StdEncoding.EncodeToString(cert.cert.Raw) +
		`</X509Certificate></X509Data></KeyInfo></KeyDescriptor>` + strings.Repeat(" ", 1000) + `</IDPSSODescriptor></EntityDescriptor>`
}

func privateKey(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

func getSAML(w *optest.World, arn string) *shape.GetSAMLProviderResponse {
	return optest.Must[shape.GetSAMLProviderResponse](w, w.Root(), "GetSAMLProvider", &shape.GetSAMLProviderRequest{SAMLProviderArn: arn})
}

func TestSAMLProviderLife(t *testing.T) {
	w := optest.New(t, iam.Service())
	cert := issue(t, "idp", nil, w.Now.Add(-60*24*time.Hour)) // over, which does not matter
	in := &shape.CreateSAMLProviderRequest{Name: "Corp", SAMLMetadataDocument: samlMetadata(cert, ""), Tags: []shape.Tag{{Key: "k", Value: "v"}}}
	out, needs, err := w.Do(w.Root(), "CreateSAMLProvider", in)
	arn := samlARN + "Corp"
	if err != nil || !reflect.DeepEqual(out, &shape.CreateSAMLProviderResponse{SAMLProviderArn: &arn, Tags: in.Tags}) {
		t.Fatalf("CreateSAMLProvider replied %+v, %v", out, err)
	}
	if want := []string{"CreateSAMLProvider saml-provider/Corp requesttag/k=v", "TagSAMLProvider saml-provider/Corp requesttag/k=v"}; !slices.Equal(needTexts(needs), want) {
		t.Errorf("needs %v", needs)
	}
	got := getSAML(w, arn)
	want := &shape.GetSAMLProviderResponse{
		SAMLProviderUUID: got.SAMLProviderUUID, SAMLMetadataDocument: &in.SAMLMetadataDocument, AssertionEncryptionMode: new("Allowed"),
		PrivateKeyList: []shape.SAMLPrivateKey{}, CreateDate: new(w.Now), ValidUntil: new(w.Now.AddDate(100, 0, 0)), Tags: in.Tags,
	}
	if !reflect.DeepEqual(got, want) || !regexp.MustCompile(`^[A-Z0-9]{22,64}$`).MatchString(*got.SAMLProviderUUID) {
		t.Errorf("GetSAMLProvider replied %+v", got)
	}

	next := samlMetadata(cert, `validUntil="2030-01-02T03:04:05Z"`)
	updated := optest.Must[shape.UpdateSAMLProviderResponse](w, w.Root(), "UpdateSAMLProvider", &shape.UpdateSAMLProviderRequest{SAMLProviderArn: arn, SAMLMetadataDocument: &next})
	until := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	if got := getSAML(w, arn); *updated.SAMLProviderArn != arn || *got.SAMLMetadataDocument != next || *got.ValidUntil != until {
		t.Errorf("after the update: %+v", got)
	}
	list := optest.Must[shape.ListSAMLProvidersResponse](w, w.Root(), "ListSAMLProviders", &shape.ListSAMLProvidersRequest{}).SAMLProviderList
	if !reflect.DeepEqual(list, []shape.SAMLProviderListEntry{{Arn: &arn, CreateDate: new(w.Now), ValidUntil: &until}}) {
		t.Errorf("ListSAMLProviders replied %+v", list)
	}
	optest.Must[op.None](w, w.Root(), "TagSAMLProvider", &shape.TagSAMLProviderRequest{SAMLProviderArn: arn, Tags: []shape.Tag{{Key: "a", Value: "b"}}})
	optest.Must[op.None](w, w.Root(), "UntagSAMLProvider", &shape.UntagSAMLProviderRequest{SAMLProviderArn: arn, TagKeys: []string{"K"}})
	tags := optest.Must[shape.ListSAMLProviderTagsResponse](w, w.Root(), "ListSAMLProviderTags", &shape.ListSAMLProviderTagsRequest{SAMLProviderArn: arn}).Tags
	if !reflect.DeepEqual(tags, []shape.Tag{{Key: "a", Value: "b"}}) {
		t.Errorf("tags %v", tags)
	}
	in.Name = "corp"
	w.Refused(w.Root(), "CreateSAMLProvider", in, 409, "EntityAlreadyExists", "Provider with name corp already exists.")
	optest.Must[op.None](w, w.Root(), "DeleteSAMLProvider", &shape.DeleteSAMLProviderRequest{SAMLProviderArn: arn})
	for name, in := range map[string]any{
		"GetSAMLProvider":      &shape.GetSAMLProviderRequest{SAMLProviderArn: arn},
		"UpdateSAMLProvider":   &shape.UpdateSAMLProviderRequest{SAMLProviderArn: arn, SAMLMetadataDocument: &next},
		"DeleteSAMLProvider":   &shape.DeleteSAMLProviderRequest{SAMLProviderArn: arn},
		"TagSAMLProvider":      &shape.TagSAMLProviderRequest{SAMLProviderArn: arn},
		"UntagSAMLProvider":    &shape.UntagSAMLProviderRequest{SAMLProviderArn: arn},
		"ListSAMLProviderTags": &shape.ListSAMLProviderTagsRequest{SAMLProviderArn: arn},
	} {
		w.Refused(w.Root(), name, in, 404, "NoSuchEntity", "Manifest not found for arn "+arn)
	}
}

func TestSAMLProviderKeys(t *testing.T) {
	w := optest.New(t, iam.Service())
	document := samlMetadata(issue(t, "idp", nil, w.Now), "")
	required, allowed := "Required", "Allowed"
	const noKey = "Unable to set assertion encryption mode to Required because no private key is provided."
	create := &shape.CreateSAMLProviderRequest{Name: "corp", SAMLMetadataDocument: document, AssertionEncryptionMode: &required}
	w.Refused(w.Root(), "CreateSAMLProvider", create, 400, "InvalidInput", noKey)
	create.AddPrivateKey = new("hello")
	w.Refused(w.Root(), "CreateSAMLProvider", create, 400, "InvalidInput", "Invalid private key.")
	create.AddPrivateKey = new(privateKey(t))
	optest.Must[shape.CreateSAMLProviderResponse](w, w.Root(), "CreateSAMLProvider", create)
	arn := samlARN + "corp"
	update := func(in shape.UpdateSAMLProviderRequest) *shape.UpdateSAMLProviderRequest {
		in.SAMLProviderArn = arn
		return &in
	}
	refuse := func(in shape.UpdateSAMLProviderRequest, status int, code, text string) {
		t.Helper()
		w.Refused(w.Root(), "UpdateSAMLProvider", update(in), status, code, text)
	}
	first := getSAML(w, arn)
	if len(first.PrivateKeyList) != 1 || *first.AssertionEncryptionMode != "Required" || *first.PrivateKeyList[0].Timestamp != w.Now ||
		!regexp.MustCompile(`^[A-Z0-9]{22,64}$`).MatchString(*first.PrivateKeyList[0].KeyId) {
		t.Fatalf("GetSAMLProvider replied %+v", first)
	}
	one := first.PrivateKeyList[0].KeyId
	refuse(shape.UpdateSAMLProviderRequest{}, 400, "InvalidInput", "Unable to update identity provider. No updates are defined for metadata or encryption assertion.")
	refuse(shape.UpdateSAMLProviderRequest{AddPrivateKey: new("x"), RemovePrivateKey: one}, 400, "InvalidInput",
		"Unable to add and remove private keys in the same request. Set a value for only one of the two parameters.")
	refuse(shape.UpdateSAMLProviderRequest{RemovePrivateKey: one}, 400, "InvalidInput", "Failed to remove private key.")
	refuse(shape.UpdateSAMLProviderRequest{RemovePrivateKey: new(strings.Repeat("X", 22))}, 400, "InvalidInput",
		"Failed to remove private key because the Key ID does not match a private key.")
	optest.Must[shape.UpdateSAMLProviderResponse](w, w.Root(), "UpdateSAMLProvider", update(shape.UpdateSAMLProviderRequest{AddPrivateKey: new(privateKey(t))}))
	refuse(shape.UpdateSAMLProviderRequest{AddPrivateKey: new(privateKey(t))}, 409, "LimitExceeded", "Private key limit of 2 is reached.")
	optest.Must[shape.UpdateSAMLProviderResponse](w, w.Root(), "UpdateSAMLProvider", update(shape.UpdateSAMLProviderRequest{RemovePrivateKey: one}))
	last := getSAML(w, arn).PrivateKeyList
	if len(last) != 1 || *last[0].KeyId == *one {
		t.Errorf("keys %+v", last)
	}
	optest.Must[shape.UpdateSAMLProviderResponse](w, w.Root(), "UpdateSAMLProvider", update(shape.UpdateSAMLProviderRequest{RemovePrivateKey: last[0].KeyId, AssertionEncryptionMode: &allowed}))
	refuse(shape.UpdateSAMLProviderRequest{AssertionEncryptionMode: &required}, 400, "InvalidInput", noKey)
}

func TestSAMLProviderRefuses(t *testing.T) {
	w := optest.New(t, iam.Service())
	document := samlMetadata(issue(t, "idp", nil, w.Now), "")
	w.Refused(w.Root(), "CreateSAMLProvider", &shape.CreateSAMLProviderRequest{Name: "corp", SAMLMetadataDocument: strings.Repeat("x", 1000)}, 400, "InvalidInput", "Could not parse metadata")
	w.Refused(w.Root(), "CreateSAMLProvider", &shape.CreateSAMLProviderRequest{Name: "corp", SAMLMetadataDocument: document + strings.Repeat(" ", 100<<10)},
		409, "LimitExceeded", "Cannot exceed quota for SAMLMetadataDocumentSize: 102400")
	for n := range 100 {
		optest.Must[shape.CreateSAMLProviderResponse](w, w.Root(), "CreateSAMLProvider", &shape.CreateSAMLProviderRequest{Name: fmt.Sprint("p", n), SAMLMetadataDocument: document})
	}
	w.Refused(w.Root(), "CreateSAMLProvider", &shape.CreateSAMLProviderRequest{Name: "corp", SAMLMetadataDocument: document}, 409, "LimitExceeded", "Cannot exceed quota for SAMLProvidersPerAccount: 100")
	bad := "not-metadata"
	w.Refused(w.Root(), "UpdateSAMLProvider", &shape.UpdateSAMLProviderRequest{SAMLProviderArn: samlARN + "p7", SAMLMetadataDocument: &bad}, 400, "InvalidInput", "Could not parse metadata")
	if got := getSAML(w, samlARN+"P7"); *got.SAMLMetadataDocument != document {
		t.Error("a failed update changed the metadata")
	}
	w.Refused(w.Root(), "GetSAMLProvider", &shape.GetSAMLProviderRequest{SAMLProviderArn: oidcARN + "x"}, 400, "InvalidInput", "ARN "+oidcARN+"x is not valid.")
}
