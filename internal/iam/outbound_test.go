package iam_test

import (
	"regexp"
	"testing"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/store"
)

func TestOutbound(t *testing.T) {
	w := optest.New(t, iam.ServiceAt("https://iam.example.com/"))
	const disabled = "Outbound identity federation is disabled for your account."
	refused := func() {
		t.Helper()
		w.Refused(w.Root(), "GetOutboundWebIdentityFederationInfo", &shape.GetOutboundWebIdentityFederationInfoRequest{}, 404, "FeatureDisabled", disabled)
		w.Refused(w.Root(), "DisableOutboundWebIdentityFederation", &shape.DisableOutboundWebIdentityFederationRequest{}, 404, "FeatureDisabled", disabled)
	}
	enable := func() string {
		t.Helper()
		in := &shape.EnableOutboundWebIdentityFederationRequest{}
		issuer := *optest.Must[shape.EnableOutboundWebIdentityFederationResponse](w, w.Root(), "EnableOutboundWebIdentityFederation", in).IssuerIdentifier
		w.Refused(w.Root(), "EnableOutboundWebIdentityFederation", in, 409, "FeatureEnabled", "Outbound identity federation is already enabled for your account.")
		info := optest.Must[shape.GetOutboundWebIdentityFederationInfoResponse](w, w.Root(), "GetOutboundWebIdentityFederationInfo", &shape.GetOutboundWebIdentityFederationInfoRequest{})
		if *info.IssuerIdentifier != issuer || !*info.JwtVendingEnabled {
			t.Errorf("GetOutboundWebIdentityFederationInfo replied %+v", info)
		}
		return issuer
	}
	refused()
	issuer := enable()
	if !regexp.MustCompile(`^https://iam\.example\.com/issuer/[0-9a-f-]{36}$`).MatchString(issuer) {
		t.Errorf("issuer %s", issuer)
	}
	checkClean(t, w)
	optest.Must[op.None](w, w.Root(), "DisableOutboundWebIdentityFederation", &shape.DisableOutboundWebIdentityFederationRequest{})
	refused()
	err := w.Store.View(t.Context(), func(r store.Reader) error {
		o, err := directory.OutboundByIssuer(r, issuer[len("https://iam.example.com/issuer/"):])
		if err == nil && (o == nil || !o.Disabled || len(o.Keys) != 2) {
			t.Errorf("the issuer of tokens that are out is %+v", o)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if again := enable(); again != issuer {
		t.Errorf("the issuer was %s and is %s", issuer, again)
	}
}
