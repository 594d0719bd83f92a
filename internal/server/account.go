package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/iamd-project/iamd/internal/audit"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/shapes/organizations"
	"github.com/iamd-project/iamd/internal/store"
)

// firstAccountName is the name of the account that a first start makes, after the
// profile that it has in the client files.
const firstAccountName = "default"

// rootKeys is how many access keys a root user may have, as IAM has it.
const rootKeys = 2

// NewAccount is what is known of an account to be made.
type NewAccount struct {
	Name  string      `json:"name"`
	Email string      `json:"email,omitempty"` // "" makes one up
	ID    ids.Account `json:"id,omitempty"`    // "" draws one
}

// RootKey is an access key of an account's root user, in plain text.
type RootKey struct {
	Account ids.Account   `json:"account"`
	ID      ids.KeyID     `json:"id"`
	Secret  ids.SecretKey `json:"secret"`
}

// Show writes the key for a person, who sees it this once.
func (k *RootKey) Show(w io.Writer) {
	fmt.Fprintf(w, "The root user's access key of account %s, shown this once:\n\n  AWS_ACCESS_KEY_ID=%s\n  AWS_SECRET_ACCESS_KEY=%s\n\n",
		string(k.Account), string(k.ID), string(k.Secret))
}

// AccountInfo is what people are told of an account.
type AccountInfo struct {
	ID       ids.Account `json:"id"`
	Name     string      `json:"name,omitempty"`
	Email    string      `json:"email,omitempty"`
	RootKeys int         `json:"rootKeys,omitempty"`
	Closed   bool        `json:"closed,omitempty"`
}

// CreateAccount makes an account of its own, in no organization.
func (d *data) CreateAccount(ctx context.Context, n NewAccount) (made *RootKey, err error) {
	if n.ID != "" {
		if n.ID, err = ids.ParseAccount(string(n.ID)); err != nil {
			return nil, err
		}
	}
	e := d.newEvent("organizations.amazonaws.com", "CreateAccount")
	err = d.store.Update(ctx, func(tx store.Tx) error {
		a, err := newAccount(tx, n)
		if err != nil {
			return err
		}
		if err := directory.PutAccount(tx, a); err != nil {
			return err
		}
		if made, err = d.addRootKey(tx, a, e.Time); err != nil {
			return err
		}
		e.Request = &organizations.CreateAccountRequest{AccountName: a.Name, Email: a.Email}
		e.Response = &organizations.CreateAccountResponse{CreateAccountStatus: &organizations.CreateAccountStatus{
			AccountId: (*string)(&a.ID),
			State:     new(organizations.CreateAccountStateSucceeded),
		}}
		e.Account = string(a.ID)
		return audit.Stage(tx, e)
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// newAccount is the account that n asks for, with all that n leaves open.
func newAccount(tx store.Tx, n NewAccount) (*directory.Account, error) {
	var err error
	if n.ID == "" {
		if n.ID, err = directory.FreeAccount(tx, ids.Source{}); err != nil {
			return nil, err
		}
	}
	if n.Email == "" {
		n.Email = directory.DefaultEmail(n.ID)
	}
	// The rules are those of an account that an organization makes.
	if broken := shapes.Check(&organizations.CreateAccountRequest{AccountName: n.Name, Email: n.Email}, nil); len(broken) > 0 {
		return nil, errors.New(organizations.Service.Message(broken))
	}
	if err := checkFree(tx, n); err != nil {
		return nil, err
	}
	return &directory.Account{ID: n.ID, Name: n.Name, Email: n.Email, Created: directory.At(time.Now())}, nil
}

// checkFree refuses an ID or address that another account has, and a name, too, by
// which people would not know any more which of the two they mean.
func checkFree(r store.Reader, n NewAccount) error {
	taken, err := directory.GetAccount(r, n.ID)
	if err != nil {
		return err
	}
	if taken != nil {
		return fmt.Errorf("account %s exists already", string(n.ID))
	}
	if taken, err = directory.AccountByEmail(r, n.Email); err != nil {
		return err
	}
	if taken != nil {
		return fmt.Errorf("account %s has the address %s already", string(taken.ID), n.Email)
	}
	for a, err := range directory.AccountsNamed(r, n.Name) {
		if err == nil {
			err = fmt.Errorf("account %s has the name %q already", string(a.ID), a.Name)
		}
		return err
	}
	return nil
}

// accountsAtOnce is how many accounts one answer lists.
const accountsAtOnce = 1000

// Accounts lists accounts in the order of their IDs.
func (d *data) Accounts(ctx context.Context, after ids.Account) (list []AccountInfo, err error) {
	err = d.store.View(ctx, func(r store.Reader) error {
		for a, err := range directory.Accounts(r, after) {
			if err != nil {
				return err
			}
			list = append(list, AccountInfo{a.ID, a.Name, a.Email, len(a.Keys), a.Closed != 0})
			if len(list) == accountsAtOnce {
				break
			}
		}
		return nil
	})
	return list, err
}

// CreateRootKey makes an access key for a root user, who may have none left to make
// it with.
func (d *data) CreateRootKey(ctx context.Context, account string) (made *RootKey, err error) {
	e := d.newEvent("iam.amazonaws.com", "CreateAccessKey")
	err = d.store.Update(ctx, func(tx store.Tx) error {
		a, err := findAccount(tx, account)
		if err != nil {
			return err
		}
		if len(a.Keys) >= rootKeys {
			return fmt.Errorf("the root user of account %s has %d access keys, and may have no more: delete one first", string(a.ID), len(a.Keys))
		}
		if made, err = d.addRootKey(tx, a, e.Time); err != nil {
			return err
		}
		e.Account = string(a.ID)
		e.Response = &iam.CreateAccessKeyResponse{AccessKey: &iam.AccessKey{AccessKeyId: string(made.ID), Status: iam.StatusTypeActive, CreateDate: &e.Time}}
		return audit.Stage(tx, e)
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// findAccount is the account of that ID, or else the one of that name.
func findAccount(r store.Reader, given string) (*directory.Account, error) {
	if a, err := directory.GetAccount(r, ids.Account(given)); err != nil || a != nil {
		return a, err
	}
	var found *directory.Account
	for a, err := range directory.AccountsNamed(r, given) {
		if err != nil {
			return nil, err
		}
		if found != nil {
			return nil, fmt.Errorf("several accounts have the name %q: give the ID of one; see 'iamd account list'", given)
		}
		found = a
	}
	if found == nil {
		return nil, fmt.Errorf("there is no account %q; see 'iamd account list'", given)
	}
	return found, nil
}

func (d *data) addRootKey(tx store.Tx, a *directory.Account, now time.Time) (*RootKey, error) {
	key, secret, err := directory.NewAccessKey(tx, ids.Source{}, d.Keyring(), a, now)
	if err != nil {
		return nil, err
	}
	return &RootKey{a.ID, key.ID, secret}, nil
}

// newEvent begins the record of what somebody does on the server's own machine, who
// is no principal of any account. It is staged with the change, and waits in the
// outbox for a server if none is running.
func (d *data) newEvent(source, name string) *audit.Record {
	s := ids.Source{}
	return &audit.Record{
		EventID:   s.UUID(),
		RequestID: s.UUID(),
		Time:      time.Now(),
		Source:    source,
		Name:      name,
		Region:    "us-east-1",
		SourceIP:  "iamd",
		UserAgent: "iamd",
		Caller:    audit.Identity{Type: audit.AWSService, InvokedBy: "iamd"},
	}
}
