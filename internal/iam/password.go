package iam

import (
	"context"
	"slices"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/password"
)

// passwords sets passwords and compares with them. Hashing takes a while and is
// done outside the transaction.
type passwords struct {
	hasher *password.Hasher
}

// mostRemembered is how many of the last passwords a policy may keep from coming back.
const mostRemembered = 24

// set puts a password into profile, if the account's policy lets it.
//
// The passwords of one profile share a recipe, so that one hash is compared with
// all of them; another recipe comes when the costs of hashing have changed.
func (p *passwords) set(c *op.Call, profile *directory.LoginProfile, plain string) error {
	policy, err := directory.GetPasswordPolicy(c.Snap, profile.Account)
	if err != nil {
		return err
	}
	if err := checkPassword(policy, plain); err != nil {
		return err
	}
	past := profile.Passwords
	if policy != nil {
		for _, old := range past[:min(len(past), int(policy.ReusePrevention))] {
			if same, err := p.match(c, old, plain); err != nil {
				return err
			} else if same {
				return errPasswordPolicy
			}
		}
	}
	hash, err := p.newHash(c, past, plain)
	if err != nil {
		return err
	}
	past = past[:min(len(past), mostRemembered-1)]
	profile.Passwords = slices.Concat([]password.Hash{hash}, past)
	profile.Changed = directory.At(c.Now)
	return nil
}

func (p *passwords) match(c *op.Call, h password.Hash, plain string) (bool, error) {
	other, err := p.hash(c, h.Recipe, plain)
	return other.Equal(h), err
}

func (p *passwords) newHash(c *op.Call, past []password.Hash, plain string) (password.Hash, error) {
	if len(past) > 0 && !past[0].Recipe.Outdated() {
		return p.hash(c, past[0].Recipe, plain)
	}
	recipe, err := op.Outside(c, newRecipe{}, func(context.Context) (password.Recipe, error) {
		return password.NewRecipe(c.IDs), nil
	})
	if err != nil {
		return password.Hash{}, err
	}
	return p.hash(c, recipe, plain)
}

// newRecipe is the key of a call's new recipe: it must stay the same when the call
// begins again.
type newRecipe struct{}

func (p *passwords) hash(c *op.Call, r password.Recipe, plain string) (password.Hash, error) {
	type key struct {
		recipe password.Recipe
		plain  string
	}
	return op.Outside(c, key{r, plain}, func(ctx context.Context) (password.Hash, error) {
		return p.hasher.Hash(ctx, plain, r)
	})
}
