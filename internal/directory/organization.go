package directory

import (
	"iter"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// OrganizationID names an organization: o- and letters and digits.
type OrganizationID string

// Organization is what accounts belong to. One of them manages it, which is the
// only one that came by itself; it made the others. All are right below its root.
type Organization struct {
	ID         OrganizationID `cbor:"1,keyasint"`
	Management ids.Account    `cbor:"2,keyasint"`
	Root       string         `cbor:"3,keyasint"` // the root's ID: r- and letters and digits
	FeatureSet string         `cbor:"4,keyasint"` // in AWS's words
	RootTags   []Tag          `cbor:"5,keyasint,omitempty"`
	// What its management account may do with the root users of the others: look after
	// their credentials, and act as them for single tasks.
	RootCredentials bool `cbor:"6,keyasint,omitempty"`
	RootSessions    bool `cbor:"7,keyasint,omitempty"`
}

// AccountCreation is a request to make an account, which callers ask about
// afterwards. It is kept for good, as a RoleDeletion is: there are few.
type AccountCreation struct {
	ID           string         `cbor:"1,keyasint"` // car- and letters and digits
	Organization OrganizationID `cbor:"2,keyasint"`
	Name         string         `cbor:"3,keyasint"` // that the account was to have
	Requested    Millis         `cbor:"4,keyasint"` // and done at once
	Account      ids.Account    `cbor:"5,keyasint,omitempty"`
	Failure      string         `cbor:"6,keyasint,omitempty"` // why there is no account, in AWS's words
}

func organizationKey(id OrganizationID) string { return organizations + string(id) }

func memberAccountKey(o OrganizationID, a ids.Account) string {
	return memberAccounts + string(o) + "/" + string(a)
}

func creationKey(o OrganizationID, id string) string { return creations + string(o) + "/" + id }

// GetOrganization returns the organization, or nil.
func GetOrganization(r store.Reader, id OrganizationID) (*Organization, error) {
	return get[Organization](r, organizationKey(id))
}

// PutOrganization stores o.
func PutOrganization(tx store.Tx, o *Organization) error { return put(tx, organizationKey(o.ID), o) }

// DeleteOrganization removes o, which no account is in any more.
func DeleteOrganization(tx store.Tx, o *Organization) error { return tx.Delete(organizationKey(o.ID)) }

// Members yields the accounts of the organization in the order of their IDs, from
// the first behind after, which "" is before.
func (o *Organization) Members(r store.Reader, after ids.Account) iter.Seq2[*Account, error] {
	return accountsIn(r, memberAccountKey(o.ID, ""), after)
}

// GetAccountCreation returns the organization's request of that ID, or nil.
func GetAccountCreation(r store.Reader, o OrganizationID, id string) (*AccountCreation, error) {
	return get[AccountCreation](r, creationKey(o, id))
}

// PutAccountCreation stores n.
func PutAccountCreation(tx store.Tx, n *AccountCreation) error {
	return put(tx, creationKey(n.Organization, n.ID), n)
}

// AccountCreations yields the organization's requests in the order of their IDs,
// from the first behind after, which "" is before.
func AccountCreations(r store.Reader, o OrganizationID, after string) iter.Seq2[*AccountCreation, error] {
	prefix := creationKey(o, "")
	return func(yield func(*AccountCreation, error) bool) {
		for id, err := range scanPairs(r, prefix, ids.EntityID(after)) {
			var n *AccountCreation
			if err == nil {
				n, err = GetAccountCreation(r, o, string(id))
			}
			if !yield(n, err) || err != nil {
				return
			}
		}
	}
}

// addOrganizations adds the checks of organizations and what belongs to them.
func addOrganizations(c *checker, spaces map[string]spaceCheck) {
	spaces[organizations], spaces[creations] = c.organization, c.accountCreation
	for _, space := range []string{accountNames, accountEmails, memberAccounts} {
		spaces[space] = c.accountIndex
	}
}

// organization makes sure that the account that manages it is in it.
func (c *checker) organization(key string, value []byte) error {
	o, err := decode[Organization](key, value)
	if err != nil {
		return err
	}
	if organizationKey(o.ID) != key {
		c.problem("%s: holds organization %s", key, o.ID)
	}
	a, err := GetAccount(c.r, o.Management)
	if err == nil && (a == nil || a.Organization != o.ID) {
		c.problem("%s: account %s, which manages it, is not in it", key, o.Management)
	}
	return err
}

// organizationOf makes sure that the organization an account is in exists.
func (c *checker) organizationOf(key string, a *Account) error {
	if a.Organization == "" {
		return nil
	}
	o, err := GetOrganization(c.r, a.Organization)
	if err == nil && o == nil {
		c.problem("%s: organization %s does not exist", key, a.Organization)
	}
	return err
}

// accountCreation makes sure that what a request made is there.
func (c *checker) accountCreation(key string, value []byte) error {
	n, err := decode[AccountCreation](key, value)
	if err != nil {
		return err
	}
	if creationKey(n.Organization, n.ID) != key {
		c.problem("%s: holds request %s of %s", key, n.ID, n.Organization)
	}
	if n.Failure != "" {
		return nil
	}
	a, err := GetAccount(c.r, n.Account)
	if err == nil && a == nil {
		c.problem("%s: account %s does not exist", key, n.Account)
	}
	return err
}
