package directory

import (
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// RoleDeletion is the deletion of a service-linked role, which callers ask about
// afterwards. It is kept for good: there are few.
type RoleDeletion struct {
	Account ids.Account `cbor:"1,keyasint"`
	Task    string      `cbor:"2,keyasint"` // as callers name it: task/aws-service-role/…
	Done    Millis      `cbor:"3,keyasint"`
}

func roleDeletionKey(a ids.Account, task string) string {
	return roleDeletions + string(a) + "/" + task
}

// GetRoleDeletion returns the deletion, or nil.
func GetRoleDeletion(r store.Reader, a ids.Account, task string) (*RoleDeletion, error) {
	return get[RoleDeletion](r, roleDeletionKey(a, task))
}

// PutRoleDeletion stores d.
func PutRoleDeletion(tx store.Tx, d *RoleDeletion) error {
	return put(tx, roleDeletionKey(d.Account, d.Task), d)
}

func (c *checker) roleDeletion(key string, value []byte) error {
	d, err := decode[RoleDeletion](key, value)
	if err == nil && roleDeletionKey(d.Account, d.Task) != key {
		c.problem("%s: holds deletion %s of account %s", key, d.Task, d.Account)
	}
	return err
}
