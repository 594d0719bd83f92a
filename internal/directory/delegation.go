package directory

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// DelegationState is where a delegation request has got to, in AWS's words.
type DelegationState string

// The states.
const (
	DelegationUnassigned DelegationState = "UNASSIGNED"
	DelegationAssigned   DelegationState = "ASSIGNED"
	DelegationPending    DelegationState = "PENDING_APPROVAL"
	DelegationAccepted   DelegationState = "ACCEPTED"
	DelegationFinalized  DelegationState = "FINALIZED"
	DelegationRejected   DelegationState = "REJECTED"
	DelegationExpired    DelegationState = "EXPIRED"
)

// DelegationRequest is what one account asks of another: to act there for a while,
// within a policy.
type DelegationRequest struct {
	ID        string      `cbor:"1,keyasint"`
	Requestor ids.Account `cbor:"2,keyasint"`
	Workflow  string      `cbor:"3,keyasint"` // the requestor's own ID of it, used once

	Description string              `cbor:"4,keyasint"`
	Message     *string             `cbor:"5,keyasint,omitempty"`
	Redirect    *string             `cbor:"6,keyasint,omitempty"`
	Channel     string              `cbor:"7,keyasint"`
	Template    string              `cbor:"8,keyasint"` // the ARN that the policy was made from
	Parameters  []TemplateParameter `cbor:"9,keyasint,omitempty"`
	Policy      Document            `cbor:"10,keyasint"`
	Session     int32               `cbor:"11,keyasint"` // how long the session is to last, in seconds
	OwnerSends  bool                `cbor:"12,keyasint"` // nobody but the owner may finalize it

	OwnerAccount ids.Account `cbor:"13,keyasint,omitempty"` // "" while anybody's may be it
	Owner        Party       `cbor:"14,keyasint"`           // zero while unassigned
	Approver     Party       `cbor:"15,keyasint"`           // zero until accepted
	Notes        *string     `cbor:"16,keyasint,omitempty"`
	Rejection    *string     `cbor:"17,keyasint,omitempty"`

	Reached DelegationState `cbor:"18,keyasint"` // the last state but for Expired: see State
	Created Millis          `cbor:"19,keyasint"`
	Updated Millis          `cbor:"20,keyasint"`
	Expires Millis          `cbor:"21,keyasint"`
}

// Party is an identity as it was when it did something.
type Party struct {
	ID  string `cbor:"1,keyasint,omitempty"` // as in op.Principal
	ARN string `cbor:"2,keyasint,omitempty"`
}

// TemplateParameter is a value that is put into a template.
type TemplateParameter struct {
	Name   string   `cbor:"1,keyasint"`
	Type   string   `cbor:"2,keyasint"`
	Values []string `cbor:"3,keyasint"`
}

// The lives of a request's states, each from when it was reached.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/temporary-delegation-building-integration.html
const (
	unassignedLife = 24 * time.Hour
	delegationLife = 7 * 24 * time.Hour

	// delegationKept is how long an expired request is still shown.
	delegationKept = 30 * 24 * time.Hour
)

// State is where the request is at a moment.
func (d *DelegationRequest) State(now time.Time) DelegationState {
	if !now.Before(d.Expires.Time()) {
		return DelegationExpired
	}
	return d.Reached
}

// Reach is a copy of d that has just got into a state.
func (d *DelegationRequest) Reach(s DelegationState, now time.Time) *DelegationRequest {
	changed := *d
	life := delegationLife
	if s == DelegationUnassigned {
		life = unassignedLife
	}
	changed.Reached, changed.Updated, changed.Expires = s, At(now), At(now.Add(life))
	return &changed
}

func delegationKey(id string) string { return delegations + id }

func delegationWorkflowKey(requestor ids.Account, workflow string) string {
	return delegationWorkflows + string(requestor) + "/" + workflow
}

// DelegationsMade counts the requests that an account has made.
const DelegationsMade Counted = delegationsBy

// indexes are the keys that lead to d: by its requestor and age, by its
// requestor's ID of it, and once it is owned by the owner's account.
func (d *DelegationRequest) indexes() []string {
	indexes := []string{
		fmt.Sprintf("%s%s/%015d/%s", delegationsBy, d.Requestor, int64(d.Created), d.ID),
		delegationWorkflowKey(d.Requestor, d.Workflow),
	}
	if d.Owner != (Party{}) {
		indexes = append(indexes, delegationsOf+string(d.OwnerAccount)+"/"+d.ID)
	}
	return indexes
}

// GetDelegationRequest returns the request, or nil.
func GetDelegationRequest(r store.Reader, id string) (*DelegationRequest, error) {
	return get[DelegationRequest](r, delegationKey(id))
}

