package iam_test

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

const oidcARN = "arn:aws:iam::123456789012:oidc-provider/"

var (
	printA = strings.Repeat("a", 40)
	printB = strings.Repeat("b", 40)
)

func createOIDC(w *optest.World, url string) string {
	in := &shape.CreateOpenIDConnectProviderRequest{Url: url, ThumbprintList: []string{printA}}
	return *optest.Must[shape.CreateOpenIDConnectProviderResponse](w, w.Root(), "CreateOpenIDConnectProvider", in).OpenIDConnectProviderArn
}

func getOIDC(w *optest.World, arn string) *shape.GetOpenIDConnectProviderResponse {
	return optest.Must[shape.GetOpenIDConnectProviderResponse](w, w.Root(), "GetOpenIDConnectProvider", &shape.GetOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn})
}

func TestOIDCProviderLife(t *testing.T) {
	w := optest.New(t, iam.Service())
	in := &shape.CreateOpenIDConnectProviderRequest{
		Url: "https://oidc.example.com/id/AB", ClientIDList: []string{"app", "sts.amazonaws.com", "app"},
		ThumbprintList: []string{strings.ToUpper(printB), printA}, Tags: []shape.Tag{{Key: "k", Value: "v"}},
	}
	out, needs, err := w.Do(w.Root(), "CreateOpenIDConnectProvider", in)
	arn := oidcARN + "oidc.example.com/id/AB"
	if err != nil || !reflect.DeepEqual(out, &shape.CreateOpenIDConnectProviderResponse{OpenIDConnectProviderArn: &arn, Tags: in.Tags}) {
		t.Fatalf("CreateOpenIDConnectProvider replied %+v, %v", out, err)
	}
	if want := []string{"CreateOpenIDConnectProvider oidc-provider/oidc.example.com/id/AB requesttag/k=v", "TagOpenIDConnectProvider oidc-provider/oidc.example.com/id/AB requesttag/k=v"}; !slices.Equal(needTexts(needs), want) {
		t.Errorf("needs %q", needTexts(needs))
	}
	w.Refused(w.Root(), "CreateOpenIDConnectProvider", in, 409, "EntityAlreadyExists", "Provider with url https://oidc.example.com/id/AB already exists.")
	want := &shape.GetOpenIDConnectProviderResponse{
		Url: new("oidc.example.com/id/AB"), ClientIDList: []string{"app", "sts.amazonaws.com"}, ThumbprintList: []string{printB, printA},
		CreateDate: new(w.Now), Tags: in.Tags,
	}
	if got := getOIDC(w, arn); !reflect.DeepEqual(got, want) {
		t.Errorf("GetOpenIDConnectProvider replied %+v", got)
	}

	for range 2 { // adding and removing a client is idempotent
		optest.Must[op.None](w, w.Root(), "AddClientIDToOpenIDConnectProvider", &shape.AddClientIDToOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn, ClientID: "new"})
		optest.Must[op.None](w, w.Root(), "RemoveClientIDFromOpenIDConnectProvider", &shape.RemoveClientIDFromOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn, ClientID: "app"})
	}
	optest.Must[op.None](w, w.Root(), "UpdateOpenIDConnectProviderThumbprint", &shape.UpdateOpenIDConnectProviderThumbprintRequest{OpenIDConnectProviderArn: arn, ThumbprintList: []string{}})
	optest.Must[op.None](w, w.Root(), "UntagOpenIDConnectProvider", &shape.UntagOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn, TagKeys: []string{"K"}})
	want.ClientIDList, want.ThumbprintList, want.Tags = []string{"sts.amazonaws.com", "new"}, []string{}, []shape.Tag{}
	if got := getOIDC(w, arn); !reflect.DeepEqual(got, want) {
		t.Errorf("GetOpenIDConnectProvider replied %+v", got)
	}

	createOIDC(w, "https://b.example.com")
	a := createOIDC(w, "https://a.example.com")
	list := optest.Must[shape.ListOpenIDConnectProvidersResponse](w, w.Root(), "ListOpenIDConnectProviders", &shape.ListOpenIDConnectProvidersRequest{})
	var listed []string
	for _, p := range list.OpenIDConnectProviderList {
		listed = append(listed, *p.Arn)
	}
	if want := []string{a, oidcARN + "b.example.com", arn}; !slices.Equal(listed, want) {
		t.Errorf("providers %q, want %q", listed, want)
	}
	optest.Must[op.None](w, w.Root(), "DeleteOpenIDConnectProvider", &shape.DeleteOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn})
	missingOIDC(t, w, arn)
}

