package iam

import (
	"slices"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

// What OpenID Connect and SAML providers have in common: a call names them by ARN.

// providerARN reads the name of a provider, whether there is one or not.
func providerARN(s string, kind arn.Kind) (arn.ARN, error) {
	name, err := arn.Parse(s)
	if err != nil {
		return arn.ARN{}, validationError("Invalid ARN:  Could not be parsed!") // both spaces are AWS's
	}
	if e, ok := name.Entity(); !ok || e.Kind != kind {
		return arn.ARN{}, invalidInput("ARN %s is not valid.", s)
	}
	return name, nil
}

// needProvider is a permission on a provider, by its own name: an ARN in another case
// means the same provider.
func needProvider[T any, P directory.Record[T]](c *op.Call, k directory.Kind[T, P], kind arn.Kind, action, s string) ([]op.Need, error) {
	name, err := providerARN(s, kind)
	if err != nil {
		return nil, err
	}
	p, err := findProvider(c, k, name)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return need(action, s), nil
	}
	return needOn(action, k.ARN(c.Caller.Account, "/", p.Common().Name), p.Common().Tags), nil
}

// findProvider is the account's provider of that name, or nil. Another account's is
// as absent.
func findProvider[T any, P directory.Record[T]](c *op.Call, k directory.Kind[T, P], name arn.ARN) (P, error) {
	if name.Partition != "aws" || name.Account != string(c.Caller.Account) {
		return nil, nil
	}
	e, _ := name.Entity()
	return k.ByName(c.Snap, c.Caller.Account, e.Name)
}

func mustProvider[T any, P directory.Record[T]](c *op.Call, k directory.Kind[T, P], kind arn.Kind, s, missing string) (P, error) {
	name, err := providerARN(s, kind)
	if err != nil {
		return nil, err
	}
	p, err := findProvider(c, k, name)
	if err == nil && p == nil {
		err = noSuchEntity(missing, s)
	}
	return p, err
}

// tagProvider is tagEntity with the words that AWS has for providers.
func tagProvider[T any, P directory.Record[T]](c *op.Call, k directory.Kind[T, P], was P, add []shape.Tag) (*op.None, error) {
	tags, err := mergeTags(slices.Clone(was.Common().Tags), add)
	if err != nil {
		return nil, err
	}
	if len(tags) > c.Quota(tagsPerUser) {
		return nil, awserr.New(409, "LimitExceeded", "The number of tags has reached the maximum limit.")
	}
	return putTags(c, k, was, tags)
}

// shownTags is describeTags for replies that have the list even when it is empty.
func shownTags(tags []directory.Tag) []shape.Tag {
	if len(tags) == 0 {
		return []shape.Tag{}
	}
	return describeTags(tags)
}