// HasDelegationWorkflow reports whether the requestor has used this ID.
func HasDelegationWorkflow(r store.Reader, requestor ids.Account, workflow string) (bool, error) {
	_, ok, err := r.Get(delegationWorkflowKey(requestor, workflow))
	return ok, err
}

// PutDelegationRequest stores d in the place of was; nil for a new one.
func PutDelegationRequest(tx store.Tx, was, d *DelegationRequest) error {
	var indexes []string
	if was != nil {
		indexes = was.indexes()
	} else if err := addCount(tx, d.Requestor, DelegationsMade, +1); err != nil {
		return err
	}
	if err := putIndexes(tx, indexes, d.indexes(), ids.EntityID(d.ID)); err != nil {
		return err
	}
	return put(tx, delegationKey(d.ID), d)
}

// DropDelegations removes the oldest requests that an account has made, a few at a
// time, when they have been expired for long.
func DropDelegations(tx store.Tx, requestor ids.Account, now time.Time) error {
	const few = 4
	for d, err := range scanDelegations(tx, delegationsBy+string(requestor)+"/", "", few) {
		if err != nil {
			return err
		}
		if now.Before(d.Expires.Time().Add(delegationKept)) {
			return nil
		}
		if err := putIndexes(tx, d.indexes(), nil, ""); err != nil {
			return err
		}
		if err := addCount(tx, requestor, DelegationsMade, -1); err != nil {
			return err
		}
		if err := tx.Delete(delegationKey(d.ID)); err != nil {
			return err
		}
	}
	return nil
}

// DelegationsOf yields the requests that identities of the account own, in the order
// of their IDs, from the first behind after.
func DelegationsOf(r store.Reader, a ids.Account, after string) iter.Seq2[*DelegationRequest, error] {
	return scanDelegations(r, delegationsOf+string(a)+"/", after, 0)
}

// scanDelegations yields what an index leads to, and at most so many; 0 is all.
func scanDelegations(r store.Reader, space, after string, most int) iter.Seq2[*DelegationRequest, error] {
	from := space
	if after != "" {
		from += after + "\x00"
	}
	return func(yield func(*DelegationRequest, error) bool) {
		n := 0
		for pair, err := range r.Scan(from, store.PrefixEnd(space)) {
			var d *DelegationRequest
			if err == nil {
				d, err = GetDelegationRequest(r, string(pair.Value))
			}
			if err == nil && d == nil {
				err = fmt.Errorf("index %s leads to no delegation request", pair.Key)
			}
			if n++; !yield(d, err) || err != nil || n == most {
				return
			}
		}
	}
}

// addDelegations adds the checks of delegation requests.
func addDelegations(c *checker, spaces map[string]spaceCheck) {
	spaces[delegations] = c.delegation
	c.counted = append(c.counted, DelegationsMade)
	for _, space := range []string{delegationsBy, delegationsOf, delegationWorkflows} {
		spaces[space] = c.delegationIndex
	}
}

// delegation compares a request with its indexes.
func (c *checker) delegation(key string, value []byte) error {
	d, err := decode[DelegationRequest](key, value)
	if err != nil {
		return err
	}
	if delegationKey(d.ID) != key {
		c.problem("%s: holds delegation request %s", key, d.ID)
	}
	for _, index := range d.indexes() {
		if id, _, err := c.r.Get(index); err != nil || string(id) != d.ID {
			c.problem("%s: index %s leads to %q", key, index, id)
		}
	}
	a, err := GetAccount(c.r, d.Requestor)
	if err == nil && a == nil {
		c.problem("%s: account %s does not exist", key, d.Requestor)
	}
	return err
}

// delegationIndex compares an entry of an index with the request that it leads to.
func (c *checker) delegationIndex(key string, value []byte) error {
	d, err := GetDelegationRequest(c.r, string(value))
	if err == nil && (d == nil || !slices.Contains(d.indexes(), key)) {
		c.problem("%s: leads to %q, which is no such delegation request", key, value)
	}
	return err
}

// DelegationARN names a request in the account that owns it.
func DelegationARN(a ids.Account, id string) string {
	return "arn:aws:iam::" + string(a) + ":" + delegationResource + id
}

const delegationResource = "delegation-request/"

// ParseDelegationARN is the ID in such a name.
func ParseDelegationARN(name string) (a ids.Account, id string, ok bool) {
	rest, ok := strings.CutPrefix(name, "arn:aws:iam::")
	account, rest, found := strings.Cut(rest, ":")
	id, is := strings.CutPrefix(rest, delegationResource)
	return ids.Account(account), id, ok && found && is && id != ""
}