// missingOIDC makes sure that no operation finds a provider.
func missingOIDC(t *testing.T, w *optest.World, arn string) {
	t.Helper()
	for name, in := range map[string]any{
		"GetOpenIDConnectProvider":                &shape.GetOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn},
		"AddClientIDToOpenIDConnectProvider":      &shape.AddClientIDToOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn},
		"RemoveClientIDFromOpenIDConnectProvider": &shape.RemoveClientIDFromOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn},
		"UpdateOpenIDConnectProviderThumbprint":   &shape.UpdateOpenIDConnectProviderThumbprintRequest{OpenIDConnectProviderArn: arn},
		"TagOpenIDConnectProvider":                &shape.TagOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn},
		"UntagOpenIDConnectProvider":              &shape.UntagOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn},
		"ListOpenIDConnectProviderTags":           &shape.ListOpenIDConnectProviderTagsRequest{OpenIDConnectProviderArn: arn},
	} {
		w.Refused(w.Root(), name, in, 404, "NoSuchEntity", "OpenIDConnect Provider not found for arn "+arn)
	}
	w.Refused(w.Root(), "DeleteOpenIDConnectProvider", &shape.DeleteOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn},
		404, "NoSuchEntity", "OpenId connect Provider "+arn+" cannot be found.")
}

func TestOIDCProviderRefuses(t *testing.T) {
	w := optest.New(t, iam.Service())
	missingOIDC(t, w, oidcARN+"example.com")
	createOIDC(w, "https://example.com")
	missingOIDC(t, w, "arn:aws:iam::000000000000:oidc-provider/example.com")
	missingOIDC(t, w, "arn:aws-cn:iam::123456789012:oidc-provider/example.com")
	for arn, want := range map[string][2]string{
		"example.com-and-more":                                {"ValidationError", "Invalid ARN:  Could not be parsed!"},
		"arn:aws:iam::123456789012:saml-provider/corp":        {"InvalidInput", "ARN arn:aws:iam::123456789012:saml-provider/corp is not valid."},
		"arn:aws:sts::123456789012:oidc-provider/example.com": {"InvalidInput", "ARN arn:aws:sts::123456789012:oidc-provider/example.com is not valid."},
	} {
		w.Refused(w.Root(), "GetOpenIDConnectProvider", &shape.GetOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn}, 400, want[0], want[1])
	}
	six := []string{printA, printA, printA, printA, printA, printA}
	const tooMany = "Thumbprint list must contain fewer than 5 entries."
	clients := make([]string, 101)
	for i := range clients {
		clients[i] = fmt.Sprint(i)
	}
	for _, tc := range []struct {
		in         *shape.CreateOpenIDConnectProviderRequest
		status     int
		code, text string
	}{
		{&shape.CreateOpenIDConnectProviderRequest{Url: "example.org"}, 400, "ValidationError", "Invalid Open ID Connect Provider URL"},
		{&shape.CreateOpenIDConnectProviderRequest{Url: "http://example.org"}, 400, "ValidationError", "Invalid Open ID Connect Provider URL"},
		{&shape.CreateOpenIDConnectProviderRequest{Url: "https://x.example", ThumbprintList: six}, 400, "InvalidInput", tooMany},
		{&shape.CreateOpenIDConnectProviderRequest{Url: "https://x.example", ThumbprintList: []string{strings.Repeat("g", 40)}}, 400, "InvalidInput", "Thumbprints must be hexadecimal."},
		{&shape.CreateOpenIDConnectProviderRequest{Url: "https://x.example", ClientIDList: clients}, 409, "LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100"},
		{&shape.CreateOpenIDConnectProviderRequest{Url: "https://x.example", Tags: []shape.Tag{{Key: "aws:x"}}}, 400, "InvalidInput", "Tag keys that begin with aws: are reserved for system use."},
	} {
		w.Refused(w.Root(), "CreateOpenIDConnectProvider", tc.in, tc.status, tc.code, tc.text)
	}
	arn := oidcARN + "example.com"
	w.Refused(w.Root(), "UpdateOpenIDConnectProviderThumbprint", &shape.UpdateOpenIDConnectProviderThumbprintRequest{OpenIDConnectProviderArn: arn, ThumbprintList: six}, 400, "InvalidInput", tooMany)
	for _, client := range clients[:100] {
		optest.Must[op.None](w, w.Root(), "AddClientIDToOpenIDConnectProvider", &shape.AddClientIDToOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn, ClientID: client})
	}
	w.Refused(w.Root(), "AddClientIDToOpenIDConnectProvider", &shape.AddClientIDToOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn, ClientID: "100"},
		409, "LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100")
	for n := range 99 {
		createOIDC(w, fmt.Sprintf("https://%d.example.com", n))
	}
	w.Refused(w.Root(), "CreateOpenIDConnectProvider", &shape.CreateOpenIDConnectProviderRequest{Url: "https://one-more.example.com", ThumbprintList: []string{printA}},
		409, "LimitExceeded", "Cannot exceed quota for OpenIdConnectProvidersPerAccount: 100")
}

