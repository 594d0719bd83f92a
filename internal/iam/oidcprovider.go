package iam

import (
	"context"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/federation"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func oidcProviderOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateOpenIDConnectProvider", needCreateOpenIDConnectProvider, createOpenIDConnectProvider),
		op.Read("GetOpenIDConnectProvider", needGetOpenIDConnectProvider, getOpenIDConnectProvider),
		op.Read("ListOpenIDConnectProviders", needListOpenIDConnectProviders, listOpenIDConnectProviders),
		op.Write("AddClientIDToOpenIDConnectProvider", needAddClientIDToOpenIDConnectProvider, addClientIDToOpenIDConnectProvider),
		op.Write("RemoveClientIDFromOpenIDConnectProvider", needRemoveClientIDFromOpenIDConnectProvider, removeClientIDFromOpenIDConnectProvider),
		op.Write("UpdateOpenIDConnectProviderThumbprint", needUpdateOpenIDConnectProviderThumbprint, updateOpenIDConnectProviderThumbprint),
		op.Write("DeleteOpenIDConnectProvider", needDeleteOpenIDConnectProvider, deleteOpenIDConnectProvider),
	}
}

func needCreateOpenIDConnectProvider(c *op.Call, in *shape.CreateOpenIDConnectProviderRequest) ([]op.Need, error) {
	name, err := issuerName(in.Url)
	if err != nil {
		return nil, err
	}
	arn := directory.OIDCProviders.ARN(c.Caller.Account, "/", name)
	return needTagged(need("CreateOpenIDConnectProvider", arn), "TagOpenIDConnectProvider", in.Tags), nil
}

// createOpenIDConnectProvider asks the issuer for its certificate when no thumbprint
// is given, as AWS does.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
func createOpenIDConnectProvider(_ context.Context, c *op.Call, in *shape.CreateOpenIDConnectProviderRequest) (*shape.CreateOpenIDConnectProviderResponse, error) {
	p, err := newOIDCProvider(c, in)
	if err != nil {
		return nil, err
	}
	if len(p.Thumbprints) == 0 {
		thumbprint, err := op.Outside(c, thumbprintOf(p.Issuer), func(ctx context.Context) (string, error) {
			return fetchThumbprint(ctx, p.Issuer)
		})
		if err != nil {
			return nil, err
		}
		if thumbprint != "" {
			p.Thumbprints = []string{thumbprint}
		}
	}
	out := &shape.CreateOpenIDConnectProviderResponse{OpenIDConnectProviderArn: new(p.ARN()), Tags: describeTags(p.Tags)}
	return out, directory.OIDCProviders.Put(c.Tx, nil, p)
}

// newOIDCProvider is the provider that a call wants, if the account may have it.
func newOIDCProvider(c *op.Call, in *shape.CreateOpenIDConnectProviderRequest) (*directory.OIDCProvider, error) {
	name, err := issuerName(in.Url)
	if err != nil {
		return nil, err
	}
	thumbprints, err := parseThumbprints(c, in.ThumbprintList)
	if err != nil {
		return nil, err
	}
	var clients []string
	for _, client := range in.ClientIDList {
		if clients, err = addClientID(c, clients, client); err != nil {
			return nil, err
		}
	}
	taken, err := directory.OIDCProviders.ByName(c.Snap, c.Caller.Account, name)
	if err != nil {
		return nil, err
	}
	if taken != nil {
		return nil, awserr.New(409, "EntityAlreadyExists", "Provider with url %s already exists.", in.Url)
	}
	tags, err := addTags(c, nil, in.Tags)
	if err != nil {
		return nil, err
	}
	if err := checkAccountRoom(c, directory.OIDCProviders, oidcProvidersPerAccount); err != nil {
		return nil, err
	}
	return &directory.OIDCProvider{
		Entity: directory.Entity{
			ID:      ids.EntityID(c.IDs.UUID()),
			Account: c.Caller.Account,
			Name:    name,
			Path:    "/",
			Created: directory.At(c.Now),
			Tags:    tags,
		},
		Issuer:      in.Url,
		ClientIDs:   clients,
		Thumbprints: thumbprints,
	}, nil
}

