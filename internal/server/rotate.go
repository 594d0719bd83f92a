package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/rotation"
	"github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	"github.com/iamd-project/iamd/internal/store"
)

// KeyInfo is what people are told of an access key.
type KeyInfo struct {
	ID       ids.KeyID           `json:"id"`
	Account  ids.Account         `json:"account"`
	User     string              `json:"user"` // "" for the root user
	Active   bool                `json:"active"`
	Created  time.Time           `json:"created"`
	LastUsed *directory.LastUsed `json:"lastUsed,omitempty"`
	Secret   string              `json:"secret,omitempty"` // ARN of the one whose rotation knows of the key
	Current  bool                `json:"current,omitempty"`
	Next     time.Time           `json:"next,omitzero"` // rotation, of a current key
	Doing    string              `json:"doing,omitempty"`
	Failure  string              `json:"failure,omitempty"` // of the last rotation
}

// keysAtOnce is how many access keys one answer lists.
const keysAtOnce = 500

// AccessKeys lists access keys in the order of their IDs.
func (d *data) AccessKeys(ctx context.Context, after ids.KeyID) (list []KeyInfo, err error) {
	err = d.store.View(ctx, func(r store.Reader) error {
		for k, err := range directory.AccessKeys(r, after) {
			if err != nil {
				return err
			}
			info, err := keyInfo(r, k)
			if err != nil {
				return err
			}
			if list = append(list, info); len(list) == keysAtOnce {
				break
			}
		}
		return nil
	})
	return list, err
}

func keyInfo(r store.Reader, k *directory.AccessKey) (info KeyInfo, err error) {
	info = KeyInfo{ID: k.ID, Account: k.Account, Active: k.Active, Created: k.Created.Time()}
	if !k.IsRoot() {
		u, err := directory.KeyUser(r, k)
		if err != nil {
			return info, err
		}
		info.User = u.Name
	}
	if info.LastUsed, err = directory.GetLastUsed(r, k.ID); err != nil {
		return info, err
	}
	s, err := directory.SecretOfKey(r, k.ID)
	if err != nil || s == nil {
		return info, err
	}
	info.Secret = s.ARN()
	switch x := s.Rotation; {
	case x.Retiring != nil && x.Retiring.ID == k.ID:
		info.Doing = retiring(x.Retiring)
	case x.Key == k.ID:
		info.Current, info.Next, info.Failure = true, x.Next.Time(), x.Failure
		if x.Work != nil {
			info.Doing = "rotating: " + string(x.Work.Step)
		}
	default:
		info.Doing = "new"
	}
	return info, nil
}

// retiring says what a key that is not current any more waits for.
func retiring(k *directory.RetiringKey) string {
	until := k.Due.Time().Format(time.RFC3339)
	switch {
	case k.Inactive:
		return "to be deleted at " + until
	case k.Use != nil:
		return fmt.Sprintf("still in use: %s in %s from %s at %s", k.Use.Service, k.Use.Region, k.Use.Source, k.Use.Date.Time().Format(time.RFC3339))
	}
	return "to go Inactive at " + until
}

// RotatedUser asks for the rotation of a user's access key.
type RotatedUser struct {
	Account  string `json:"account"` // its ID or name; "" if there is one only
	User     string `json:"user"`
	Secret   string `json:"secret"` // name of the one that is to hold the key, and is made if it is not there
	Region   string `json:"region"` // where it is
	Schedule string `json:"schedule"`

	// The values of the secret's tags of that name; one that is "" stays as it is.
	Grace        string `json:"grace"`
	KeepInactive string `json:"keepInactive"`
	FreeInactive string `json:"freeInactive"`
}

// tags are those that the secret is to have.
func (q *RotatedUser) tags() (list []secretsmanager.Tag) {
	for _, t := range [][2]string{{rotation.TagGrace, q.Grace}, {rotation.TagKeep, q.KeepInactive}, {rotation.TagFree, q.FreeInactive}} {
		if t[1] != "" {
			list = append(list, secretsmanager.Tag{Key: &t[0], Value: &t[1]})
		}
	}
	return list
}

// Rotated is how the first rotation went.
type Rotated struct {
	Secret  string    `json:"secret"` // its ARN
	Key     ids.KeyID `json:"key,omitempty"`
	Next    time.Time `json:"next,omitzero"`
	Failure string    `json:"failure,omitempty"`
}

