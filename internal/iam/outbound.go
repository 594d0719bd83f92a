package iam

import (
	"context"
	"slices"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/federation"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

// outbound has the operations on an account as an issuer of tokens, below a URL.
type outbound struct {
	base string
}

func outboundOperations(base string) []op.Operation {
	o := outbound{base}
	return []op.Operation{
		op.Write("EnableOutboundWebIdentityFederation", needEnableOutboundWebIdentityFederation, o.enable),
		op.Write("DisableOutboundWebIdentityFederation", needDisableOutboundWebIdentityFederation, o.disable),
		op.Read("GetOutboundWebIdentityFederationInfo", needGetOutboundWebIdentityFederationInfo, o.info),
	}
}

func needEnableOutboundWebIdentityFederation(*op.Call, *shape.EnableOutboundWebIdentityFederationRequest) ([]op.Need, error) {
	return need("EnableOutboundWebIdentityFederation", "*"), nil
}

// enable makes the account an issuer. One that was disabled is the same again, with
// its keys.
func (o outbound) enable(_ context.Context, c *op.Call, _ *shape.EnableOutboundWebIdentityFederationRequest) (*shape.EnableOutboundWebIdentityFederationResponse, error) {
	was, err := directory.GetOutbound(c.Snap, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	var now *directory.Outbound
	switch {
	case was == nil:
		if now, err = newOutbound(c); err != nil {
			return nil, err
		}
	case was.Disabled:
		again := *was
		again.Disabled = false
		now = &again
	default:
		return nil, awserr.New(409, "FeatureEnabled", "Outbound identity federation is already enabled for your account.")
	}
	url := federation.IssuerURL(o.base, now.Issuer)
	return &shape.EnableOutboundWebIdentityFederationResponse{IssuerIdentifier: &url}, directory.PutOutbound(c.Tx, now)
}

// newOutbound makes an issuer with a key for each algorithm. Making keys is slow.
func newOutbound(c *op.Call) (*directory.Outbound, error) {
	now := &directory.Outbound{Account: c.Caller.Account, Issuer: c.IDs.UUID(), Enabled: directory.At(c.Now)}
	for _, algorithm := range []string{federation.RS256, federation.ES384} {
		k, err := op.Outside(c, newKey(algorithm), func(context.Context) (*federation.PrivateKey, error) {
			return federation.NewKey(algorithm)
		})
		if err != nil {
			return nil, err
		}
		sealed, err := now.SealKey(c.Keyring, directory.SigningKey{ID: k.ID, Algorithm: k.Algorithm, Public: k.PKIX}, k.PKCS8)
		if err != nil {
			return nil, err
		}
		now.Keys = append(slices.Clip(now.Keys), sealed)
	}
	return now, nil
}

// newKey is the key of the work that makes a key for an algorithm.
type newKey string

func needDisableOutboundWebIdentityFederation(*op.Call, *shape.DisableOutboundWebIdentityFederationRequest) ([]op.Need, error) {
	return need("DisableOutboundWebIdentityFederation", "*"), nil
}

// disable ends the making of tokens. Those that are out can still be verified:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DisableOutboundWebIdentityFederation.html
func (o outbound) disable(_ context.Context, c *op.Call, _ *shape.DisableOutboundWebIdentityFederationRequest) (*op.None, error) {
	was, err := mustOutbound(c)
	if err != nil {
		return nil, err
	}
	now := *was
	now.Disabled = true
	return &op.None{}, directory.PutOutbound(c.Tx, &now)
}

func needGetOutboundWebIdentityFederationInfo(*op.Call, *shape.GetOutboundWebIdentityFederationInfoRequest) ([]op.Need, error) {
	return need("GetOutboundWebIdentityFederationInfo", "*"), nil
}

func (o outbound) info(_ context.Context, c *op.Call, _ *shape.GetOutboundWebIdentityFederationInfoRequest) (*shape.GetOutboundWebIdentityFederationInfoResponse, error) {
	now, err := mustOutbound(c)
	if err != nil {
		return nil, err
	}
	url := federation.IssuerURL(o.base, now.Issuer)
	return &shape.GetOutboundWebIdentityFederationInfoResponse{IssuerIdentifier: &url, JwtVendingEnabled: new(true)}, nil
}

// mustOutbound is the account as an issuer, which it must be now.
func mustOutbound(c *op.Call) (*directory.Outbound, error) {
	o, err := directory.GetOutbound(c.Snap, c.Caller.Account)
	if err == nil && (o == nil || o.Disabled) {
		err = awserr.New(404, "FeatureDisabled", "Outbound identity federation is disabled for your account.")
	}
	return o, err
}