// thumbprintOf is the key of the work that fetches an issuer's thumbprint.
type thumbprintOf string

func fetchThumbprint(ctx context.Context, issuer string) (string, error) {
	thumbprint, err := federation.Thumbprint(ctx, issuer)
	if err != nil {
		return "", awserr.New(400, "OpenIdIdpCommunicationError", "Please check .well-known/openid-configuration of provider: %s is valid.", issuer)
	}
	return thumbprint, nil
}

func issuerName(url string) (string, error) {
	name, err := federation.ParseIssuer(url)
	if err != nil {
		return "", validationError("Invalid Open ID Connect Provider URL")
	}
	return name, nil
}

func parseThumbprints(c *op.Call, list []string) ([]string, error) {
	if most := c.Quota(thumbprintsPerProvider); len(list) > most {
		return nil, invalidInput("Thumbprint list must contain fewer than %d entries.", most) // as AWS says, which takes five
	}
	var out []string
	for _, thumbprint := range list {
		if strings.Trim(thumbprint, "0123456789abcdefABCDEF") != "" {
			return nil, invalidInput("Thumbprints must be hexadecimal.")
		}
		if lower := strings.ToLower(thumbprint); !slices.Contains(out, lower) {
			out = append(out, lower)
		}
	}
	return out, nil
}

// addClientID is clients with one more; one that is there already changes nothing.
func addClientID(c *op.Call, clients []string, client string) ([]string, error) {
	if slices.Contains(clients, client) {
		return clients, nil
	}
	if err := checkRoom(c, clientIDsPerOIDCProvider, len(clients)); err != nil {
		return nil, err
	}
	return append(slices.Clip(clients), client), nil
}

func needOIDCProvider(c *op.Call, action, s string) ([]op.Need, error) {
	return needProvider(c, directory.OIDCProviders, arn.OIDCProvider, action, s)
}

func mustOIDCProvider(c *op.Call, s string) (*directory.OIDCProvider, error) {
	return mustProvider(c, directory.OIDCProviders, arn.OIDCProvider, s, "OpenIDConnect Provider not found for arn %s")
}

func needGetOpenIDConnectProvider(c *op.Call, in *shape.GetOpenIDConnectProviderRequest) ([]op.Need, error) {
	return needOIDCProvider(c, "GetOpenIDConnectProvider", in.OpenIDConnectProviderArn)
}