// RotateUser needs a server: what it asks for are calls of the API.
func (d *data) RotateUser(context.Context, RotatedUser) (*Rotated, error) {
	return nil, errors.New("no server runs on this data folder: start one with 'iamd serve'")
}

// admin is the Admin of a folder on which a server runs.
type admin struct {
	*data
	calls calls
}

// RotateUser makes a secret for the access key of a user, unless it is there, and has it
// rotated, as the account's root user.
func (a *admin) RotateUser(ctx context.Context, q RotatedUser) (*Rotated, error) {
	as, err := a.rootOf(ctx, q)
	if err != nil {
		return nil, err
	}
	c := rootCalls{a.calls, as, q.Region}
	arn, err := c.secretFor(ctx, q)
	if err != nil {
		return nil, err
	}
	_, err = c.call(ctx, &secretsmanager.RotateSecretRequest{
		SecretId: arn, ClientRequestToken: new(ids.Source{}.UUID()), RotationLambdaARN: new(rotation.Function(as.Account, q.Region)),
		RotationRules: &secretsmanager.RotationRulesType{ScheduleExpression: &q.Schedule},
	})
	if err != nil {
		return nil, err
	}
	out := &Rotated{Secret: arn}
	return out, a.store.View(ctx, func(r store.Reader) error {
		s, err := directory.GetSecret(r, as.Account, q.Region, q.Secret)
		if err == nil && s != nil && s.Rotation != nil {
			out.Key, out.Next, out.Failure = s.Rotation.Key, s.Rotation.Next.Time(), s.Rotation.Failure
		}
		return err
	})
}

// rootOf is the root user of the account that is meant, which has the user.
func (a *admin) rootOf(ctx context.Context, q RotatedUser) (as directory.Standing, err error) {
	err = a.store.View(ctx, func(r store.Reader) error {
		account, err := onlyAccount(r, q.Account)
		if err != nil {
			return err
		}
		u, err := directory.Users.ByName(r, account.ID, q.User)
		if err == nil && u == nil {
			err = fmt.Errorf("account %s has no user %q", string(account.ID), q.User)
		}
		as.Account = account.ID
		return err
	})
	return as, err
}

// onlyAccount is findAccount, or the only one there is for "".
func onlyAccount(r store.Reader, given string) (*directory.Account, error) {
	if given != "" {
		return findAccount(r, given)
	}
	var only *directory.Account
	for a, err := range directory.Accounts(r, "") {
		if err != nil {
			return nil, err
		}
		if only != nil {
			return nil, errors.New("there are several accounts: say which with --account")
		}
		only = a
	}
	if only == nil {
		return nil, errors.New("there is no account")
	}
	return only, nil
}

// rootCalls makes calls as a root user, in a region.
type rootCalls struct {
	calls
	as     directory.Standing
	region string
}

func (c rootCalls) call(ctx context.Context, in any) (any, error) {
	return c.Call(ctx, &c.as, c.region, "", in)
}

// secretFor is the ARN of the secret that is to hold the key; what it has tags for is as q
// says.
func (c rootCalls) secretFor(ctx context.Context, q RotatedUser) (string, error) {
	tags := q.tags()
	value, err := json.Marshal(map[string]string{"UserName": q.User})
	if err != nil {
		return "", err
	}
	out, err := c.call(ctx, &secretsmanager.CreateSecretRequest{
		Name: q.Secret, ClientRequestToken: new(ids.Source{}.UUID()), Tags: tags,
		SecretString: new(string(value)), Description: new("The access key of user " + q.User),
	})
	if err == nil {
		return *out.(*secretsmanager.CreateSecretResponse).ARN, nil
	}
	if refused, ok := errors.AsType[*op.Refused](err); !ok || refused.Err.Code != "ResourceExistsException" {
		return "", err
	}
	if tags != nil {
		if _, err := c.call(ctx, &secretsmanager.TagResourceRequest{SecretId: q.Secret, Tags: tags}); err != nil {
			return "", err
		}
	}
	described, err := c.call(ctx, &secretsmanager.DescribeSecretRequest{SecretId: q.Secret})
	if err != nil {
		return "", err
	}
	return *described.(*secretsmanager.DescribeSecretResponse).ARN, nil
}