// Without a thumbprint the issuer is asked for its certificate.
func TestOIDCProviderFetchesThumbprint(t *testing.T) {
	w := optest.New(t, iam.Service())
	server := httptest.NewTLSServer(http.NotFoundHandler())
	sum := sha1.Sum(server.Certificate().Raw)
	in := &shape.CreateOpenIDConnectProviderRequest{Url: server.URL}
	arn := *optest.Must[shape.CreateOpenIDConnectProviderResponse](w, w.Root(), "CreateOpenIDConnectProvider", in).OpenIDConnectProviderArn
	if got := getOIDC(w, arn); !slices.Equal(got.ThumbprintList, []string{hex.EncodeToString(sum[:])}) {
		t.Errorf("thumbprints %q", got.ThumbprintList)
	}
	optest.Must[op.None](w, w.Root(), "DeleteOpenIDConnectProvider", &shape.DeleteOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn})
	server.Close()
	w.Refused(w.Root(), "CreateOpenIDConnectProvider", in, 400, "OpenIdIdpCommunicationError",
		"Please check .well-known/openid-configuration of provider: "+server.URL+" is valid.")

	// An issuer on this machine may speak HTTP, has no certificate, and is shown as it is.
	in.Url = "http://localhost:8080/realms/x"
	arn = *optest.Must[shape.CreateOpenIDConnectProviderResponse](w, w.Root(), "CreateOpenIDConnectProvider", in).OpenIDConnectProviderArn
	if got := getOIDC(w, arn); arn != oidcARN+"localhost:8080/realms/x" || *got.Url != in.Url || len(got.ThumbprintList) != 0 {
		t.Errorf("provider %s is %+v", arn, got)
	}
}

func TestOIDCProviderTags(t *testing.T) {
	w := optest.New(t, iam.Service())
	arn := createOIDC(w, "https://example.com")
	tags := make([]shape.Tag, 50)
	for i := range tags {
		tags[i] = shape.Tag{Key: fmt.Sprintf("k%02d", i), Value: "v"}
	}
	optest.Must[op.None](w, w.Root(), "TagOpenIDConnectProvider", &shape.TagOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn, Tags: tags})
	w.Refused(w.Root(), "TagOpenIDConnectProvider", &shape.TagOpenIDConnectProviderRequest{OpenIDConnectProviderArn: arn, Tags: []shape.Tag{{Key: "more"}}},
		409, "LimitExceeded", "The number of tags has reached the maximum limit.")
	in := &shape.ListOpenIDConnectProviderTagsRequest{OpenIDConnectProviderArn: arn, MaxItems: new(int32(30))}
	first := optest.Must[shape.ListOpenIDConnectProviderTagsResponse](w, w.Root(), "ListOpenIDConnectProviderTags", in)
	in.Marker = first.Marker
	rest := optest.Must[shape.ListOpenIDConnectProviderTagsResponse](w, w.Root(), "ListOpenIDConnectProviderTags", in)
	if got := slices.Concat(first.Tags, rest.Tags); !slices.Equal(got, tags) || !*first.IsTruncated || *rest.IsTruncated {
		t.Errorf("tags %v", got)
	}
}