// getOpenIDConnectProvider shows the URL without https://, as AWS does. That of an
// issuer that speaks HTTP is shown whole.
func getOpenIDConnectProvider(_ context.Context, c *op.Call, in *shape.GetOpenIDConnectProviderRequest) (*shape.GetOpenIDConnectProviderResponse, error) {
	p, err := mustOIDCProvider(c, in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	return &shape.GetOpenIDConnectProviderResponse{
		Url:            new(strings.TrimPrefix(p.Issuer, "https://")),
		ClientIDList:   append([]string{}, p.ClientIDs...),
		ThumbprintList: append([]string{}, p.Thumbprints...),
		CreateDate:     new(p.Created.Time()),
		Tags:           shownTags(p.Tags),
	}, nil
}

func needListOpenIDConnectProviders(*op.Call, *shape.ListOpenIDConnectProvidersRequest) ([]op.Need, error) {
	return need("ListOpenIDConnectProviders", "*"), nil
}

// listOpenIDConnectProviders lists all at once, which the quota bounds.
func listOpenIDConnectProviders(_ context.Context, c *op.Call, _ *shape.ListOpenIDConnectProvidersRequest) (*shape.ListOpenIDConnectProvidersResponse, error) {
	out := &shape.ListOpenIDConnectProvidersResponse{OpenIDConnectProviderList: []shape.OpenIDConnectProviderListEntry{}}
	for p, err := range directory.OIDCProviders.List(c.Snap, c.Caller.Account, "/", "") {
		if err != nil {
			return nil, err
		}
		out.OpenIDConnectProviderList = append(out.OpenIDConnectProviderList, shape.OpenIDConnectProviderListEntry{Arn: new(p.ARN())})
	}
	return out, nil
}

func needAddClientIDToOpenIDConnectProvider(c *op.Call, in *shape.AddClientIDToOpenIDConnectProviderRequest) ([]op.Need, error) {
	return needOIDCProvider(c, "AddClientIDToOpenIDConnectProvider", in.OpenIDConnectProviderArn)
}

func addClientIDToOpenIDConnectProvider(_ context.Context, c *op.Call, in *shape.AddClientIDToOpenIDConnectProviderRequest) (*op.None, error) {
	was, err := mustOIDCProvider(c, in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	p := *was
	if p.ClientIDs, err = addClientID(c, was.ClientIDs, in.ClientID); err != nil {
		return nil, err
	}
	return &op.None{}, directory.OIDCProviders.Put(c.Tx, was, &p)
}

func needRemoveClientIDFromOpenIDConnectProvider(c *op.Call, in *shape.RemoveClientIDFromOpenIDConnectProviderRequest) ([]op.Need, error) {
	return needOIDCProvider(c, "RemoveClientIDFromOpenIDConnectProvider", in.OpenIDConnectProviderArn)
}

// removeClientIDFromOpenIDConnectProvider succeeds for a client that is not there:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveClientIDFromOpenIDConnectProvider.html
func removeClientIDFromOpenIDConnectProvider(_ context.Context, c *op.Call, in *shape.RemoveClientIDFromOpenIDConnectProviderRequest) (*op.None, error) {
	was, err := mustOIDCProvider(c, in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	p := *was
	p.ClientIDs = slices.DeleteFunc(slices.Clone(was.ClientIDs), func(client string) bool { return client == in.ClientID })
	return &op.None{}, directory.OIDCProviders.Put(c.Tx, was, &p)
}

func needUpdateOpenIDConnectProviderThumbprint(c *op.Call, in *shape.UpdateOpenIDConnectProviderThumbprintRequest) ([]op.Need, error) {
	return needOIDCProvider(c, "UpdateOpenIDConnectProviderThumbprint", in.OpenIDConnectProviderArn)
}

func updateOpenIDConnectProviderThumbprint(_ context.Context, c *op.Call, in *shape.UpdateOpenIDConnectProviderThumbprintRequest) (*op.None, error) {
	was, err := mustOIDCProvider(c, in.OpenIDConnectProviderArn)
	if err != nil {
		return nil, err
	}
	p := *was
	if p.Thumbprints, err = parseThumbprints(c, in.ThumbprintList); err != nil {
		return nil, err
	}
	return &op.None{}, directory.OIDCProviders.Put(c.Tx, was, &p)
}

func needDeleteOpenIDConnectProvider(c *op.Call, in *shape.DeleteOpenIDConnectProviderRequest) ([]op.Need, error) {
	return needOIDCProvider(c, "DeleteOpenIDConnectProvider", in.OpenIDConnectProviderArn)
}

// deleteOpenIDConnectProvider leaves roles that trust the provider alone, as AWS does.
func deleteOpenIDConnectProvider(_ context.Context, c *op.Call, in *shape.DeleteOpenIDConnectProviderRequest) (*op.None, error) {
	p, err := mustProvider(c, directory.OIDCProviders, arn.OIDCProvider, in.OpenIDConnectProviderArn, "OpenId connect Provider %s cannot be found.")
	if err != nil {
		return nil, err
	}
	return &op.None{}, directory.OIDCProviders.Delete(c.Tx, p)
}
